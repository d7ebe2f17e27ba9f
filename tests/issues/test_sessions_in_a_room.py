"""Sessions in a room: who is invited, in which class people attend, who has a vote, and the quorum (domain.md §2.3)."""

from datetime import timedelta

import pytest

from microgov.contracts import issues
from microgov.contracts.directory import RoleRevoked
from microgov.contracts.fields import Role
from microgov.contracts.message import plain
from microgov.testing.service_driver import ServiceDriver, names
from tests.issues import issue_steps, session_steps
from tests.issues.session_steps import code_and_field


def states(driver: ServiceDriver) -> tuple[str, str]:
    """The states of the session and of its topic."""
    return issue_steps.session(driver, "s-room").state, issue_steps.topic(driver).state


def test_people_in_the_classes_of_the_rules_are_invited_by_name() -> None:
    driver = issue_steps.start()
    issue_steps.propose(driver)
    session_steps.grant_role(driver, "p-7", "delegate")
    session_steps.grant_role(driver, "p-manager", "property_company", "yuanbu")
    session_steps.grant_role(driver, "p-8", "delegate", "elsewhere")
    session_steps.grant_role(driver, "p-6", "delegate", until=driver.now)

    convened = driver.say(session_steps.convening(driver, room="活动室"), "topic-1", by="p-branch")[0].event

    assert isinstance(convened, issues.SessionConvened)
    assert (convened.invited, convened.rules, convened.room) == (["p-7", "p-manager"], 1, "活动室")


def test_the_event_of_an_online_session_has_no_fields_of_a_session_in_a_room() -> None:
    driver = issue_steps.start()
    issue_steps.propose(driver)

    convened = plain(driver.say(issue_steps.convening(driver), "topic-1", by="p-branch")[0].event)

    assert set(convened) == {"issue", "session", "kind", "opens_at", "closes_at"}


@pytest.mark.rule("2.3", "the rules say who convenes which kind of session")
@pytest.mark.parametrize(
    ("kind", "by", "refused"),
    [
        ("round_table", "branch", ("not_convener", "role")),
        ("residents_council", "liaison_station", ("not_convener", "role")),
        ("consultative_council", "branch", ("council_missing", "data.council")),
    ],
)
def test_only_the_conveners_in_the_rules_convene_a_kind_of_session(
    kind: str, by: str, refused: tuple[str, str]
) -> None:
    driver = issue_steps.start()
    issue_steps.propose(driver)

    assert code_and_field(driver, session_steps.convening(driver, kind), "topic-1", role=by) == refused


def test_a_kind_of_session_that_is_not_in_the_rules_is_refused() -> None:
    driver = issue_steps.start(procedure={"kinds": [session_steps.procedure("residents_council")]})
    issue_steps.propose(driver)

    assert code_and_field(driver, session_steps.convening(driver, "round_table"), "topic-1") == (
        "unknown_form",
        "data.kind",
    )


def test_a_session_with_enough_votes_opens_and_is_adjourned_by_its_ballot() -> None:
    driver = session_steps.start_convened()
    recorded = driver.say(session_steps.attendance(p_1="resident", p_2="resident"), "s-room", by="p-branch")[
        0
    ].event
    assert isinstance(recorded, issues.AttendanceRecorded)
    assert (recorded.present, recorded.voting) == (2, 2)
    session_steps.attend(driver, 3)

    opened = driver.say(issues.OpenSession(), "s-room", by="p-branch")[0].event

    assert isinstance(opened, issues.SessionOpened)
    assert (opened.present, opened.voting, opened.quorum) == (3, 3, 3)
    driver.say(session_steps.opening_ballot(driver), "b-1", by="p-branch")
    for n in (1, 2, 3):
        driver.say(issue_steps.voting(), "b-1", by=f"p-{n}")
    closed = driver.wait(hours=1)[0].event
    assert isinstance(closed, issues.BallotClosed)
    assert closed.quorum_met
    assert states(driver) == ("adjourned", "deliberated")


@pytest.mark.rule("2.3", "with too few votes in the room a session ends without a decision")
def test_a_session_with_too_few_votes_ends_and_the_topic_waits_for_another() -> None:
    driver = session_steps.start_convened()
    session_steps.attend(driver, 1, 2)

    said = driver.say(issues.OpenSession(), "s-room", by="p-branch")

    assert names(said) == ["SessionInquorate"]
    assert states(driver) == ("inquorate", "proposed")
    assert code_and_field(driver, session_steps.attendance(p_3="resident")) == ("wrong_state", "subject")
    assert driver.say(session_steps.convening(driver, session="s-2"), "topic-1", by="p-branch")


