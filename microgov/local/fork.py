"""Starts child processes by fork: a child has all modules that the parent has imported, also after a restart."""

import os
import signal
from collections.abc import Callable, Mapping
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from typing import BinaryIO


def fork(
    main: Callable[[], object], env: Mapping[str, str], log: BinaryIO, before: Callable[[], None]
) -> ForkProcess:
    """Calls `before`, then `main`, in a forked child that has its own session. The parent must have a single thread.

    `env` is added to the child's environment; its output goes to `log`. Its exit code is the argument of `sys.exit`, 0 if
    `main` returns, and 1 after an exception. To see whether the child has ended, ask for `exitcode`: `join` with a timeout
    returns at once, because it waits for a file that the child closes when it starts.
    """
    process = get_context("fork").Process(target=_run, args=(main, env, log, before), daemon=True)
    process.start()
    return process


def _run(
    main: Callable[[], object], env: Mapping[str, str], log: BinaryIO, before: Callable[[], None]
) -> None:
    """What the child does."""
    before()
    _detach(log)
    os.environ.update(env)
    main()


def _detach(log: BinaryIO) -> None:
    """Gives this process its own session, default signal handlers and `log` as output, and closes inherited files."""
    os.setsid()
    for sign, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, signal.SIG_DFL)):
        signal.signal(sign, handler)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, to in ((nothing, 0), (log.fileno(), 1), (log.fileno(), 2)):
        os.dup2(source, to)
    os.closerange(3, min(os.sysconf("SC_OPEN_MAX"), 4096))
