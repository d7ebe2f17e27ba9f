"""The results of a session in a room: minutes, and a resolution or none (domain.md §2.3)."""

from microgov.contracts import issues
from microgov.contracts.message import plain
from microgov.testing.service_driver import names
from tests.issues import session_steps
from tests.issues.session_steps import code_and_field


def test_people_present_confirm_the_minutes_with_or_without_a_vote() -> None:
    driver = session_steps.start_opened(1, 2, 3)
    session_steps.grant_role(driver, "p-7", "property_company")
    driver.say(session_steps.attendance(p_7="property_company"), "s-room", by="p-branch")
    three = session_steps.hand_count(
        session="s-room", people=3, witnesses=["p-1", "p-7"], tally=[session_steps.tally_line("opt-fence", 3)]
    )
    driver.say(three, "b-1", by="p-branch")
    driver.say(issues.DraftMinutes(text="x"), "s-room", by="p-branch")

    assert code_and_field(driver, issues.ConfirmMinutes(channel="app"), by="p-5") == ("not_present", "authid")
    driver.say(issues.ConfirmMinutes(channel="app"), "s-room", by="p-7")
    assert names(driver.say(issues.ConfirmMinutes(channel="app"), "s-room", by="p-2")) == [
        "MinutesSigned",
        "MinutesConfirmed",
    ]
    assert driver.say(issues.AdoptResolution(option="opt-fence", items=[]), "topic-1", by="p-branch")


def test_a_hand_count_in_a_room_counts_only_people_present() -> None:
    driver = session_steps.start_opened(1, 2, 3)
    four = session_steps.hand_count(
        session="s-room", people=4, witnesses=["p-1", "p-2"], tally=[session_steps.tally_line("opt-fence", 4)]
    )
    absent = session_steps.hand_count(
        session="s-room", people=3, witnesses=["p-1", "p-8"], tally=[session_steps.tally_line("opt-fence", 3)]
    )

    assert code_and_field(driver, four, "b-1") == ("more_than_present", "data.people")
    assert code_and_field(driver, absent, "b-1") == ("witness_not_present", "data.witnesses")


def test_a_session_without_a_vote_is_adjourned_and_nothing_can_be_adopted() -> None:
    driver = session_steps.start_opened(1, 2, 3)

    assert names(driver.say(issues.AdjournSession(), "s-room", by="p-branch")) == ["SessionAdjourned"]
    driver.say(issues.DraftMinutes(text="x"), "s-room", by="p-branch")
    for n in (1, 2):
        driver.say(issues.ConfirmMinutes(channel="app"), "s-room", by=f"p-{n}")
    assert code_and_field(driver, issues.AdoptResolution(option="opt-fence", items=[]), "topic-1") == (
        "no_majority",
        "data.option",
    )
    recorded = driver.say(issues.DeclareNoConsensus(reasons="x"), "topic-1", by="p-branch")
    assert names(recorded)[:2] == ["ConsensusNotReached", "DeliberationRecorded"]
    assert "ballot" not in plain(recorded[1].event)


def test_an_option_that_carried_is_adopted_after_later_sessions_without_a_vote() -> None:
    driver = session_steps.start_opened(1, 2, 3)
    driver.say(
        session_steps.hand_count(
            ("opt-fence", 3, 0, 0), session="s-room", people=3, witnesses=["p-1", "p-2"]
        ),
        "b-1",
        by="p-branch",
    )
    for session in ("s-2", "s-3"):
        driver.say(session_steps.convening(driver, session=session), "topic-1", by="p-branch")
        driver.say(
            session_steps.attendance(p_1="resident", p_2="resident", p_3="resident"), session, by="p-branch"
        )
        driver.say(issues.OpenSession(), session, by="p-branch")
        driver.say(issues.AdjournSession(), session, by="p-branch")
    driver.say(issues.DraftMinutes(text="未再表决"), "s-3", by="p-branch")
    for n in (1, 2):
        driver.say(issues.ConfirmMinutes(channel="app"), "s-3", by=f"p-{n}")

    said = driver.say(issues.AdoptResolution(option="opt-fence", items=[]), "topic-1", by="p-branch")

    assert names(said)[:2] == ["ResolutionAdopted", "DeliberationRecorded"]
    assert [plain(one.event)["ballot"] for one in said[:2]] == ["b-1", "b-1"]


def test_confirmed_minutes_of_an_earlier_session_do_not_stand_for_those_of_a_later_one() -> None:
    driver = session_steps.start_opened(1, 2, 3)
    driver.say(issues.AdjournSession(), "s-room", by="p-branch")
    driver.say(issues.DraftMinutes(text="x"), "s-room", by="p-branch")
    driver.say(session_steps.convening(driver, session="s-2"), "topic-1", by="p-branch")
    driver.say(session_steps.attendance(p_1="resident", p_2="resident", p_3="resident"), "s-2", by="p-branch")
    driver.say(issues.OpenSession(), "s-2", by="p-branch")
    driver.say(issues.AdjournSession(), "s-2", by="p-branch")

    for n in (1, 2):
        driver.say(issues.ConfirmMinutes(channel="app"), "s-room", by=f"p-{n}")

    assert code_and_field(driver, issues.DeclareNoConsensus(reasons="x"), "topic-1") == (
        "minutes_not_confirmed",
        "subject",
    )
