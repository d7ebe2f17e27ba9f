"""Orders and the people who serve them under any commands in any order: the invariants of domain.md §3.3 hold."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy.orm import Session

from microgov.contracts import matching
from microgov.contracts.message import parse
from microgov.contracts.registry import every_message
from microgov.services.chassis.fold.fold import Fold
from microgov.services.chassis.messages.parsed import read_one
from microgov.services.chassis.model import Refused
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.replay.feeding import prepare
from microgov.services.chassis.store.engine import engine
from microgov.services.matching.handlers import service
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.orders.order import Order
from tests.matching import order_steps, provider_steps, serving_steps
from tests.matching.invariants import violated, violated_by
from tests.support.property_budget import tries

pytestmark = [
    pytest.mark.rule("3.3", "I1 no slot above its capacity"),
    pytest.mark.rule("3.3", "I3 one active assignment of an order"),
    pytest.mark.rule("3.3", "I4 nobody is asked about an order that has ended"),
    pytest.mark.rule("3.3", "I5 an active care team has one of each role; a household is in one team"),
]

LOGS = sorted((Path(__file__).parents[1] / "logs").glob("*.ndjson"))
ORDERS = st.sampled_from([f"order-{n}" for n in range(1, 5)])
PEOPLE = st.sampled_from(["p-5", "p-6", "p-7", "p-8"])
POSSIBLE_CODES = {
    "wrong_state",
    "not_found",
    "not_yours",
    "already_asked",
    "already_exists",
    "person_paused",
    "overlapping_task",
    "lead_first",
    "lead_taken",
    "no_lead_wanted",
    "not_a_social_worker",
    "not_begun",
    "not_your_organisation",
    "hours_entered",
    "hours_not_entered",
    "not_qualified",
    "not_verified",
}
"""Error codes with which a command of the machine may be refused."""


class ServingMachine(RuleBasedStateMachine):
    """Two overlapping slots and four people, one of them a social worker; some offers require a health check."""

    @initialize(capacity=st.integers(1, 2), healthy=st.booleans())
    def open(self, capacity: int, healthy: bool) -> None:
        self.driver = order_steps.start(
            capacity, [provider_steps.HEALTH] if healthy else None, **serving_steps.RULES
        )
        self.seen = 0
        serving_steps.make_social_worker(self.driver)
        for person in ("p-5", "p-6", "p-7", "p-8"):
            provider_steps.register(self.driver, person)

    @rule(person=PEOPLE, days=st.integers(0, 20), revoked=st.booleans())
    def verify_or_revoke(self, person: str, days: int, revoked: bool) -> None:
        if revoked:
            self.send(
                matching.RevokeQualification(qualification=provider_steps.HEALTH, reason="x"),
                person,
                "p-branch",
                "branch",
            )
        else:
            provider_steps.verify(
                self.driver, person, (self.driver.now + timedelta(days=days)).date().isoformat()
            )

    def send(self, command: Any, subject: str, by: str, role: str | None = None) -> None:
        """Sends the command; it may be refused with one of `POSSIBLE_CODES`."""
        try:
            self.driver.say(command, subject, by=by, role=role)
        except Refused as refused:
            assert refused.code in POSSIBLE_CODES, refused.code

    @rule(order=ORDERS, slot=st.sampled_from(["am", "pm"]), people=st.integers(1, 2), lead=st.booleans())
    def assign(self, order: str, slot: str, people: int, lead: bool) -> None:
        if self.driver.s.get(Order, order) is None:
            order_steps.place_and_screen(self.driver, order)
        self.send(
            order_steps.assigning(slot=slot, staffing={"people": people, "lead": lead}), order, "p-branch"
        )
        self.send(matching.AcceptAssignment(), order, "p-rep")

    @rule(order=ORDERS, person=PEOPLE, yes=st.booleans(), duty=st.sampled_from(["lead", "assist"]))
    def ask(self, order: str, person: str, yes: bool, duty: Any) -> None:
        self.send(matching.ProposePerson(order=order, person=person, duty=duty), f"{order}-{person}", "p-rep")
        if yes:
            self.send(matching.AcceptProposal(channel="app"), f"{order}-{person}", person)

    @rule(order=ORDERS, person=PEOPLE)
    def agree(self, order: str, person: str) -> None:
        self.send(matching.AcceptProposal(channel="app"), f"{order}-{person}", person)

    @rule(order=ORDERS, person=PEOPLE, other=PEOPLE, how=st.sampled_from(["drop", "replace", "no_show"]))
    def drop_replace_or_report_no_show(self, order: str, person: str, other: str, how: str) -> None:
        proposal = f"{order}-{person}"
        if how == "drop":
            self.send(matching.DropOut(reason="x", channel="app"), proposal, person)
        elif how == "no_show":
            self.send(matching.ReportNoShow(note="x"), proposal, "p-rep")
        else:
            self.send(
                matching.ReplacePerson(by=f"{order}-{other}", person=other, reason="x"), proposal, "p-rep"
            )

    @rule(order=ORDERS, person=PEOPLE, leaves=st.booleans())
    def check_in_and_out(self, order: str, person: str, leaves: bool) -> None:
        self.send(matching.CheckIn(channel="app"), order, person)
        if leaves:
            self.send(matching.CheckOut(channel="app"), order, person)

    @rule(order=ORDERS, person=PEOPLE, minutes=st.integers(0, 90))
    def finish(self, order: str, person: str, minutes: int) -> None:
        self.send(matching.ReportDone(minutes=30, note="x"), order, "p-rep")
        self.send(matching.EnterHours(kind="travel", minutes=10, note="x"), f"{order}-{person}", "p-rep")
        correction = matching.CorrectHours(kind="service", minutes=minutes, reason="x")
        self.send(correction, f"{order}-{person}", "p-rep", "organisation")

    @rule(order=ORDERS, fails=st.booleans())
    def end(self, order: str, fails: bool) -> None:
        command = matching.FailOrder(reason="x") if fails else matching.CancelOrder(reason="x", channel="app")
        self.send(command, order, "p-branch", "branch")

    @rule(days=st.integers(1, 6))
    def pass_time(self, days: int) -> None:
        self.driver.wait(days=days)

    @invariant()
    def every_invariant_holds(self) -> None:
        assert violated(self.driver.s) == []
        new, self.seen = self.driver.log[self.seen :], len(self.driver.log)
        assert violated_by(new, self.driver.s) == []


ServingMachine.TestCase.settings = tries(6, 40)
TestServingMachine = ServingMachine.TestCase


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_the_invariants_hold_after_every_message_of_a_recording(path: Path) -> None:
    every_message()  # imports all message classes, so that `parse` knows them
    made, folding = engine("sqlite://"), Fold(service, "x")
    prepare(made, service)
    for stored in recordings.read(path).messages:
        if stored.subject.split(".", 3)[3] not in folding.types:
            continue
        with made.begin() as connection:
            folding.fold(connection, [read_one(stored)])
        if stored.subject.split(".")[3:4] != ["matching"]:
            continue
        with Session(made) as s:
            assert violated(s) == [], stored.seq
            assert violated_by([parse(stored.subject, stored.data)], s) == [], stored.seq
    made.dispose()


def test_the_check_of_i1_finds_an_overfull_slot() -> None:
    """Two orders in a slot with one place are found."""
    driver = order_steps.start(capacity=2)
    for order in ("order-1", "order-2"):
        order_steps.bring_to_staffing(driver, order)
    assert violated(driver.s) == []
    driver.rows(Slot)[0].capacity = 1
    assert violated(driver.s) == ["I1"]
