"""The sandbox denies handlers what is neither in their message nor in the rows, and leaves no trace behind."""

import datetime
import importlib
import os
import random
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.services.chassis.model import Said
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.replay.difference import Difference
from microgov.services.chassis.replay.feeding import prepare
from microgov.services.chassis.replay.replay import check
from microgov.services.chassis.service import several
from microgov.services.chassis.store.engine import engine
from microgov.services.issues.issue import issue
from tests.replay.test_comparison import ISSUES, PATCH


def replayed(act: Callable[[], object]) -> Difference | None:
    """The first difference of a service that does this when an issue is co-signed."""
    whole = ISSUES.handlers[issues.CosignIssue]

    def acting(m: Any, s: Any) -> list[Said]:
        act()
        return list(several(whole(m, s)))

    made = engine("sqlite://")
    service = replace(ISSUES, handlers={**ISSUES.handlers, issues.CosignIssue: acting})
    prepare(made, service)
    return check(service, recordings.read(PATCH), made)


FORBIDDEN: dict[str, Callable[[], object]] = {
    "datetime.now": lambda: datetime.datetime.now(datetime.UTC),
    "date.today": lambda: datetime.date.today(),  # noqa: DTZ011  # forbidden on purpose
    "time.monotonic": lambda: time.monotonic(),
    "time.sleep": lambda: time.sleep(0),
    "random.choice": lambda: random.choice([1, 2]),
    "os.urandom": lambda: os.urandom(1),
    "secrets": lambda: __import__("secrets").token_hex(),
    "os.getenv": lambda: os.getenv("HOME"),
    "os.environ": lambda: list(os.environ),
    "a file": lambda: Path("/dev/null").read_bytes(),
    "a folder": lambda: list(Path("/").iterdir()),
    "a program": lambda: os.system("true"),  # forbidden on purpose
}


@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_a_handler_that_asks_for_it_fails_at_that_line(name: str) -> None:
    found = replayed(FORBIDDEN[name])

    assert found is not None
    assert found.error is not None
    assert (found.cause, found.error.type) == ("issues.cosign_issue.v1", "Nondeterministic")
    assert "tests/replay/test_sandbox.py" in found.error.trace


def test_an_except_in_the_handler_does_not_swallow_it() -> None:
    def swallowing() -> None:
        with suppress(Exception):
            time.monotonic()

    found = replayed(swallowing)

    assert found is not None


def test_what_depends_on_the_message_alone_is_allowed() -> None:
    def allowed() -> None:
        assert isinstance(datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC), datetime.datetime)
        assert datetime.datetime.fromisoformat("2026-03-01T00:00:00Z").year == 2026
        assert datetime.date(2026, 3, 1) < datetime.date(2026, 3, 2)
        assert random.Random(1).random() == random.Random(1).random()

    assert replayed(allowed) is None


def test_after_a_replay_everything_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = datetime.datetime, datetime.date, time.time, os.urandom, vars(issue)["datetime"]
    (tmp_path / "imported_late.py").write_text("from datetime import datetime\n")
    monkeypatch.syspath_prepend(tmp_path)

    def imports() -> None:
        importlib.import_module("imported_late")

    assert replayed(imports) is None

    assert (datetime.datetime, datetime.date, time.time, os.urandom, vars(issue)["datetime"]) == before
    assert sys.modules.pop("imported_late").datetime is datetime.datetime
    assert datetime.datetime.now(datetime.UTC).year >= 2026
    assert (tmp_path / "imported_late.py").read_text()
