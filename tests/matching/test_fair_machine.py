"""Two fairs under any commands in any order: slots, queues and orders agree, and nobody unqualified is asked."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from microgov.contracts import matching
from microgov.contracts.message import Command
from microgov.services.chassis.model import Refused
from microgov.services.matching.offers import offer as offers
from microgov.services.matching.offers.offer import Offer
from microgov.services.matching.offers.requirement import Requirement
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.orders.assignments import Assignment
from microgov.services.matching.orders.order import Order
from microgov.services.matching.orders.waiting_list import Waiting
from microgov.services.matching.registry import organisations as registry
from microgov.services.matching.registry.organisations import OrganisationStage
from microgov.services.matching.serving.proposals import Proposal
from microgov.services.matching.serving.qualification import Qualified
from tests.matching import order_steps, provider_steps
from tests.support.property_budget import tries

pytestmark = [pytest.mark.rule("3.3", "I1 no slot above its capacity")]

OFFERS = st.sampled_from(["fair-1", "fair-2"])
SLOTS = st.sampled_from(["a", "b", "c"])
ORDERS = st.sampled_from([f"order-{n}" for n in range(1, 5)])
PEOPLE = st.sampled_from(["p-5", "p-6"])
STATE_COMMANDS: tuple[tuple[Command, str], ...] = (
    (matching.PublishOffer(), "p-branch"),
    (matching.RejectOffer(reason="x"), "p-branch"),
    (matching.PauseOffer(), "p-branch"),
    (matching.ResumeOffer(), "p-branch"),
    (matching.CloseOffer(), "p-branch"),
    (matching.WithdrawOffer(), "p-rep"),
)
"""Commands that change the state of an offer, each with its sender."""
DAYS_AROUND_START = [(order_steps.STARTS + timedelta(days=n)).date().isoformat() for n in (-1, 0, 1)]
"""The day before the slots begin, the day on which they begin, and the day after."""


def slots_named(names: set[str]) -> list[matching.Slot]:
    """Slots of these names; each has two places if their number is odd, otherwise one."""
    return [order_steps.slot(name, 1 + len(names) % 2) for name in sorted(names)]


class FairMachine(RuleBasedStateMachine):
    """One organisation with two fairs; every command may be refused, and then nothing has changed."""

    @initialize()
    def open(self) -> None:
        self.driver = order_steps.start()
        for person in ("p-5", "p-6"):
            provider_steps.register(self.driver, person, languages=[])
        self.count = 0
        self.driver.say(
            order_steps.offering(*slots_named({"a", "b"}), requires=[provider_steps.HEALTH]),
            "fair-1",
            by="p-rep",
        )
        self.driver.say(matching.PublishOffer(), "fair-1", by="p-branch")
        self.cancelled: set[tuple[str, str]] = set()
        for order, slot in (("order-1", "a"), ("order-2", "b")):
            order_steps.bring_to_staffing(self.driver, order, offer="fair-1", slot=slot)

    def send(self, command: Command, subject: str, by: str, **how: Any) -> bool:
        """Sends the command; returns whether it was accepted."""
        try:
            self.driver.say(command, subject, by=by, **how)
        except Refused:
            return False
        return True

    @rule(offer=OFFERS, slots=st.sets(SLOTS), draft=st.booleans(), checked=st.booleans())
    def submit_or_draft(self, offer: str, slots: set[str], draft: bool, checked: bool) -> None:
        whole = order_steps.offering(*slots_named(slots), requires=[provider_steps.HEALTH] if checked else [])
        command = matching.DraftOffer.model_validate(dict(whole)) if draft else whole
        working = OrganisationStage.peek("org-1", self.driver.s).state not in ("dormant", "closed")
        assert not self.send(command, offer, "p-rep") or working

    @rule(move=st.sampled_from(STATE_COMMANDS))
    def move(self, move: tuple[Command, str], offer: str = "fair-2") -> None:
        found = self.driver.s.get(Offer, offer)
        allowed = found is not None and offers.LIFE.allows(found.state, type(move[0]))
        assert not self.send(move[0], offer, move[1]) or allowed

    @rule(stage=st.sampled_from(["active", "dormant", "active", "active", "incubating"]))
    def change_stage(self, stage: str) -> None:
        before = OrganisationStage.peek("org-1", self.driver.s).state
        command = matching.ChangeOrganisationStage.model_validate({"stage": stage, "reason": "x"})
        assert self.send(command, "org-1", "p-branch") == registry.LIFE.allows(before, stage)

    @rule(offer=OFFERS, slots=st.sets(SLOTS, min_size=1, max_size=2))
    def add(self, offer: str, slots: set[str]) -> None:
        self.send(matching.AddSlots(slots=slots_named(slots)), offer, "p-branch", role="branch")

    @rule(offer=OFFERS, slot=SLOTS)
    def cancel_slot(self, offer: str, slot: str) -> None:
        held = {
            row.order
            for table in (Assignment, Waiting)
            for row in self.driver.rows(table)
            if (row.offer, row.slot) == (offer, slot)
        }
        if self.send(matching.CancelSlot(slot=slot, reason="x"), offer, "p-branch"):
            assert all(self.driver.row(Order, order).state == "ready" for order in held)
            assert (offer, slot) not in self.cancelled
            self.cancelled.add((offer, slot))

    @rule(order=ORDERS, offer=OFFERS, slot=SLOTS, accepted=st.booleans())
    def assign(self, order: str, offer: str, slot: str, accepted: bool) -> None:
        if self.driver.s.get(Order, order) is None:
            order_steps.place_and_screen(self.driver, order)
        working = OrganisationStage.peek("org-1", self.driver.s).state not in ("dormant", "closed")
        assigned = self.send(order_steps.assigning(offer=offer, slot=slot), order, "p-branch")
        assert not assigned or (working and (offer, slot) not in self.cancelled)
        if accepted:
            self.send(matching.AcceptAssignment(), order, "p-rep")

    @rule(order=ORDERS)
    def decline_or_cancel(self, order: str) -> None:
        self.send(matching.DeclineAssignment(reason="x"), order, "p-rep") or self.send(
            matching.CancelOrder(reason="x", channel="app"), order, "p-1"
        )

    @rule(person=PEOPLE, until=st.sampled_from([None, *DAYS_AROUND_START]))
    def verify(self, person: str, until: str | None) -> None:
        provider_steps.verify(self.driver, person, until)

    @rule(order=ORDERS, person=PEOPLE, serves=st.booleans())
    def ask(self, order: str, person: str, serves: bool) -> None:
        self.count += 1
        assignment, fit = (
            self.driver.s.get(Assignment, order),
            self.driver.s.get(Qualified, (person, "check", "health")),
        )
        asked = self.send(matching.ProposePerson(order=order, person=person), f"prop-{self.count}", "p-rep")
        if asked and assignment and Requirement.of(assignment.offer, self.driver.s):
            assert fit is not None
            assert fit.valid_until is None or fit.valid_until >= DAYS_AROUND_START[1]
        if asked and serves:
            self.send(matching.AcceptProposal(channel="app"), f"prop-{self.count}", person)
            self.send(matching.CheckIn(channel="app"), order, person)

    @invariant()
    def the_counts_of_a_slot_equal_its_rows(self) -> None:
        for slot in self.driver.rows(Slot):
            here = [
                row
                for row in self.driver.rows(Assignment)
                if (row.offer, row.slot) == (slot.offer, slot.slot)
            ]
            queue = [
                row for row in self.driver.rows(Waiting) if (row.offer, row.slot) == (slot.offer, slot.slot)
            ]
            promoted = sum(row.promoted for row in queue)
            assert (slot.taken, slot.promised, slot.waiting) == (len(here), promoted, len(queue) - promoted)
            assert slot.taken <= slot.capacity
            assert slot.capacity or not queue

    @invariant()
    def an_order_has_the_rows_of_its_state(self) -> None:
        held = {row.order for row in self.driver.rows(Assignment)}
        waiting = {row.order for row in self.driver.rows(Waiting) if not row.promoted}
        serving = {row.order for row in self.driver.rows(Proposal) if row.state in ("accepted", "checked_in")}
        for order in self.driver.rows(Order):
            assert (order.id in held) == (order.state in ("assigned", "staffing", "scheduled", "in_service"))
            assert (order.id in waiting) == (order.state == "waitlisted")
            assert (order.id in serving) == (order.state in ("scheduled", "in_service"))


FairMachine.TestCase.settings = tries(6, 40)
TestFairMachine = FairMachine.TestCase