def test_a_session_called_off_leaves_the_topic_to_another() -> None:
    driver = session_steps.start_convened()

    said = driver.say(issues.CallOffSession(reason="停电"), "s-room", by="p-branch")

    assert names(said) == ["SessionCalledOff"]
    assert states(driver) == ("called_off", "proposed")


def test_people_attend_in_a_class_that_is_invited_and_that_they_hold() -> None:
    driver = session_steps.start_convened()
    session_steps.grant_role(driver, "p-7", "delegate", "yuanbu")
    session_steps.grant_role(driver, "p-8", "delegate", "elsewhere")
    session_steps.grant_role(driver, "p-6", "delegate", until=driver.now + timedelta(hours=1))
    outside = ("not_of_the_class", "data.attendees")

    assert code_and_field(driver, session_steps.attendance(p_1="enterprise")) == (
        "not_invited",
        "data.attendees",
    )
    assert code_and_field(driver, session_steps.attendance(p_1="delegate")) == outside
    assert code_and_field(driver, session_steps.attendance(p_8="delegate")) == outside
    assert code_and_field(driver, session_steps.attendance(p_99="resident")) == outside
    driver.say(session_steps.attendance(p_7="delegate"), "s-room", by="p-branch")
    assert code_and_field(driver, session_steps.attendance(p_7="delegate")) == (
        "already_recorded",
        "data.attendees",
    )
    driver.wait(hours=2)
    assert code_and_field(driver, session_steps.attendance(p_6="delegate")) == outside
    driver.hear(RoleRevoked(person="p-7", role=Role.DELEGATE, place="yuanbu"), "p-7")
    twice = issues.RecordAttendance(attendees=[issues.Attendee(person="p-1", role=Role.RESIDENT)] * 2)
    assert code_and_field(driver, twice) == ("already_recorded", "data.attendees")


@pytest.mark.rule("2.3", "people without a vote may speak in the room and do not count")
def test_people_without_a_vote_attend_and_do_not_count() -> None:
    driver = session_steps.start_opened(1, 2, 3)
    session_steps.grant_role(driver, "p-7", "property_company")
    said = driver.say(session_steps.attendance(p_7="property_company"), "s-room", by="p-branch")[0].event
    assert isinstance(said, issues.AttendanceRecorded)
    assert (said.present, said.voting, said.attendees[0].votes) == (4, 3, False)
    driver.say(session_steps.opening_ballot(driver), "b-1", by="p-branch")

    assert code_and_field(driver, issue_steps.voting(), "b-1", by="p-7") == ("no_vote_here", "authid")
    assert code_and_field(driver, issue_steps.voting(), "b-1", by="p-8") == ("no_vote_here", "authid")


def test_commands_for_a_room_are_refused_online_and_the_other_way_round() -> None:
    driver = issue_steps.start()
    issue_steps.propose(driver)
    driver.say(issue_steps.convening(driver, "s-room"), "topic-1", by="p-branch")
    assert code_and_field(driver, session_steps.attendance(p_1="resident")) == (
        "session_is_online",
        "subject",
    )
    assert code_and_field(driver, issues.OpenSession()) == ("session_is_online", "subject")
    room = session_steps.start_convened()
    assert code_and_field(room, session_steps.opening_ballot(room), "b-1") == (
        "session_not_opened",
        "subject",
    )
    assert code_and_field(room, session_steps.hand_count(session="s-room"), "b-1")[0] == "witness_not_present"


def test_a_session_opens_in_its_time_and_holds_one_ballot() -> None:
    driver = issue_steps.start()
    issue_steps.propose(driver)
    later = driver.now + timedelta(hours=1)
    driver.say(
        session_steps.convening(driver, opens_at=later, closes_at=later + timedelta(hours=1)),
        "topic-1",
        by="p-branch",
    )
    session_steps.attend(driver, 1, 2, 3)
    assert code_and_field(driver, issues.OpenSession()) == ("session_not_begun", "subject")
    driver.wait(hours=3)
    assert code_and_field(driver, issues.OpenSession()) == ("session_over", "subject")
    other = session_steps.start_opened(1, 2, 3)
    other.say(session_steps.opening_ballot(other), "b-1", by="p-branch")
    assert code_and_field(other, session_steps.opening_ballot(other), "b-2") == ("ballot_held", "subject")
    assert code_and_field(other, issues.AdjournSession()) == ("ballot_held", "subject")
