"""Sessions in a room: who is called, who comes as what, who has a vote, and when they are enough (domain.md §2.3)."""

from datetime import timedelta
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.contracts.directory import RoleRevoked
from microgov.contracts.fields import Role
from microgov.contracts.message import plain
from microgov.services.issues.deliberation.sessions.session import DeliberationSession
from microgov.services.issues.deliberation.topics.topic import Topic
from tests.issues import issue_steps, session_steps
from tests.issues.test_hands import hands
from tests.support.service_driver import ServiceDriver, names, refusal


def code(driver: ServiceDriver, command: Any, subject: str = "s-room", **how: Any) -> tuple[str, str]:
    refused = refusal(driver, command, subject, **{"by": "p-branch", **how})
    return refused.code, refused.field


def states(driver: ServiceDriver) -> tuple[str, str]:
    return driver.row(DeliberationSession, "s-room").state, driver.row(Topic, "topic-1").state


def test_those_whom_the_rules_call_by_class_are_called_by_name_and_the_rules_are_told() -> None:
    driver = issue_steps.start()
    issue_steps.propose(driver)
    session_steps.grant(driver, "p-7", "delegate")
    session_steps.grant(driver, "p-manager", "property_company", "yuanbu")
    session_steps.grant(driver, "p-8", "delegate", "elsewhere")
    session_steps.grant(driver, "p-6", "delegate", until=driver.now)

    convened = driver.say(session_steps.convening(driver, room="活动室"), "topic-1", by="p-branch")[0].event

    assert isinstance(convened, issues.SessionConvened)
    assert (convened.invited, convened.rules, convened.room) == (["p-7", "p-manager"], 1, "活动室")


def test_a_session_online_says_what_it_said_before_there_were_rooms() -> None:
    driver = issue_steps.start()
    issue_steps.propose(driver)

    convened = plain(driver.say(issue_steps.convening(driver), "topic-1", by="p-branch")[0].event)

    assert set(convened) == {"issue", "session", "kind", "opens_at", "closes_at"}


@pytest.mark.rule("2", "the rules say who convenes which kind of session")
@pytest.mark.parametrize(
    ("kind", "by", "refused"),
    [
        ("round_table", "branch", ("not_convener", "role")),
        ("residents_council", "liaison_station", ("not_convener", "role")),
        ("consultative_council", "branch", ("council_missing", "data.council")),
    ],
)
def test_the_rules_say_who_convenes_what(kind: str, by: str, refused: tuple[str, str]) -> None:
    driver = issue_steps.start()
    issue_steps.propose(driver)

    assert code(driver, session_steps.convening(driver, kind), "topic-1", role=by) == refused


def test_a_kind_that_the_rules_leave_out_is_not_held_here() -> None:
    driver = issue_steps.start(procedure={"kinds": [session_steps.rule("residents_council")]})
    issue_steps.propose(driver)

    assert code(driver, session_steps.convening(driver, "round_table"), "topic-1") == (
        "unknown_form",
        "data.kind",
    )


def test_with_enough_votes_in_the_room_it_opens_and_its_ballot_adjourns_it() -> None:
    driver = session_steps.convened()
    recorded = driver.say(session_steps.came(p_1="resident", p_2="resident"), "s-room", by="p-branch")[
        0
    ].event
    assert isinstance(recorded, issues.AttendanceRecorded)
    assert (recorded.present, recorded.voting) == (2, 2)
    session_steps.attend(driver, 3)

    opened = driver.say(issues.OpenSession(), "s-room", by="p-branch")[0].event

    assert isinstance(opened, issues.SessionOpened)
    assert (opened.present, opened.voting, opened.quorum) == (3, 3, 3)
    driver.say(session_steps.opening(driver), "b-1", by="p-branch")
    for n in (1, 2, 3):
        driver.say(issue_steps.vote(), "b-1", by=f"p-{n}")
    closed = driver.wait(hours=1)[0].event
    assert isinstance(closed, issues.BallotClosed)
    assert closed.quorum_met
    assert states(driver) == ("adjourned", "deliberated")


