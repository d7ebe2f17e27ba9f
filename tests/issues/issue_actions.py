"""Everything that people can do with an issue, as the rules of a Hypothesis state machine."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from microgov.contracts import issues
from microgov.contracts.message import Command
from microgov.services.chassis.model import Refused
from microgov.testing.service_driver import ServiceDriver
from tests.issues import issue_steps

PEOPLE = st.sampled_from([f"p-{n}" for n in range(1, 9)])
NUMBERS = st.sampled_from(["1", "2"])
STARTING_STEPS = [
    issue_steps.submit,
    issue_steps.triage,
    issue_steps.propose,
    issue_steps.confirm_minutes,
    issue_steps.do_action_item,
    issue_steps.report_result,
    issue_steps.close_issue,
]
"""The step of `issue_steps` after which the machine begins; one is drawn for each run."""
RULES: dict[str, Any] = {
    "calendar": {"years": [issue_steps.YEAR]},
    "clocks": {"dispatch_days": 1, "first_contact_days": 2, "report_back_days": 5, "breach_escalates": True},
    "escalation": {"cosigning_households": 2, "no_consensus": True},
    "mediation": {"lapse_days": 3},
    "deliberation": {"quorum": 1},
    "issues": {"contact_attempts": 1},
}
REASON = {"reason": "x"}

BRANCH_COMMANDS = [
    "accept",
    "decline",
    "triage",
    "route",
    "return",
    "dispatch",
    "refer",
    "escalate",
    "report",
]


class IssueActions(RuleBasedStateMachine):
    """One issue, two topics, and eight people who try every command. Only a refusal is allowed, no other exception."""

    @initialize(
        begun=st.sampled_from(STARTING_STEPS), emergency=st.booleans(), working_days=st.integers(0, 2)
    )
    def begin(self, begun: Callable[[ServiceDriver], Any], emergency: bool, working_days: int) -> None:
        """Begins after one of the steps of `issue_steps`; with `emergency` a later triage names this urgency."""
        self.driver = issue_steps.start(**RULES, afterwards={"working_days": working_days})
        self.verified = list[tuple[str, str]]()
        begun(self.driver)
        self.items = [one.action for one in issue_steps.show(self.driver).actions]
        self.urgency = "emergency" if emergency else "ordinary"

    def send(
        self, command: Command, subject: str = "veg-1", by: str = "p-branch", role: str | None = None
    ) -> list[Any]:
        """Sends the command; returns its events, or none if it is refused."""
        try:
            said = self.driver.say(command, subject, by=by, role=role)
        except Refused:
            return []
        self.items += [one.subject for one in said if isinstance(one.event, issues.ActionItemDefined)]
        return said

    @rule(what=st.sampled_from(BRANCH_COMMANDS))
    def the_branch_acts(self, what: str) -> None:
        self.send(
            {
                "accept": issues.AcceptIssue(),
                "decline": issues.DeclineIssue(ground="no_content", reason="x"),
                "triage": issue_steps.TRIAGE.model_copy(update={"urgency": self.urgency}),
                "route": issues.RouteIssue(owner="o-1", rule="by_hand"),
                "return": issues.ReturnIssue(**REASON),
                "dispatch": issues.DispatchEmergency(owner="o-1", action="x"),
                "refer": issues.ReferIssue(to="o-2", **REASON),
                "escalate": issues.EscalateIssue(**REASON),
                "report": issues.ReportResult(text="x"),
            }[what]
        )

    @rule(what=st.sampled_from(["resume", "reopen", "keep", "refuse"]))
    def the_branch_takes_the_issue_up_again(self, what: str) -> None:
        self.send(
            {
                "resume": issues.ResumeIssue(**REASON),
                "reopen": issues.ReopenIssue(**REASON),
                "keep": issues.ReopenIssue(**REASON, keeps_record="x"),
                "refuse": issues.RefuseReopen(**REASON),
            }[what]
        )

    @rule(days=st.integers(1, 9))
    def the_issue_is_suspended(self, days: int) -> None:
        self.send(issues.SuspendIssue(**REASON, review_at=self.driver.now + timedelta(days=days)))

    @rule(outcome=st.sampled_from(["resolved", "mediated", "not_feasible"]), days=st.integers(1, 9))
    def the_issue_is_closed(self, outcome: Any, days: int) -> None:
        self.send(issues.CloseIssue(outcome=outcome, review_at=self.driver.now + timedelta(days=days)))

    @rule(
        person=PEOPLE, what=st.sampled_from(["cosign", "uncosign", "withdraw", "appeal", "reopen", "survey"])
    )
    def a_person_sends_a_command(self, person: str, what: str) -> None:
        self.send(
            {
                "cosign": issues.CosignIssue(channel="app"),
                "uncosign": issues.WithdrawCosign(channel="app"),
                "withdraw": issues.WithdrawIssue(channel="app"),
                "appeal": issues.AppealDecline(**REASON, channel="app"),
                "reopen": issues.RequestReopen(**REASON, channel="app"),
                "survey": issues.AnswerSurvey(contacted=True, solved=False, satisfied=False, channel="app"),
            }[what],
            by=person,
        )

    @rule(person=PEOPLE, reached=st.booleans())
    def a_person_is_contacted(self, person: str, reached: bool) -> None:
        self.send(issues.ContactReporter(person=person, reached=reached, note="x", channel="visit"))

    @rule(n=NUMBERS, person=PEOPLE)
    def a_topic_begins(self, n: str, person: str) -> None:
        self.send(issues.OpenDeliberation(topic=f"topic-{n}", title="x"))
        self.send(issues.ProposeOption(option=f"opt-{person}", text="x", channel="app"), f"topic-{n}", person)
        self.send(issue_steps.convening(self.driver, f"s-{n}"), f"topic-{n}")

    @rule(n=NUMBERS, person=PEOPLE, option=PEOPLE)
    def a_ballot_is_opened_and_voted_in(self, n: str, person: str, option: str) -> None:
        closes = self.driver.now + timedelta(days=1)
        self.send(issues.OpenBallot(session=f"s-{n}", kind="one_of", closes_at=closes), f"b-{n}")
        self.send(issue_steps.voting(f"opt-{option}"), f"b-{n}", person)

    @rule(n=NUMBERS, person=PEOPLE)
    def minutes_are_written(self, n: str, person: str) -> None:
        self.send(issues.DraftMinutes(text="x"), f"s-{n}")
        self.send(issues.ConfirmMinutes(channel="app"), f"s-{n}", person)

    @rule(n=NUMBERS, option=PEOPLE, what=st.sampled_from(["adopt", "reject", "defer", "no"]))
    def a_topic_is_decided(self, n: str, option: str, what: str) -> None:
        self.send(
            {
                "adopt": issues.AdoptResolution(option=f"opt-{option}", items=[issue_steps.ITEM]),
                "reject": issues.RejectTopic(outcome="agreed_no_action", reasons="x"),
                "defer": issues.DeferTopic(reasons="x"),
                "no": issues.DeclareNoConsensus(reasons="x"),
            }[what],
            f"topic-{n}",
        )

    @rule(
        n=st.integers(0, 3), person=PEOPLE, what=st.sampled_from(["claim", "assign", "do", "verify", "track"])
    )
    def an_action_item_changes(self, n: int, person: str, what: str) -> None:
        if n < len(self.items):
            said = self.send(
                {
                    "claim": issues.ClaimActionItem(channel="app"),
                    "assign": issues.AssignActionItem(person=person),
                    "do": issues.ReportActionDone(done=6, at_least=True, evidence="x", channel="app"),
                    "verify": issues.VerifyActionItem(note="x", channel="visit"),
                    "track": issues.TrackActionItem(plan="plan-1", **REASON),
                }[what],
                self.items[n],
                person,
            )
            self.verified += [(self.items[n], person)] if what == "verify" and said else []

    @rule(n=NUMBERS)
    def an_action_item_is_defined(self, n: str) -> None:
        self.send(issues.DefineActionItem(action=f"act-{n}", item=issue_steps.ITEM))

    @rule(n=NUMBERS, a=PEOPLE, b=PEOPLE)
    def a_mediation_begins(self, n: str, a: str, b: str) -> None:
        asking = {
            "mediation": f"m-{n}",
            "parties": [a, b],
            "instrument": "informal",
            "reason": "x",
            "channel": "app",
        }
        self.send(issues.RequestMediation.model_validate(asking))
        for person in (a, b):
            self.send(issues.ConsentToMediation(channel="app"), f"m-{n}", person)

    @rule(
        n=NUMBERS,
        person=PEOPLE,
        what=st.sampled_from(["refuse", "assign", "hold", "settle", "fail", "follow"]),
    )
    def a_mediation_changes(self, n: str, person: str, what: str) -> None:
        by = self.driver.now + timedelta(days=1)
        role = {"refuse": "resident", "assign": "branch", "follow": "social_worker"}.get(what, "dasao")
        self.send(
            {
                "refuse": issues.RefuseMediation(channel="app"),
                "assign": issues.AssignMediator(mediator=person),
                "hold": issues.HoldMediation(note="x"),
                "settle": issues.SettleMediation(facts="x", terms=["x"], performance="x", perform_by=by),
                "fail": issues.FailMediation(reason="x", rights_told=True),
                "follow": issues.FollowUpMediation(performed=True, note="x"),
            }[what],
            f"m-{n}",
            person,
            role,
        )

    @rule(hours=st.integers(1, 100))
    def time_passes(self, hours: int) -> None:
        """Every deadline of these hours is handled; none may raise an exception."""
        self.driver.wait(hours=hours)
