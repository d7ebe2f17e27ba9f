"""Recorded stories of orders and care teams: a replay gives the same events and the same rows."""

from pathlib import Path

import pytest

from microgov.testing.replay import Replay

LOGS = Path(__file__).parents[1] / "logs"


@pytest.mark.eventlog(LOGS / "fair.ndjson")
def test_the_haircut_fair(replay: Replay) -> None:
    replay.assert_same_messages()
    replay.assert_same_state()


@pytest.mark.eventlog(LOGS / "hospital.ndjson")
def test_the_way_to_the_hospital(replay: Replay) -> None:
    replay.assert_same_messages()
    replay.assert_same_state()


@pytest.mark.eventlog(LOGS / "careteam.ndjson")
def test_the_care_team(replay: Replay) -> None:
    replay.assert_same_messages()
    replay.assert_same_state()


@pytest.mark.eventlog(LOGS / "dialect.ndjson")
def test_the_wenzhou_dialect(replay: Replay) -> None:
    replay.assert_same_messages()
    replay.assert_same_state()


@pytest.mark.eventlog(LOGS / "advice.ndjson")
def test_the_legal_advice(replay: Replay) -> None:
    replay.assert_same_messages()
    replay.assert_same_state()


@pytest.mark.eventlog(LOGS / "wish.ndjson")
def test_the_wish(replay: Replay) -> None:
    replay.assert_same_messages()
    replay.assert_same_state()


@pytest.mark.eventlog(LOGS / "joint.ndjson")
def test_the_joint_service(replay: Replay) -> None:
    replay.assert_same_messages()
    replay.assert_same_state()
