"""Invariants of rounds of visits, whatever visitors, households and matching do in any order."""

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
from microgov.testing.service_driver import START
from tests.issues import visit_steps
from tests.matching import order_steps
from tests.support.property_budget import tries

VISIT_NUMBERS, PROBLEM_COUNTS = st.integers(0, 7), st.integers(0, 2)
SERVICES = st.sampled_from(
    [{}, {"offer": "offer-1"}, {"offer": "offer-9"}, {"offer": "offer-1", "slot": "am"}]
)


class VisitMachine(RuleBasedStateMachine):
    """Two rounds of visits to the same four contacts, with the real matching service; a rule exchanges their events.

    `last_feedback` has the lines of the latest feedback on each visit.
    """

    def __init__(self) -> None:
        super().__init__()
        self.driver, self.matching = visit_steps.start(), order_steps.start()
        self.driver.say(visit_steps.opening(), "round-2", **visit_steps.FEDERATION)
        self.visits = [row.id for row in self.driver.rows(Visit)]
        self.listed = {(row.id, row.contact) for row in self.driver.rows(Visit)}
        self.last_feedback: dict[str, list[issues.LineFate]] = {}

    def send(self, command: Command, n: int, **how: Any) -> list[Any]:
        """Sends the command to the n-th visit; returns its events, or none if it is refused."""
        try:
            return self.driver.say(command, self.visits[n], **{**visit_steps.FEDERATION, **how})
        except Refused:
            return []

    @rule(n=VISIT_NUMBERS, result=st.sampled_from(["no_answer", "refused"]))
    def a_visit_is_attempted(self, n: int, result: str) -> None:
        self.send(issues.AttemptVisit.model_validate({"result": result}), n)

    @rule(n=VISIT_NUMBERS, person=st.integers(1, 9))
    def a_visit_is_made(self, n: int, person: int) -> None:
        self.send(issues.MakeVisit(person=f"p-{person}"), n)

    @rule(n=VISIT_NUMBERS, problems=PROBLEM_COUNTS, services=st.lists(SERVICES, max_size=2))
    def lists_are_recorded(self, n: int, problems: int, services: list[dict[str, str]]) -> None:
        lines = [issues.ServiceLine.model_validate({"text": "x", **one}) for one in services]
        self.send(issues.RecordVisitLists(problems=[visit_steps.PROBLEM_LINE] * problems, services=lines), n)

    @rule(n=VISIT_NUMBERS, lines=st.lists(st.integers(1, 4), max_size=4))
    def feedback_is_given_on_some_lines(self, n: int, lines: list[int]) -> None:
        self._feedback(n, lines)

    @rule(n=VISIT_NUMBERS)
    def feedback_is_given_on_all_lines(self, n: int) -> None:
        self._feedback(n, [one.line for one in Line.of(self.visits[n], self.driver.s)])

    def _feedback(self, n: int, lines: list[int]) -> None:
        """Gives feedback on these lines of the n-th visit."""
        for event, subject, _ in self.send(visit_steps.giving_feedback(*lines), n):
            if isinstance(event, issues.VisitFeedbackGiven):
                assert sorted(lines) == [one.line for one in event.fates]
                self.last_feedback[subject] = event.fates

    @rule()
    def the_services_exchange_events(self) -> None:
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
    def the_counts_of_a_round_equal_its_visits(self) -> None:
        for row in self.driver.rows(VisitRound):
            visits = [one for one in self.driver.rows(Visit) if one.round == row.id]
            counted = [sum(one.result == name for one in visits) for name in ("made", "refused", "no_answer")]
            assert [row.made, row.refused, row.no_answer] == counted
            assert sum(counted) <= row.contacts == len(visits)
            assert row.closed == sum(one.state == "closed" for one in visits) <= row.made

    @invariant()
    def the_last_feedback_on_a_closed_visit_has_the_end_of_every_line(self) -> None:
        for row in self.driver.rows(Visit):
            if row.state == "closed":
                assert [one.entity for one in self.last_feedback[row.id]] == [
                    one.entity for one in Line.of(row.id, self.driver.s)
                ]
                assert all(one.state in ENDS[one.kind] for one in self.last_feedback[row.id])

    @invariant()
    def coverage_is_at_most_the_whole_and_the_log_gives_the_same_rates(self) -> None:
        question = issues.ShowRates(from_=START, to=START + timedelta(days=1))
        shown = show_rates(question, self.driver.s).rates
        assert shown[-1].numerator + shown[-1].refused + shown[-1].unreachable <= shown[-1].denominator == 8
        assert rates_from_log.rates(self.driver.everything, question) == shown


TestVisitMachine = VisitMachine.TestCase
TestVisitMachine.settings = tries(5, 30)
