"""Whatever commands are sent in any order, the rates from the rows equal the rates from the log."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from microgov.contracts import issues
from microgov.contracts.ids import MESSAGE_NAMESPACE
from microgov.contracts.notify import NoticeDelivered, NoticeUndeliverable
from microgov.services.chassis.model import Refused
from microgov.services.issues.questions import rates_from_log
from microgov.services.issues.questions.rates import show_rates
from microgov.testing.service_driver import START, ServiceDriver, change_rules
from tests.issues import issue_steps, visit_steps
from tests.support.property_budget import TRIES

Step = Callable[[ServiceDriver], Any]
ID = "veg-1"
PEOPLE = st.sampled_from(["p-1", "p-2", "p-3"])


def saying(command: Any, subject: str = ID, by: str = "p-branch", **how: Any) -> Step:
    """A step that sends this command."""
    return lambda driver: driver.say(command, subject, by=by, **how)


def notice_ended(person: str, reached: bool, attempts: int) -> Step:
    """A step that folds the event of notify: the person was reached, or could not be after so many attempts."""
    about: dict[str, Any] = {
        "source_id": MESSAGE_NAMESPACE,
        "notice_type": "result_reported",
        "recipient": person,
        "entity": ID,
    }
    if reached:
        return lambda driver: driver.hear(NoticeDelivered(**about, channel="inbox"), "n-1")
    failed = {**about, "channel": "webhook", "attempts": attempts, "code": "gone"}
    return lambda driver: driver.hear(NoticeUndeliverable.model_validate(failed), "n-1")


def deliberate(result: str, items: int) -> Step:
    """A step from opening a topic to its `result`; an adopted resolution has so many action items."""

    def run(driver: ServiceDriver) -> None:
        name = str(driver.count)
        driver.say(issues.OpenDeliberation(topic=f"t-{name}", title="x"), ID, by="p-branch")
        driver.say(issues.ProposeOption(option="o", text="x", channel="app"), f"t-{name}", by="p-1")
        until = driver.now + timedelta(days=1)
        session = issues.ConveneSession(
            session=f"s-{name}", kind="micro_topic", opens_at=driver.now, closes_at=until
        )
        driver.say(session, f"t-{name}", by="p-branch")
        driver.say(
            issues.OpenBallot(session=f"s-{name}", kind="one_of", closes_at=until), f"b-{name}", by="p-branch"
        )
        for person in ("p-1", "p-2", "p-3"):
            driver.say(issue_steps.voting("o"), f"b-{name}", by=person)
        driver.wait(days=1)
        driver.say(issues.DraftMinutes(text="x"), f"s-{name}", by="p-branch")
        for person in ("p-1", "p-2"):
            driver.say(issues.ConfirmMinutes(channel="app"), f"s-{name}", by=person)
        adopted = issues.AdoptResolution(option="o", items=[issue_steps.ITEM] * items)
        driver.say({"adopted": adopted, **OTHER_RESULTS}[result], f"t-{name}", by="p-branch")

    return run


OTHER_RESULTS: dict[str, Any] = {
    "rejected": issues.RejectTopic(outcome="agreed_no_action", reasons="x"),
    "no_consensus": issues.DeclareNoConsensus(reasons="x"),
    "deferred": issues.DeferTopic(reasons="x"),
}


def work_on_item(done: bool, assigned: bool, **how: Any) -> Step:
    """The newest item is claimed or assigned, and with `done` reported and verified."""

    def run(driver: ServiceDriver) -> None:
        defined = [m.subject for m in driver.log if isinstance(m.data, issues.ActionItemDefined)]
        if defined:
            if assigned:
                driver.say(
                    issues.AssignActionItem(person=how.get("on_behalf_of", how["by"])),
                    defined[-1],
                    by="p-branch",
                )
            else:
                driver.say(issues.ClaimActionItem(channel="app"), defined[-1], **how)
            if done:
                report = issues.ReportActionDone(done=6, at_least=False, evidence="x", channel="app")
                driver.say(report, defined[-1], **how)
                check = issues.VerifyActionItem(note="x", channel="visit")
                driver.say(check, defined[-1], by="p-8", role="social_worker")

    return run


def visit_step(n: int, result: str) -> Step:
    """The n-th planned visit, of any round, is made (`result` is `made`) or attempted with another result."""

    def run(driver: ServiceDriver) -> None:
        planned = [m.subject for m in driver.log if isinstance(m.data, issues.VisitPlanned)]
        if n < len(planned):
            command = (
                issues.MakeVisit(person="p-3")
                if result == "made"
                else issues.AttemptVisit.model_validate({"result": result})
            )
            driver.say(command, planned[n], **visit_steps.FEDERATION)

    return run


ROUTE = saying(issues.RouteIssue(owner="crew", rule="by_hand"))
CLAIMS = st.sampled_from(
    [
        {"by": "p-4"},
        {"by": "p-4", "role": "social_worker"},
        {"by": "p-5", "role": "branch", "on_behalf_of": "p-4"},
    ]
)
STEPS = st.one_of(
    st.sampled_from(
        [
            saying(issues.AcceptIssue()),
            saying(issues.DeclineIssue(ground="abuse", reason="x")),
            saying(issues.AcceptIssue(), by="p-other"),
            saying(issues.AppealDecline(reason="x", channel="app"), by="p-1"),
            saying(issue_steps.TRIAGE),
            saying(issues.ReportResult(text="x")),
            saying(issues.ReportResult(text="x"), by="p-2", role="branch"),
            saying(issues.CloseIssue(outcome="resolved")),
            saying(issues.CloseIssue(outcome="resolved")),
            saying(issues.SuspendIssue(reason="x", review_at=START + timedelta(days=30))),
            saying(issues.ResumeIssue(reason="x")),
            saying(issues.DispatchEmergency(owner="crew", action="x")),
            saying(issues.ReferIssue(to="hotline", reason="x")),
            lambda driver: driver.wait(days=1),
            lambda driver: driver.say(visit_steps.opening(), None, **visit_steps.FEDERATION),
        ]
    ),
    st.builds(visit_step, st.integers(0, 7), st.sampled_from(["made", "refused", "no_answer"])),
    st.sampled_from([ROUTE, ROUTE, saying(issues.ReturnIssue(reason="x"))]),
    st.sampled_from(
        [saying(issues.ReopenIssue(reason="x")), saying(issues.ReopenIssue(reason="x", keeps_record="x"))]
    ),
    st.builds(lambda who: saying(issues.WithdrawIssue(channel="app"), by=who), PEOPLE),
    st.builds(lambda who: saying(issues.CosignIssue(channel="app"), by=who), PEOPLE),
    st.builds(lambda who: saying(issues.WithdrawCosign(channel="app"), by=who), PEOPLE),
    st.builds(lambda who: saying(issues.RequestReopen(reason="x", channel="app"), by=who), PEOPLE),
    st.builds(notice_ended, PEOPLE, st.booleans(), st.integers(2, 3)),
    st.builds(
        lambda who, reached: saying(
            issues.ContactReporter(person=who, reached=reached, note="x", channel="visit")
        ),
        PEOPLE,
        st.booleans(),
    ),
    st.builds(
        lambda who, a, b, c: saying(
            issues.AnswerSurvey(contacted=a, solved=b, satisfied=c, channel="app"), by=who
        ),
        PEOPLE,
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    st.builds(deliberate, st.sampled_from(["adopted", *OTHER_RESULTS]), st.integers(0, 2)),
    st.builds(
        lambda done, assigned, how: work_on_item(done, assigned, **how), st.booleans(), st.booleans(), CLAIMS
    ),
    st.builds(
        lambda n: saying(issues.DefineActionItem(action=f"act-{n}", item=issue_steps.ITEM)), st.integers(1, 3)
    ),
    st.builds(lambda n: lambda driver: change_rules(driver, "issues", contact_attempts=n), st.integers(1, 4)),
)


def triage_and_route(driver: ServiceDriver) -> None:
    """The issue is triaged and routed."""
    issue_steps.triage(driver)
    ROUTE(driver)


STARTS = st.sampled_from(
    [
        issue_steps.submit,
        issue_steps.triage,
        triage_and_route,
        triage_and_route,
        issue_steps.adopt_resolution,
        issue_steps.report_result,
        issue_steps.close_issue,
    ]
)


@pytest.mark.rule("2.1.10", "rates are recomputable from the log")
@pytest.mark.machine
@settings(max_examples=5 * TRIES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(start=STARTS, steps=st.lists(STEPS, max_size=25), days=st.integers(0, 9))
def test_the_rows_and_the_log_give_the_same_rates(start: Step, steps: list[Step], days: int) -> None:
    driver = issue_steps.start()
    start(driver)

    for step in steps:
        try:
            step(driver)
        except Refused:
            continue

    middle = START + timedelta(days=days)
    for begin, end in (
        (START, driver.now + timedelta(days=1)),
        (START, middle),
        (middle, driver.now + timedelta(days=20)),
    ):
        question = issues.ShowRates(from_=begin, to=max(end, begin + timedelta(microseconds=1)))
        assert show_rates(question, driver.s).rates == rates_from_log.rates(driver.everything, question)
    driver.s.close()
