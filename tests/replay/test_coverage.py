"""What the recordings of this repository exercise: it may rise, and not fall."""

import json
from pathlib import Path

import pytest

from microgov.__main__ import run
from microgov.contracts.registry import every_message
from microgov.folds import FOLDS
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.replay.coverage import KINDS, Coverage, coverage
from microgov.testing.notices import exercised_notices

LOGS = sorted((Path(__file__).parents[1] / "logs").glob("*.ndjson"))
LEAST = {
    "directory": {"handlers": 6, "deadlines": 0, "transitions": 0, "refusals": 0},
    "issues": {"handlers": 83, "deadlines": 4, "transitions": 90, "refusals": 14},
    "matching": {"handlers": 36, "deadlines": 2, "transitions": 53, "refusals": 6},
    "notify": {"handlers": 57, "deadlines": 0, "transitions": 0, "refusals": 0},
}
"""How much the recordings exercised when this was written. Raise a number when a new recording exercises more."""


@pytest.fixture(scope="module")
def covered() -> dict[str, Coverage]:
    every_message()
    return {one.service: one for one in coverage(FOLDS, [recordings.read(path) for path in LOGS])}


@pytest.mark.parametrize("service", sorted(LEAST))
def test_the_recordings_exercise_as_much_as_before(service: str, covered: dict[str, Coverage]) -> None:
    found = {kind: covered[service].counts(kind)[0] for kind in KINDS}

    assert [kind for kind in KINDS if found[kind] < LEAST[service][kind]] == []


def test_a_rule_that_no_recording_tries_is_listed(covered: dict[str, Coverage]) -> None:
    """The refusal `own_issue` could be dropped, and every replay would stay green."""
    assert "own_issue" in covered["issues"].missing("refusals")
    assert "no_deliberation_record" not in covered["issues"].missing("refusals")
    assert "issues.cosign_issue.v1" not in covered["issues"].missing("handlers")


def test_one_recording_exercises_less_than_all(covered: dict[str, Coverage]) -> None:
    (issues,) = [one for one in coverage(FOLDS, [recordings.read(LOGS[0])]) if one.service == "issues"]

    assert issues.counts("handlers")[0] < covered["issues"].counts("handlers")[0]
    assert issues.counts("transitions")[0] < covered["issues"].counts("transitions")[0]


def test_the_command_shows_a_table_lists_what_is_missing_and_asks_for_a_percentage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = [str(path) for path in LOGS[:2]]

    assert run(["log", "coverage", *files, "--missing"]) == 0
    shown = capsys.readouterr().out
    assert run(["log", "coverage", *files, "--at-least", "99"]) == 1
    capsys.readouterr()
    assert run(["log", "coverage", *files, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)

    assert "issues refusals: own_issue" in shown
    assert 0 < said["percentage"] < 99
    assert {one["service"] for one in said["services"]} == {service.name for service in FOLDS}


def test_notices_are_counted_by_their_type() -> None:
    found = exercised_notices([recordings.read(path) for path in LOGS])

    assert found["result_reported"]
    assert not all(found.values())
