"""Child processes by fork: what the parent has imported, a child need not import again, also after a restart."""

import os
import signal
from collections.abc import Callable, Mapping
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from typing import BinaryIO


def fork(
    main: Callable[[], object], env: Mapping[str, str], log: BinaryIO, before: Callable[[], None]
) -> ForkProcess:
    """Runs `main` in a forked child with a session of its own, after `before`.

    `env` is added to the environment; output goes to `log`. The exit code is what `main` gives to `sys.exit`, 0 when it
    returns and 1 after an exception. Only for a process with one thread. `Process.join` with a timeout is of no use:
    it waits for a file that the child closes at once; ask for `exitcode`.
    """
    process = get_context("fork").Process(target=_run, args=(main, env, log, before), daemon=True)
    process.start()
    return process


def _run(
    main: Callable[[], object], env: Mapping[str, str], log: BinaryIO, before: Callable[[], None]
) -> None:
    before()
    _detach(log)
    os.environ.update(env)
    main()


def _detach(log: BinaryIO) -> None:
    """Own session, default signal handlers, output to `log`, no inherited files."""
    os.setsid()
    for sign, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, signal.SIG_DFL)):
        signal.signal(sign, handler)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, to in ((nothing, 0), (log.fileno(), 1), (log.fileno(), 2)):
        os.dup2(source, to)
    os.closerange(3, min(os.sysconf("SC_OPEN_MAX"), 4096))
