"""A slot never has more orders than places; the order that has waited longest gets a free place."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from microgov.contracts import matching
from microgov.services.chassis.model import Refused
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.orders.assignments import Assignment
from microgov.services.matching.orders.order import Order
from microgov.services.matching.orders.waiting_list import Waiting
from tests.matching import order_steps
from tests.support.property_budget import tries

pytestmark = [pytest.mark.rule("3.3", "I1 no slot above its capacity")]

ORDERS = st.sampled_from([f"order-{n}" for n in range(1, 9)])
SLOTS = st.sampled_from(["am", "pm"])


class CapacityMachine(RuleBasedStateMachine):
    """Orders are placed, assigned, declined, left to expire and cancelled."""

    @initialize(capacity=st.integers(1, 3))
    def open(self, capacity: int) -> None:
        self.driver = order_steps.start(capacity)

    def send(
        self,
        command: matching.AssignOrder | matching.CancelOrder | matching.DeclineAssignment,
        order: str,
        by: str,
    ) -> None:
        """Sends the command; nobody may get a free place before an order that waits longer for the same slot."""
        waiting = [row for row in self.driver.rows(Waiting) if not row.promoted]
        queues = {row.order: (row.slot, row.number) for row in waiting}
        try:
            said = self.driver.say(command, order, by=by)
        except Refused as refused:
            assert refused.code in ("wrong_state", "not_found", "not_your_organisation")
            return
        promoted = [queues[s.subject] for s in said if isinstance(s.event, matching.OrderPromoted)]
        still = [
            queues[row.order] for row in self.driver.rows(Waiting) if not row.promoted and row.order in queues
        ]
        assert all(mine < other for mine in promoted for other in still if mine[0] == other[0])

    @rule(order=ORDERS)
    def place(self, order: str) -> None:
        if self.driver.s.get(Order, order) is None:
            order_steps.place_and_screen(self.driver, order)

    @rule(order=ORDERS, slot=SLOTS)
    def assign(self, order: str, slot: str) -> None:
        self.send(order_steps.assigning(slot=slot), order, "p-branch")

    @rule(order=ORDERS)
    def cancel(self, order: str) -> None:
        self.send(matching.CancelOrder(reason="x", channel="app"), order, "p-1")

    @rule(order=ORDERS)
    def decline(self, order: str) -> None:
        self.send(matching.DeclineAssignment(reason="x"), order, "p-rep")

    @rule()
    def let_two_days_pass(self) -> None:
        self.driver.wait(hours=48)

    @invariant()
    def no_slot_is_above_its_capacity_and_no_free_place_is_withheld(self) -> None:
        for slot in self.driver.rows(Slot):
            active = sum(row.slot == slot.slot for row in self.driver.rows(Assignment))
            queue = [row for row in self.driver.rows(Waiting) if row.slot == slot.slot]
            promoted = sum(row.promoted for row in queue)
            assert (slot.taken, slot.promised, slot.waiting) == (active, promoted, len(queue) - promoted)
            assert active <= slot.capacity
            assert not slot.waiting or slot.taken + slot.promised >= slot.capacity


CapacityMachine.TestCase.settings = tries(8, 30)
TestCapacityMachine = CapacityMachine.TestCase
