"""A process that runs commands of microgov, each in a fork of its own, and kills the fork with SIGKILL before a step.

A step is a call that changes what is in the folder: a file is opened to be written, renamed, removed, a folder is made or
removed, a database is opened; or a program is started. It is named by the call, the path and how often both came before;
times, numbers and hashes are left out, so that a step has the same name in each run. Each line of standard input is `[step,
[argument, …]]`; each answer is a line: the names of all steps that were reached, and the exit code (None if the fork was
killed). Run as `python -m tests.safekeeping.killed_at FOLDER`.
"""

import json
import os
import re
import signal
import sys
from collections import Counter
from typing import Any

from microgov.__main__ import run
from microgov.commands import backup_create, backup_verify, restore  # noqa: F401  # so that no fork has to import them
from microgov.folds import FOLDS  # noqa: F401

CHANGES = frozenset({"os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.truncate", "sqlite3.connect"})
WRITING = os.O_WRONLY | os.O_RDWR
CHANGING = re.compile(r"\d{8}T\d{6}Z|\d{8}T[\d.]+Z-[0-9a-f]{64}|\d{19}-\d{19}|(?<=one-by-one)\.\d+")
TIMES = 2
"""How often the same call with the same path is a step: an erasure changes each backup in the same way."""


def main() -> None:
    """Answers every line of standard input."""
    for line in sys.stdin:
        step, arguments = json.loads(line)
        reading, writing = os.pipe()
        pid = os.fork()
        if not pid:
            sys.addaudithook(_Killing(sys.argv[1], step, writing))
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what the command prints
            os._exit(run(arguments))
        os.close(writing)
        with os.fdopen(reading) as reached:
            steps = reached.read().splitlines()
        _, status = os.waitpid(pid, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print(json.dumps([steps, None if killed else os.waitstatus_to_exitcode(status)]), flush=True)


class _Killing:
    """Kills this process before the step of this name; writes the name of each step that is reached to `to`."""

    def __init__(self, folder: str, step: str, to: int) -> None:
        self.folder, self.step, self.to = folder, step, to
        self.counts = Counter[str]()

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(args[2], int) and args[2] & WRITING
        changes = (writes or event in CHANGES) and self._inside(str(args[0]), args[-1])
        if not changes and event != "subprocess.Popen":
            return
        name = f"{event} {CHANGING.sub('*', str(args[0]).removeprefix(self.folder))}"
        self.counts[name] += 1
        if self.counts[name] > TIMES:
            return
        step = f"{name} {self.counts[name]}"
        os.write(self.to, f"{step}\n".encode())
        if step == self.step:
            os.kill(os.getpid(), signal.SIGKILL)

    def _inside(self, path: str, last: Any) -> bool:
        """Whether the path is in the folder. One that is relative to an open folder is: trees are removed only there."""
        return path.startswith(self.folder) or (
            not path.startswith("/") and isinstance(last, int) and last >= 0
        )


if __name__ == "__main__":
    main()
