"""A child process that does not outlive its parent."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
"""The option of Linux' prctl by which a process gets a signal when its parent ends."""


def die_with(parent: int) -> Callable[[], None]:
    """A function to be called in the child: on Linux it makes the kernel kill the child when its parent, the process with
    this id, ends.
    """
    if not sys.platform.startswith("linux"):
        return lambda: None
    libc = ctypes.CDLL(None)

    def ask_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel
