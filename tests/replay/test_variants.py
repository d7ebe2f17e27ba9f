"""What would have happened: a recording without an input, with another one, or up to a message or a time."""

from datetime import UTC, datetime
from typing import Any

import pytest

from microgov.contracts.fields import Role
from microgov.contracts.issues import (
    BallotClosed,
    CastVote,
    CosignIssue,
    CosignIssueV1,
    IssueCosigned,
    OpenBallot,
    ResolutionAdopted,
    SecretBallotCounted,
    VoteCast,
)
from microgov.contracts.log import CommandRefused
from microgov.contracts.message import type_in
from microgov.services.issues.issue.cosigning import Cosign
from microgov.services.issues.issue.issue import Issue
from microgov.testing.replay import Replay

PATCH, BALLOT = "vegetable-patch", "vegetable-ballot"
LI, WANG, ZHAO, CHEN = "vegetable-li", "vegetable-wang", "vegetable-zhao", "vegetable-chen"
pytestmark = pytest.mark.eventlog("../logs/vegetable-patch.ndjson")


def issue(replay: Replay) -> Issue:
    found = replay.row(Issue, PATCH)
    assert found is not None
    return found


def codes(replay: Replay) -> set[str]:
    """The codes of all refusals."""
    return {m.data.code for m in replay.said(CommandRefused)}


def replays(variant: Replay) -> Replay:
    """A variant replays, in memory alone to be quick."""
    variant.databases = {"memory": variant.databases["memory"]}
    variant.assert_same_messages()
    variant.assert_same_state()
    return variant


def test_what_the_present_services_say_and_the_rows_they_end_with(replay: Replay) -> None:
    recorded = sum(1 for m in replay.recording.messages if m.subject.endswith(f"issues.{VoteCast.TYPE}"))

    votes = replay.said(VoteCast, BALLOT)

    assert [m.data.person for m in votes][:2] == [WANG, LI]
    assert len(votes) == len(replay.said(VoteCast)) == recorded
    assert replay.said(VoteCast, "another") == []
    assert {m.writer for m in replay.said(CommandRefused)} == {"issues"}
    assert issue(replay).people == 3
    assert replay.row(Issue, "another") is None
    assert replay.row(Cosign, (PATCH, LI)) is not None
    with pytest.raises(ValueError, match="no folded table"):
        replay.row(Replay, PATCH)


def test_without_these_votes_nothing_was_resolved(replay: Replay) -> None:
    assert [m.data.option for m in replay.said(ResolutionAdopted)] == ["fence"]

    other = replays(replay.without((CastVote, BALLOT)))

    assert other.said(VoteCast) == []
    assert other.said(ResolutionAdopted) == []
    assert "quorum_not_met" in codes(other)


def test_inputs_are_named_by_sequence_id_type_or_a_function(replay: Replay) -> None:
    first = next(m for m in replay.recording.messages if m.subject.endswith(CosignIssueV1.TYPE))
    id = replay.said(IssueCosigned)[0].causationid
    assert id is not None

    ways: list[Any] = [first.seq, id, lambda m: m.id == id]
    people = [[m.data.person for m in replay.without(way).said(IssueCosigned)] for way in ways]

    # Li co-signs twice. Without the first time, the second one counts.
    assert people == [["vegetable-zhang", "vegetable-liu", LI]] * 3
    assert replay.without(CosignIssue).said(IssueCosigned) == []
    assert issue(replay.without(CosignIssue)).people == 0
    of_two = replay.without(first.seq, lambda m: m.authid == LI and m.type == CosignIssueV1.TYPE)
    assert issue(of_two).people == 2


@pytest.mark.eventlog("../logs/secret.ndjson")
def test_reports_about_what_does_not_happen_any_more_are_left_out(replay: Replay) -> None:
    assert replay.said(BallotClosed) != []

    other = replays(replay.without(OpenBallot))

    assert other.said(BallotClosed) == []
    assert {type_in(m.subject) for m in other.left_out} == {SecretBallotCounted.TYPE}
    assert replay.left_out == ()


def test_what_is_no_input_cannot_be_left_out(replay: Replay) -> None:
    answer = next(m for m in replay.recording.messages if m.subject.endswith(VoteCast.TYPE))
    with pytest.raises(ValueError, match="this is an answer; leave out the input from which it follows, 93"):
        replay.without(answer.seq)
    with pytest.raises(ValueError, match="no such input"):
        replay.without(100_000)
    with pytest.raises(ValueError, match="no such input"):
        replay.without((CastVote, "another"))


def test_another_input_is_answered_where_it_stands(replay: Replay) -> None:
    before = next(m for m in replay.recording.messages if m.subject.endswith(CosignIssueV1.TYPE))

    other = replays(replay.insert(CosignIssue(channel="app"), PATCH, by=ZHAO, after=before.seq - 1))

    assert next(m.data.person for m in other.said(IssueCosigned)) == ZHAO
    assert issue(other).people == 4
    told = [m for m in other.recording.messages if b'"inserted"' in m.data and f'"{ZHAO}"'.encode() in m.data]
    assert told[0].seq == before.seq
    last = replays(replay.insert(CosignIssue(channel="app"), PATCH, by=CHEN, role=Role.RESIDENT))
    assert len(last.said(CommandRefused)) == len(replay.said(CommandRefused)) + 1


def test_where_and_by_whom_must_be_known(replay: Replay) -> None:
    with pytest.raises(ValueError, match="no such message; its last one is 164"):
        replay.insert(CosignIssue(channel="app"), PATCH, by=LI, after=100_000)
    with pytest.raises(ValueError, match="say role"):
        replay.insert(CosignIssue(channel="app"), PATCH, by="nobody")


def test_up_to_a_message_or_a_time(replay: Replay) -> None:
    first = next(m for m in replay.recording.messages if m.subject.endswith(CosignIssueV1.TYPE))

    early = replays(replay.until(first.seq))
    day = replay.at(datetime(2026, 3, 3, tzinfo=UTC))

    assert [m.data.person for m in early.said(IssueCosigned)] == [LI]
    assert issue(early).people == 1
    assert len(day.said(IssueCosigned)) == 3
    assert day.said(VoteCast) == []
    assert replay.until(first.seq - 1).said(IssueCosigned) == []
    with pytest.raises(ValueError, match="no zone"):
        replay.at(datetime(2026, 3, 3))  # noqa: DTZ001  # this is the mistake


def test_the_same_input_can_be_inserted_twice(replay: Replay) -> None:
    once = replay.insert(CosignIssue(channel="app"), PATCH, by=ZHAO, after=76)

    twice = replays(once.insert(CosignIssue(channel="app"), PATCH, by=ZHAO, after=76))

    assert issue(twice).people == issue(once).people == 4
    assert len(twice.said(CommandRefused)) == len(once.said(CommandRefused)) + 1