@pytest.mark.rule("2", "too few in the room: nothing is dealt with")
def test_with_too_few_it_ends_and_the_topic_waits_for_another() -> None:
    driver = session_steps.convened()
    session_steps.attend(driver, 1, 2)

    said = driver.say(issues.OpenSession(), "s-room", by="p-branch")

    assert names(said) == ["SessionInquorate"]
    assert states(driver) == ("inquorate", "proposed")
    assert code(driver, session_steps.came(p_3="resident")) == ("wrong_state", "subject")
    assert driver.say(session_steps.convening(driver, session="s-2"), "topic-1", by="p-branch")


def test_a_session_called_off_leaves_the_topic_to_another() -> None:
    driver = session_steps.convened()

    said = driver.say(issues.CallOffSession(reason="停电"), "s-room", by="p-branch")

    assert names(said) == ["SessionCalledOff"]
    assert states(driver) == ("called_off", "proposed")


def test_who_comes_comes_in_a_class_that_is_theirs_and_called() -> None:
    driver = session_steps.convened()
    session_steps.grant(driver, "p-7", "delegate", "yuanbu")
    session_steps.grant(driver, "p-8", "delegate", "elsewhere")
    session_steps.grant(driver, "p-6", "delegate", until=driver.now + timedelta(hours=1))
    outside = ("not_of_the_class", "data.attendees")

    assert code(driver, session_steps.came(p_1="enterprise")) == ("not_invited", "data.attendees")
    assert code(driver, session_steps.came(p_1="delegate")) == outside
    assert code(driver, session_steps.came(p_8="delegate")) == outside
    assert code(driver, session_steps.came(p_99="resident")) == outside
    driver.say(session_steps.came(p_7="delegate"), "s-room", by="p-branch")
    assert code(driver, session_steps.came(p_7="delegate")) == ("already_recorded", "data.attendees")
    driver.wait(hours=2)
    assert code(driver, session_steps.came(p_6="delegate")) == outside
    driver.hear(RoleRevoked(person="p-7", role=Role.DELEGATE, place="yuanbu"), "p-7")
    twice = issues.RecordAttendance(attendees=[issues.Attendee(person="p-1", role=Role.RESIDENT)] * 2)
    assert code(driver, twice) == ("already_recorded", "data.attendees")


@pytest.mark.rule("2", "who has no vote in the room speaks and does not count")
def test_who_has_no_vote_there_speaks_and_does_not_count() -> None:
    driver = session_steps.opened(1, 2, 3)
    session_steps.grant(driver, "p-7", "property_company")
    said = driver.say(session_steps.came(p_7="property_company"), "s-room", by="p-branch")[0].event
    assert isinstance(said, issues.AttendanceRecorded)
    assert (said.present, said.voting, said.attendees[0].votes) == (4, 3, False)
    driver.say(session_steps.opening(driver), "b-1", by="p-branch")

    assert code(driver, issue_steps.vote(), "b-1", by="p-7") == ("no_vote_here", "authid")
    assert code(driver, issue_steps.vote(), "b-1", by="p-8") == ("no_vote_here", "authid")


def test_those_in_the_room_confirm_its_minutes_with_a_vote_or_without() -> None:
    driver = session_steps.opened(1, 2, 3)
    session_steps.grant(driver, "p-7", "property_company")
    driver.say(session_steps.came(p_7="property_company"), "s-room", by="p-branch")
    three = hands(
        session="s-room", people=3, witnesses=["p-1", "p-7"], tally=[session_steps.line("opt-fence", 3)]
    )
    driver.say(three, "b-1", by="p-branch")
    driver.say(issues.DraftMinutes(text="x"), "s-room", by="p-branch")

    assert code(driver, issues.ConfirmMinutes(channel="app"), by="p-5") == ("not_present", "authid")
    driver.say(issues.ConfirmMinutes(channel="app"), "s-room", by="p-7")
    assert names(driver.say(issues.ConfirmMinutes(channel="app"), "s-room", by="p-2")) == [
        "MinutesSigned",
        "MinutesConfirmed",
    ]
    assert driver.say(issues.AdoptResolution(option="opt-fence", items=[]), "topic-1", by="p-branch")


def test_hands_in_a_room_are_those_of_who_is_there() -> None:
    driver = session_steps.opened(1, 2, 3)
    four = hands(
        session="s-room", people=4, witnesses=["p-1", "p-2"], tally=[session_steps.line("opt-fence", 4)]
    )
    absent = hands(
        session="s-room", people=3, witnesses=["p-1", "p-8"], tally=[session_steps.line("opt-fence", 3)]
    )

    assert code(driver, four, "b-1") == ("more_than_present", "data.people")
    assert code(driver, absent, "b-1") == ("witness_not_present", "data.witnesses")


