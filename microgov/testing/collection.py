"""Recordings that pytest collects by themselves: each file `*.eventlog.ndjson` is a test, without a line of code, and so is
each `*.eventlog.ndjson.zst`.
"""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SUFFIXES = (".eventlog.ndjson", ".eventlog.ndjson.zst")


class EventLogFile(pytest.Module):
    """A recording in a folder of tests, in place of a module: fixtures of the folder are in force for its test."""

    def _getobj(self) -> ModuleType:
        """An empty module; there is nothing to import."""
        return ModuleType(self.path.name)

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """The one test of the file."""
        yield pytest.Function.from_parent(self, name="replay", callobj=_test(self.path))


def _test(path: Path) -> Any:
    """A test that replays the recording."""

    def same(replay: Any) -> None:
        replay.assert_same_state()

    return pytest.mark.eventlog(path)(same)
