"""Child processes by fork, so that modules imported in the parent need no second import, also after a restart."""

import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import BinaryIO


class Forked:
    """The part of `Popen` that the supervisor needs; `returncode` is negative for a signal, as there."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The return code, or None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The return code. Raises subprocess.TimeoutExpired."""
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            time.sleep(0.01)
        return code

    def terminate(self) -> None:
        """Sends SIGTERM."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Sends SIGKILL."""
        self._signal(signal.SIGKILL)

    def _signal(self, which: signal.Signals) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, which)


def fork(
    main: Callable[[], object], env: Mapping[str, str], log: BinaryIO, before: Callable[[], None]
) -> Forked:
    """Runs `main` in a forked child with a session of its own, after `before`.

    `env` is added to the environment; output goes to `log`. Only for a process with one thread.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return Forked(pid)
    code = 1
    try:
        before()
        _alone(log)
        os.environ.update(env)
        main()
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _alone(log: BinaryIO) -> None:
    """Detaches the child: own session, default signal handlers, output to `log`, no inherited files."""
    os.setsid()
    for sign, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, signal.SIG_DFL)):
        signal.signal(sign, handler)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, to in ((nothing, 0), (log.fileno(), 1), (log.fileno(), 2)):
        os.dup2(source, to)
    os.closerange(3, os.sysconf("SC_OPEN_MAX") if os.sysconf("SC_OPEN_MAX") < 4096 else 4096)