def test_talked_over_without_a_vote_it_is_adjourned_and_nothing_can_be_adopted() -> None:
    driver = session_steps.opened(1, 2, 3)

    assert names(driver.say(issues.AdjournSession(), "s-room", by="p-branch")) == ["SessionAdjourned"]
    driver.say(issues.DraftMinutes(text="x"), "s-room", by="p-branch")
    for n in (1, 2):
        driver.say(issues.ConfirmMinutes(channel="app"), "s-room", by=f"p-{n}")
    assert code(driver, issues.AdoptResolution(option="opt-fence", items=[]), "topic-1") == (
        "no_majority",
        "data.option",
    )
    recorded = driver.say(issues.DeclareNoConsensus(reasons="x"), "topic-1", by="p-branch")
    assert names(recorded)[:2] == ["ConsensusNotReached", "DeliberationRecorded"]
    assert "ballot" not in plain(recorded[1].event)


def test_what_carried_is_adopted_with_its_ballot_after_a_session_that_only_talked() -> None:
    driver = session_steps.opened(1, 2, 3)
    driver.say(
        hands(("opt-fence", 3, 0, 0), session="s-room", people=3, witnesses=["p-1", "p-2"]),
        "b-1",
        by="p-branch",
    )
    for session in ("s-2", "s-3"):
        driver.say(session_steps.convening(driver, session=session), "topic-1", by="p-branch")
        driver.say(session_steps.came(p_1="resident", p_2="resident", p_3="resident"), session, by="p-branch")
        driver.say(issues.OpenSession(), session, by="p-branch")
        driver.say(issues.AdjournSession(), session, by="p-branch")
    driver.say(issues.DraftMinutes(text="未再表决"), "s-3", by="p-branch")
    for n in (1, 2):
        driver.say(issues.ConfirmMinutes(channel="app"), "s-3", by=f"p-{n}")

    said = driver.say(issues.AdoptResolution(option="opt-fence", items=[]), "topic-1", by="p-branch")

    assert names(said)[:2] == ["ResolutionAdopted", "DeliberationRecorded"]
    assert [plain(one.event)["ballot"] for one in said[:2]] == ["b-1", "b-1"]


def test_minutes_of_an_earlier_session_without_a_ballot_settle_nothing_later() -> None:
    driver = session_steps.opened(1, 2, 3)
    driver.say(issues.AdjournSession(), "s-room", by="p-branch")
    driver.say(issues.DraftMinutes(text="x"), "s-room", by="p-branch")
    driver.say(session_steps.convening(driver, session="s-2"), "topic-1", by="p-branch")
    driver.say(session_steps.came(p_1="resident", p_2="resident", p_3="resident"), "s-2", by="p-branch")
    driver.say(issues.OpenSession(), "s-2", by="p-branch")
    driver.say(issues.AdjournSession(), "s-2", by="p-branch")

    for n in (1, 2):
        driver.say(issues.ConfirmMinutes(channel="app"), "s-room", by=f"p-{n}")

    assert code(driver, issues.DeclareNoConsensus(reasons="x"), "topic-1") == (
        "minutes_not_confirmed",
        "subject",
    )


def test_what_belongs_to_a_room_is_refused_online_and_the_other_way_round() -> None:
    driver = issue_steps.start()
    issue_steps.propose(driver)
    driver.say(issue_steps.convening(driver, "s-room"), "topic-1", by="p-branch")
    assert code(driver, session_steps.came(p_1="resident")) == ("session_is_online", "subject")
    assert code(driver, issues.OpenSession()) == ("session_is_online", "subject")
    room = session_steps.convened()
    assert code(room, session_steps.opening(room), "b-1") == ("session_not_opened", "subject")
    assert code(room, hands(session="s-room"), "b-1")[0] == "witness_not_present"


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
    assert code(driver, issues.OpenSession()) == ("session_not_begun", "subject")
    driver.wait(hours=3)
    assert code(driver, issues.OpenSession()) == ("session_over", "subject")
    other = session_steps.opened(1, 2, 3)
    other.say(session_steps.opening(other), "b-1", by="p-branch")
    assert code(other, session_steps.opening(other), "b-2") == ("ballot_held", "subject")
    assert code(other, issues.AdjournSession()) == ("ballot_held", "subject")
