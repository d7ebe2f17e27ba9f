"""Recordings that pytest collects by themselves: each file `*.eventlog.ndjson` is a test, without a line of code, and so is
each `*.eventlog.ndjson.zst`.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

SUFFIXES = (".eventlog.ndjson", ".eventlog.ndjson.zst")


class EventLogFile(pytest.File):
    """A recording in a folder of tests."""

    def collect(self) -> Iterator[pytest.Item]:
        """The one test of the file."""
        yield EventLogTest.from_parent(self, name="replay")


class EventLogTest(pytest.Item):
    """Replays the recording in memory and on SQLite files."""

    def runtest(self) -> None:
        """Fails with the first difference."""
        from microgov.services.chassis.replay import recording as recordings
        from microgov.testing.replay import Replay, urls_of

        update = self.path if self.config.getoption("--eventlog-update") else None
        with TemporaryDirectory() as folder:
            databases = {name: urls_of(name, Path(folder)) for name in ("memory", "sqlite")}
            Replay(recordings.read(self.path), databases, update).assert_same_state()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What differs, without the traceback of the comparison."""
        from microgov.services.chassis.replay.damage import BadRecording

        if isinstance(excinfo.value, AssertionError | BadRecording):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where the test stands, and its name."""
        return self.path, None, self.path.name.partition(SUFFIXES[0])[0]
