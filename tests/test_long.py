"""`make long` counts its runs, resumes after an interruption, and starts again for another commit."""

from pathlib import Path
from typing import Any

import pytest

from tests import long

REAL, OTHER = "tests/issues/test_secret_ballots.py", "tests/issues/test_rates_property.py"
RUN = long.run


def interrupted(group: str, seed: int) -> dict[str, Any]:
    """Runs the first, and is stopped in the second."""
    if group == OTHER:
        raise KeyboardInterrupt
    return RUN(group, seed)


def remembered(group: str, seed: int) -> dict[str, Any]:
    return {"seconds": 1, "code": 1, "failed": 2}


def test_long_runs_are_counted_resumed_and_their_failures_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long, "STATE", tmp_path / "long.json")
    monkeypatch.setattr(long, "REPORT", tmp_path / "long.md")
    monkeypatch.setattr(long, "groups", lambda: [REAL, OTHER])
    monkeypatch.setattr(long, "TRIES", "1")
    monkeypatch.setattr(long, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        long.main([])
    monkeypatch.setattr(long, "run", remembered)

    assert long.main([]) == 1

    report = (tmp_path / "long.md").read_text()
    assert f"| `{REAL}` | 1 | 0 |" in report
    assert f"| `{OTHER}` | 0 | 2 |" in report
    assert long.commit() in report
    monkeypatch.setattr(long, "commit", lambda: "another")
    assert long.resume_or_start(anew=False)["done"] == {}
