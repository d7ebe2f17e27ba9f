"""Standing councils: members by class and term, and sessions that need a share of them (domain.md §2.3)."""

from datetime import timedelta

import pytest

from microgov.contracts import issues
from microgov.contracts.fields import Role
from microgov.services.issues.deliberation.sessions.council import LIFE, Seat
from microgov.testing.service_driver import ServiceDriver, names
from tests.issues import issue_steps, session_steps
from tests.issues.session_steps import code_and_field
from tests.support.state_machines import refuses

CLASSES = (Role.RESPECTED_LOCAL, Role.ENTREPRENEUR, Role.VOLUNTEER_BACKBONE, Role.RESPECTED_LOCAL)


def start_with_council(members: int = 4) -> ServiceDriver:
    """A service with a council `c-1` of so many members."""
    driver = issue_steps.start()
    driver.say(issues.FormCouncil(place="yuanbu", name="元埠议事协商会"), "c-1", by="p-branch")
    for n, role in enumerate(CLASSES[:members], 1):
        driver.say(seating(driver, f"p-{n}", role), f"seat-{n}", by="p-branch")
    return driver


def seating(
    driver: ServiceDriver, person: str, role: Role, days: int = 300, council: str = "c-1"
) -> issues.SeatMember:
    """The command that seats the person in a class for so many days."""
    return issues.SeatMember(
        council=council, person=person, role=role, until=driver.now + timedelta(days=days)
    )


def start_convened(members: int = 4) -> ServiceDriver:
    """A service with the council `c-1` and its session `s-room`, convened on `topic-1`."""
    driver = start_with_council(members)
    issue_steps.propose(driver)
    driver.say(
        session_steps.convening(driver, "consultative_council", council="c-1"), "topic-1", by="p-branch"
    )
    return driver


def test_a_seat_refuses_what_its_state_does_not_allow() -> None:
    driver = start_with_council()

    assert (
        refuses(
            driver,
            LIFE,
            driver.row(Seat, "seat-1"),
            {
                issues.UnseatMember: lambda: driver.say(
                    issues.UnseatMember(reason="x"), "seat-1", by="p-branch"
                )
            },
        )
        == 1
    )


def test_members_are_invited_by_name_and_attend_in_the_class_of_their_seat() -> None:
    driver = start_with_council()
    issue_steps.propose(driver)
    said = driver.say(
        session_steps.convening(driver, "consultative_council", council="c-1"), "topic-1", by="p-branch"
    )[0].event
    assert isinstance(said, issues.SessionConvened)
    assert said.invited == ["p-1", "p-2", "p-3", "p-4"]

    assert code_and_field(driver, session_steps.attendance(p_1="entrepreneur"), "s-room") == (
        "not_of_the_class",
        "data.attendees",
    )
    session_steps.grant_role(driver, "p-5", "respected_local")
    assert code_and_field(driver, session_steps.attendance(p_5="respected_local"), "s-room") == (
        "not_of_the_class",
        "data.attendees",
    )
    assert names(driver.say(session_steps.attendance(p_1="respected_local"), "s-room", by="p-branch")) == [
        "AttendanceRecorded"
    ]


@pytest.mark.rule("2.3", "the quorum of a council is a share of its members")
def test_the_quorum_of_a_council_is_a_share_of_its_members_if_that_is_more() -> None:
    driver = start_convened()
    driver.say(session_steps.attendance(p_1="respected_local", p_2="entrepreneur"), "s-room", by="p-branch")
    said = driver.say(issues.OpenSession(), "s-room", by="p-branch")[0].event
    assert isinstance(said, issues.SessionInquorate)
    assert said.quorum == 3
    for n in (5, 6, 7):
        driver.say(seating(driver, f"p-{n}", Role.RESPECTED_LOCAL), f"seat-{n}", by="p-branch")
    again = session_steps.convening(driver, "consultative_council", session="s-2", council="c-1")
    driver.say(again, "topic-1", by="p-branch")
    driver.say(
        session_steps.attendance(p_5="respected_local", p_6="respected_local", p_7="respected_local"),
        "s-2",
        by="p-branch",
    )

    said = driver.say(issues.OpenSession(), "s-2", by="p-branch")[0].event

    assert isinstance(said, issues.SessionInquorate)
    assert (said.voting, said.quorum) == (3, 4)


def test_a_seat_is_vacated_by_the_branch_or_when_its_term_ends() -> None:
    driver = start_with_council(2)
    (unseated,) = driver.say(issues.UnseatMember(reason="搬走了"), "seat-1", by="p-branch")
    assert unseated.event == issues.SeatVacated(council="c-1", person="p-1", members=1, reason="搬走了")
    assert code_and_field(driver, issues.UnseatMember(reason="x"), "seat-1") == ("wrong_state", "subject")

    ended = [said.event for said in driver.wait(days=400)]

    assert [type(event).__name__ for event in ended] == ["SeatVacated"]
    assert isinstance(ended[0], issues.SeatVacated)
    assert (ended[0].person, ended[0].members, ended[0].reason) == ("p-2", 0, None)
    assert code_and_field(driver, issues.UnseatMember(reason="x"), "seat-2") == ("wrong_state", "subject")


@pytest.mark.rule("2.3", "a council has members by class and term")
def test_a_seat_needs_a_class_of_the_rules_a_person_without_a_seat_and_a_term_in_the_future() -> None:
    driver = start_with_council(1)
    past = seating(driver, "p-5", Role.RESPECTED_LOCAL, days=0)

    assert code_and_field(driver, seating(driver, "p-5", Role.RESIDENT), "seat-9") == (
        "not_invited",
        "data.role",
    )
    assert code_and_field(driver, seating(driver, "p-1", Role.ENTREPRENEUR), "seat-9") == (
        "already_seated",
        "data.person",
    )
    assert code_and_field(driver, past, "seat-9") == ("term_over", "data.until")
    assert code_and_field(driver, seating(driver, "p-5", Role.RESPECTED_LOCAL, council="c-9"), "seat-9") == (
        "not_found",
        "data.council",
    )
    assert code_and_field(driver, seating(driver, "p-5", Role.RESPECTED_LOCAL), "seat-1") == (
        "already_exists",
        "subject",
    )
    (seated,) = driver.say(seating(driver, "p-5", Role.RESPECTED_LOCAL), "seat-2", by="p-branch")
    assert isinstance(seated.event, issues.MemberSeated)
    assert seated.event.members == 2


def test_a_council_deals_with_issues_of_its_place_and_other_sessions_name_no_council() -> None:
    driver = start_with_council()
    issue_steps.propose(driver)
    driver.say(issues.FormCouncil(place="elsewhere", name="别处"), "c-2", by="p-branch")

    other = session_steps.convening(driver, "consultative_council", council="c-2")
    assert code_and_field(driver, other, "topic-1") == ("wrong_council", "data.council")
    assert code_and_field(driver, session_steps.convening(driver, council="c-1"), "topic-1") == (
        "council_not_asked",
        "data.council",
    )
    assert code_and_field(driver, issues.FormCouncil(place="nowhere", name="x"), "c-3") == (
        "unknown_place",
        "data.place",
    )
