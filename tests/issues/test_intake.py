"""Cases of other systems: each number becomes one issue, however often it is sent (domain.md §2.5)."""

from typing import Any

import pytest

from microgov.contracts import issues
from microgov.contracts.log import EventIgnored
from microgov.contracts.message import envelope_of
from microgov.services.chassis.fold.fold import Fold
from microgov.services.chassis.model import Refused
from microgov.services.issues.handlers import service
from microgov.services.issues.issue.intake import External
from microgov.services.issues.questions.list import list_issues
from microgov.testing.service_driver import ServiceDriver, names
from tests.issues import issue_steps


def hotline_case(
    number: str = "HZ-1", system: str = "hz-12345", place: str = "yuanbu-south", **more: Any
) -> issues.HotlineCaseLogged:
    """The event by which a hotline reports a case under its own number."""
    ref = issues.ExternalRef(system=system, number=number)
    return issues.HotlineCaseLogged(ref=ref, title="夜间施工", text="半夜还在打桩。", place=place, **more)


def hear_hotline(driver: ServiceDriver, event: Any, subject: str) -> Any:
    """The service folds an event of the hotline; returns the events that follow."""
    return driver.hear(event, subject, by="hotline", role="system")


def test_a_case_becomes_an_issue_that_keeps_its_number() -> None:
    driver = issue_steps.start()

    (said,) = hear_hotline(driver, hotline_case(), "case-1")

    assert said.event == issues.IssueSubmitted(
        title="夜间施工",
        place="yuanbu-south",
        channel="hotline",
        reporter="hotline",
        external=issues.ExternalRef(system="hz-12345", number="HZ-1"),
    )
    assert issue_steps.show(driver, "case-1").state == "submitted"


@pytest.mark.rule("2.5", "a number of another system is one issue")
@pytest.mark.parametrize("again", ["case-1", "case-2"])
def test_the_same_number_never_makes_a_second_issue(again: str) -> None:
    driver = issue_steps.start()
    hear_hotline(driver, hotline_case(), "case-1")

    with pytest.raises(Refused, match="known_number") as refused:
        hear_hotline(driver, hotline_case(), again)

    assert "case-1" in refused.value.words.en
    assert refused.value.field == "data.ref.number"
    assert [one.issue for one in list_issues(issues.ListIssues(), driver.s).issues] == ["case-1"]
    assert len(driver.rows(External)) == 1
    assert names(hear_hotline(driver, hotline_case(system="hz-110"), "case-3")) == ["IssueSubmitted"]


def test_a_known_caller_becomes_the_reporter_and_a_staff_channel_accepts_at_once() -> None:
    driver = issue_steps.start(issues={"staff_channels": ["hotline"]})
    said = hear_hotline(driver, hotline_case(person="p-3"), "case-1")
    assert names(said) == ["IssueSubmitted", "IssueAccepted"]
    assert issue_steps.show(driver, "case-1").reporter == "p-3"


def test_a_detected_hazard_becomes_an_issue_and_an_unknown_place_is_refused() -> None:
    driver = issue_steps.start()
    ref = issues.ExternalRef(system="sensors", number="7")
    found = issues.HazardDetected(
        ref=ref, hazard="smoke", title="地下室烟雾", text="探头 7 报警。", place="yuanbu-south"
    )
    (said,) = hear_hotline(driver, found, "smoke-1")
    assert isinstance(said.event, issues.IssueSubmitted)
    assert said.event.channel == "sensor"
    with pytest.raises(Refused, match="unknown_place"):
        hear_hotline(driver, hotline_case("HZ-9", place="nowhere"), "case-9")


@pytest.mark.rule("2.5", "a publisher's event that breaks a rule is answered")
def test_the_fold_answers_a_publisher_that_its_event_was_ignored() -> None:
    driver = issue_steps.start()
    hear_hotline(driver, hotline_case(), "case-1")
    again = driver.envelope(hotline_case(), "case-2", by="hotline", role=None, scope=None)
    m = envelope_of(issues.HotlineCaseLogged).model_validate(
        {**again.__dict__, "role": "system"}, strict=False
    )

    (said,) = Fold(service, "t")._answers(driver.s, m)

    assert isinstance(said.event, EventIgnored)
    assert said.event.code == "known_number"
