"""Whatever visitors, households and matching do in any order: what holds for every round of visits."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from microgov.contracts import issues, matching
from microgov.contracts.message import Command
from microgov.services.chassis.model import Refused
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.questions import rates_from_log
from microgov.services.issues.questions.rates import show_rates
from microgov.services.issues.visits.life import STATES
from microgov.services.issues.visits.lines import ENDS, Line
from microgov.services.issues.visits.rounds import VisitRound
from microgov.services.issues.visits.visit import Visit
from microgov.services.matching.orders.order import Order
from tests.issues import visit_steps
from tests.matching import order_steps
from tests.support.property_budget import tries
from tests.support.service_driver import START

CONTACTS, FEW = st.integers(0, 7), st.integers(0, 2)
SERVICES = st.sampled_from(
    [{}, {"offer": "offer-1"}, {"offer": "offer-9"}, {"offer": "offer-1", "slot": "am"}]
)


class VisitMachine(RuleBasedStateMachine):
    """Two rounds over the same four contacts, with the real matching service; events are exchanged now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.driver, self.matching = visit_steps.start(), order_steps.start()
        self.driver.say(visit_steps.opening(), "round-2", **visit_steps.FEDERATION)
        self.visits = [row.id for row in self.driver.rows(Visit)]
        self.listed = {(row.id, row.contact) for row in self.driver.rows(Visit)}
        self.told: dict[str, list[issues.LineFate]] = {}

    def tried(self, command: Command, n: int, **how: Any) -> list[Any]:
        try:
            return self.driver.say(command, self.visits[n], **{**visit_steps.FEDERATION, **how})
        except Refused:
            return []

    @rule(n=CONTACTS, result=st.sampled_from(["no_answer", "refused"]))
    def nobody_opens(self, n: int, result: str) -> None:
        self.tried(issues.AttemptVisit.model_validate({"result": result}), n)

    @rule(n=CONTACTS, person=st.integers(1, 9))
    def somebody_opens(self, n: int, person: int) -> None:
        self.tried(issues.MakeVisit(person=f"p-{person}"), n)

    @rule(n=CONTACTS, problems=FEW, services=st.lists(SERVICES, max_size=2))
    def lists_are_recorded(self, n: int, problems: int, services: list[dict[str, str]]) -> None:
        lines = [issues.ServiceLine.model_validate({"text": "x", **one}) for one in services]
        self.tried(issues.RecordVisitLists(problems=[visit_steps.PROBLEM] * problems, services=lines), n)

    @rule(n=CONTACTS, lines=st.lists(st.integers(1, 4), max_size=4))
    def feedback_is_given_of_some(self, n: int, lines: list[int]) -> None:
        self._feedback(n, lines)

    @rule(n=CONTACTS)
    def feedback_is_given_of_all(self, n: int) -> None:
        self._feedback(n, [one.line for one in Line.of(self.visits[n], self.driver.s)])

    def _feedback(self, n: int, lines: list[int]) -> None:
        for event, subject, _ in self.tried(visit_steps.giving_feedback(*lines), n):
            if isinstance(event, issues.VisitFeedbackGiven):
                assert sorted(lines) == [one.line for one in event.fates]
                self.told[subject] = event.fates

    @rule()
    def they_hear_each_other(self) -> None:
        visit_steps.exchange_events(self.driver, self.matching)

    @rule(n=st.integers(0, 5), accepted=st.booleans())
    def the_branch_screens_an_order(self, n: int, accepted: bool) -> None:
        orders = self.matching.rows(Order)
        if n < len(orders) and orders[n].state == "placed":
            self.matching.say(
                matching.ScreenOrder(accepted=accepted, reason="x"), orders[n].id, by="p-branch"
            )

    @rule(n=st.integers(0, 5))
    def an_issue_is_withdrawn(self, n: int) -> None:
        submitted = self.driver.rows(Issue)
        if n < len(submitted) and submitted[n].state == "accepted":
            self.driver.say(issues.WithdrawIssue(channel="app"), submitted[n].id, by=submitted[n].reporter)

    @invariant()
    def the_contact_list_is_frozen(self) -> None:
        assert {(row.id, row.contact) for row in self.driver.rows(Visit)} == self.listed
        assert {row.state for row in self.driver.rows(Visit)} <= STATES.keys()

    @invariant()
    def every_line_is_one_issue_or_one_order_and_nothing_else_is(self) -> None:
        lines = self.driver.rows(Line)
        assert [one.id for one in self.driver.rows(Issue)] == [
            one.entity for one in lines if one.kind == "problem"
        ]
        asked = {one.entity for one in lines if one.kind == "service"}
        assert {one.id for one in self.matching.rows(Order)} <= asked
        answered = {one.entity for one in lines if one.state not in (None, "requested", "not_placed")}
        assert answered <= {one.id for one in self.matching.rows(Order)}

    @invariant()
    def a_round_counts_what_its_visits_say(self) -> None:
        for row in self.driver.rows(VisitRound):
            visits = [one for one in self.driver.rows(Visit) if one.round == row.id]
            counted = [sum(one.result == name for one in visits) for name in ("made", "refused", "no_answer")]
            assert [row.made, row.refused, row.no_answer] == counted
            assert sum(counted) <= row.contacts == len(visits)
            assert row.closed == sum(one.state == "closed" for one in visits) <= row.made

    @invariant()
    def what_is_closed_was_told_the_end_of_every_line(self) -> None:
        for row in self.driver.rows(Visit):
            if row.state == "closed":
                assert [one.entity for one in self.told[row.id]] == [
                    one.entity for one in Line.of(row.id, self.driver.s)
                ]
                assert all(one.state in ENDS[one.kind] for one in self.told[row.id])

    @invariant()
    def coverage_is_never_over_the_whole_and_the_log_gives_the_same(self) -> None:
        question = issues.ShowRates(from_=START, to=START + timedelta(days=1))
        shown = show_rates(question, self.driver.s).rates
        assert shown[-1].numerator + shown[-1].refused + shown[-1].unreachable <= shown[-1].denominator == 8
        assert rates_from_log.rates(self.driver.everything, question) == shown


TestRounds = VisitMachine.TestCase
TestRounds.settings = tries(5, 30)
