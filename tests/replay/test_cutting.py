"""A recording that is cut down to one entity: small, and with the same answers about it."""

from collections import Counter
from pathlib import Path

import pytest

from microgov.contracts.message import canonical, type_in
from microgov.folds import FOLDS
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.log import body_of, id_of
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.entities import is_about
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.regeneration.cutting import Cut, cut
from microgov.testing.replay import Replay, urls_of
from microgov.testing.updating import with_states

FOLDER = Path(__file__).parents[1] / "logs"
LOGS = sorted(FOLDER.glob("*.ndjson"))
OWNERS = ("issues.", "matching.", "notify.")


def logged(name: str) -> Recording:
    return recordings.read(FOLDER / f"{name}.ndjson")


def replayed(made: Cut) -> None:
    """The cut replays."""
    replay = Replay(with_states(made.made, FOLDS).recording, {"memory": urls_of("memory", Path())})
    replay.assert_same_messages()
    replay.assert_same_state()


def names(recording: Recording) -> list[str]:
    return [type_in(m.subject) for m in recording.messages]


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_the_answers_about_an_entity_are_the_same_in_a_smaller_recording(path: Path) -> None:
    recording = recordings.read(path)
    sent = [m for m in recording.messages if ".gateway." in m.subject]
    commands = [body_of(m) for m in sent if type_in(m.subject).startswith(OWNERS)]
    entity = Counter(body["subject"] for body in commands).most_common(1)[0][0]

    made = cut(recording, FOLDS, entity)

    assert made.other == ()
    assert made.made.left_out == ()
    assert made.inputs < made.of_inputs
    replayed(made)
    said = {id_of(m) for m in recording.messages if is_about(m, entity)}
    assert said <= {id_of(m) for m in made.made.recording.messages}


def test_what_other_entities_did_is_gone() -> None:
    made = cut(logged("vegetable-patch"), FOLDS, "vegetable-lamp")

    assert set(names(made.made.recording)) == {
        "directory.change_rules.v1",
        "directory.rules_changed.v1",
        "directory.define_place.v1",
        "directory.place_defined.v1",
        "directory.register_person.v1",
        "directory.person_registered.v1",
        "issues.submit_issue.v1",
        "issues.issue_submitted.v1",
        "issues.issue_accepted.v1",
        "notify.notice_delivered.v1",
    }
    assert made.inputs == 6


def test_the_votes_of_a_ballot_come_with_the_issue_that_it_is_about() -> None:
    """No vote names the issue; the closing of the ballot does, and counts the votes."""
    made = cut(logged("vegetable-patch"), FOLDS, "vegetable-patch")

    assert names(made.made.recording).count("issues.cast_vote.v1") == 6


def test_shared_sums_bring_in_only_what_counts() -> None:
    """Everybody's notices are counted a day, and most orders of the fair share the people who are told."""
    made = cut(logged("fair"), FOLDS, "fair-o38")

    assert made.other == ()
    assert made.inputs < 80 < made.of_inputs


def test_up_to_a_message_what_comes_later_is_gone_and_its_answers_are_there() -> None:
    recording = logged("vegetable-patch")
    cosign = next(m for m in recording.messages if type_in(m.subject) == "issues.cosign_issue.v1")

    made = cut(recording, FOLDS, "vegetable-patch", cosign.seq)

    assert made.other == ()
    found = names(made.made.recording)
    assert found.count("issues.cosign_issue.v1") == found.count("issues.issue_cosigned.v1") == 1
    assert "issues.cast_vote.v1" not in found
    replayed(made)


def test_the_services_answers_that_differ_are_named() -> None:
    recording = logged("vegetable-patch")
    messages = [
        m._replace(data=m.data.replace(b'"people":2', b'"people":7')) if b"issue_cosigned" in m.data else m
        for m in recording.messages
    ]
    made = cut(Recording(recording.tenant, tuple(messages), {}), FOLDS, "vegetable-patch")

    assert [type_in(m.subject) for m in made.other] == ["issues.issue_cosigned.v1"]


def test_messages_whose_data_is_no_object_can_be_cut() -> None:
    """Of an input that its contract does not admit, `log redact` leaves no data."""
    recording = logged("vegetable-patch")
    messages = [
        m._replace(data=canonical({**body_of(m), "data": "text"}))
        if type_in(m.subject) == "issues.report_result.v1"
        else m
        for m in recording.messages
    ]

    made = cut(Recording(recording.tenant, tuple(messages), {}), FOLDS, "vegetable-patch")

    assert names(made.made.recording).count("issues.report_result.v1") == 1


def test_an_entity_that_is_not_there_gets_suggestions() -> None:
    with pytest.raises(Problem, match="Is it vegetable-patch"):
        cut(logged("vegetable-patch"), FOLDS, "vegetable-path")
    with pytest.raises(Problem):
        cut(logged("vegetable-patch"), FOLDS, "vegetable-ballot", upto=3)
