"""Round tables recur until they are stopped; each statement there is a need or an idea (domain.md §2.3)."""

from datetime import timedelta
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.services.issues.deliberation.topics.round_table import LIFE, RoundTable, show_round_table
from microgov.testing.service_driver import ServiceDriver, names, refusal
from tests.issues import issue_steps, session_steps
from tests.support.state_machines import refuses

HOLD_SITTING = issues.HoldRoundTable.model_validate(
    {
        "present": ["p-1", "p-2", "p-9"],
        "contributions": [
            {"prompt": "needs", "text": "缺座椅", "person": "p-1"},
            {"prompt": "needs", "text": "太暗", "issue": "veg-1"},
            {"prompt": "ideas", "text": "装太阳能灯"},
        ],
    }
)


def start_with_round_table() -> ServiceDriver:
    """A service with a round table `table-1` that recurs every 30 days from tomorrow on."""
    driver = issue_steps.start()
    first = driver.now + timedelta(days=1)
    say(
        driver,
        issues.SetUpRoundTable(place="yuanbu", name="圆桌议事会", every_days=30, first_at=first),
        "table-1",
    )
    return driver


def say(driver: ServiceDriver, command: Any, subject: str) -> Any:
    """Sends a command of the liaison station; returns the events."""
    return driver.say(command, subject, by="p-npc", role="liaison_station")


def code_and_field(driver: ServiceDriver, command: Any, subject: str = "table-1") -> tuple[str, str]:
    """The error code and the field with which the command of the liaison station is refused."""
    refused = refusal(driver, command, subject, by="p-npc", role="liaison_station")
    return refused.code, refused.field


def show(driver: ServiceDriver) -> issues.RoundTableShown:
    """The answer to ShowRoundTable."""
    return show_round_table(issues.ShowRoundTable(round_table="table-1"), driver.s)


def test_a_round_table_falls_due_every_thirty_days_until_it_is_stopped() -> None:
    driver = start_with_round_table()
    begun = driver.now
    assert names(driver.wait(days=70)) == ["RoundTableDue"] * 3
    assert show(driver).next_at == begun + timedelta(days=91)

    assert names(say(driver, issues.StopRoundTable(reason="并入议事会"), "table-1")) == ["RoundTableStopped"]
    assert driver.wait(days=70) == []
    assert show(driver).next_at is None
    assert code_and_field(driver, HOLD_SITTING.model_copy(update={"contributions": []})) == (
        "wrong_state",
        "subject",
    )


def test_a_round_table_refuses_what_its_state_does_not_allow() -> None:
    driver = start_with_round_table()

    assert (
        refuses(
            driver,
            LIFE,
            driver.row(RoundTable, "table-1"),
            {
                issues.HoldRoundTable: lambda: say(
                    driver, HOLD_SITTING.model_copy(update={"contributions": []}), "table-1"
                ),
                issues.StopRoundTable: lambda: say(driver, issues.StopRoundTable(reason="x"), "table-1"),
            },
        )
        == 2
    )


def test_needs_and_ideas_are_counted_separately_and_sittings_are_numbered() -> None:
    driver = start_with_round_table()
    issue_steps.submit(driver)
    say(driver, HOLD_SITTING, "table-1")
    held = say(driver, HOLD_SITTING, "table-1")[0].event

    assert isinstance(held, issues.RoundTableHeld)
    assert (held.number, held.needs, held.ideas) == (2, 2, 1)
    assert [(one.number, one.present, one.needs) for one in show(driver).sittings] == [(2, 3, 2), (1, 3, 2)]


@pytest.mark.rule("2.3", "a round table recurs, and is measured by what it settles")
def test_a_round_table_shows_how_many_disagreements_of_its_sessions_were_raised_and_settled() -> None:
    driver = start_with_round_table()
    issue_steps.propose(driver)
    say(driver, session_steps.convening(driver, "round_table"), "topic-1")
    driver.say(session_steps.raising_disagreement(session="s-room"), "d-1", by="p-branch")
    driver.say(session_steps.raising_disagreement(session="s-room"), "d-2", by="p-branch")
    driver.say(session_steps.raising_disagreement(), "d-3", by="p-branch")
    for one in ("d-2", "d-3"):
        driver.say(issues.SettleDisagreement(terms="x"), one, by="p-branch")

    assert (show(driver).raised, show(driver).settled) == (2, 1)


def test_an_unknown_place_or_issue_a_past_time_or_a_repeated_person_is_refused_with_its_field() -> None:
    driver = start_with_round_table()
    past = issues.SetUpRoundTable(place="yuanbu", name="x", every_days=30, first_at=driver.now)
    assert code_and_field(driver, past, "table-2") == ("first_in_the_past", "data.first_at")
    assert code_and_field(driver, past.model_copy(update={"place": "nowhere"}), "table-2") == (
        "unknown_place",
        "data.place",
    )
    assert code_and_field(driver, HOLD_SITTING) == ("not_found", "data.contributions")
    twice = issues.HoldRoundTable(present=["p-1", "p-1"], contributions=[])
    assert code_and_field(driver, twice) == ("person_twice", "data.present")
