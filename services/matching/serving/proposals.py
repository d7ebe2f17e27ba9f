"""Proposals 邀约: a person is asked, once per order, whether they would serve (domain.md §3.2, I2, I4)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts import matching
from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import Envelope
from microgov.contracts.rules import BehaviourRules, MatchingRules
from microgov.services.chassis.model import AnyMessage, Entity, Refused, Said
from microgov.services.chassis.reference_data import rules
from microgov.services.chassis.store.fold_session.children import rows_under
from microgov.services.matching.model import Base, Deadline, Person, Rule, rules_in_force
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.orders import life as orders
from microgov.services.matching.orders.answer_deadline import answer_deadline
from microgov.services.matching.orders.assignments import Assignment
from microgov.services.matching.orders.order import Order
from microgov.services.matching.orders.partners import acting_organisation, other_organisations
from microgov.services.matching.registry.organisations import Organisation
from microgov.services.matching.registry.providers import check_not_in_conflict
from microgov.services.matching.serving.check_in_code import short_code
from microgov.services.matching.serving.dual_team import check_duty
from microgov.services.matching.serving.life import LIFE
from microgov.services.matching.serving.qualification import check_qualified, last_moment
from microgov.services.matching.serving.strikes import check_not_paused
from microgov.services.matching.serving.tasks import Task


class Proposal(Entity, Base):
    """A proposal to one person. `starts` and `ends` (UTC) are those of the order's slot, or None without a slot."""

    __tablename__ = "proposal"
    CALLED = "Proposal"
    state: Mapped[str]
    order: Mapped[str]
    organisation: Mapped[str]
    person: Mapped[str]
    duty: Mapped[str]
    code: Mapped[str]
    starts: Mapped[datetime | None]
    ends: Mapped[datetime | None]

    @classmethod
    def ask(cls, m: Envelope[matching.ProposePerson], s: Session) -> Said:
        """Asks a person, on behalf of the organisation, to serve the order."""
        order = Order.find(s, m.data.order, "data.order")
        organisation = acting_organisation(order.id, order.organisation, m, s)
        cls.check_may_ask(order, m.data.person, m.data.duty, m, s)
        orders.LIFE.move(order, m, s)
        return cls.put(m.subject, order, organisation, m.data.person, m.data.duty, m, s)

    @classmethod
    def check_may_ask(cls, order: Order, person: str, duty: str | None, m: AnyMessage, s: Session) -> None:
        """Raises a refusal if the person is not registered, was asked before, is paused, may not serve the beneficiary, does
        not fit the duty, or lacks a qualification.
        """
        Person.named(person, s, "data.person")
        if s.get(Asked, (order.id, person)) is not None:
            raise Refused(
                "already_asked",
                f"已就点单 {order.id} 邀请过 {person}。每人只邀请一次。",
                f"{person} was asked about the order {order.id} before. Everybody is asked once.",
                "data.person",
            )
        check_not_paused(person, m, s)
        check_not_in_conflict(person, order.beneficiary, s)
        check_duty(order, person, duty, m, s)
        check_qualified(offer_of(order, s), last_moment(_slot(order, s), m), person, "data.person", s)

    @classmethod
    def put(
        cls,
        id: str,
        order: Order,
        organisation: Organisation | None,
        person: str,
        duty: str | None,
        m: AnyMessage,
        s: Session,
    ) -> Said:
        """Adds the proposal with its short code and its deadline."""
        slot, name = _slot(order, s), organisation.id if organisation else ""
        hours = timedelta(hours=rules(s, Rule, MatchingRules).proposal_hours)
        until = answer_deadline(m.recordedtime + hours, slot, m, s)
        proposal = cls.new(
            s,
            id,
            state="proposed",
            order=order.id,
            organisation=name,
            person=person,
            duty=duty or "assist",
            code=short_code(m.id),
            starts=slot and slot.starts,
            ends=slot and slot.ends,
        )
        s.add(Asked(order=order.id, person=person, proposal=proposal.id))
        Deadline.put(s, "proposal", proposal.id, until)
        asked = {
            "order": order.id,
            "organisation": name,
            "person": person,
            "code": proposal.code,
            "duty": duty,
        }
        return proposal.say(matching.PersonProposed.model_validate({**asked, "expires_at": until}))

    def accept(self, m: Envelope[matching.AcceptProposal], s: Session) -> Iterator[Said]:
        """Records that the person accepts. Once as many people as needed have accepted, the order's open proposals are
        withdrawn.
        """
        order = Order.find(s, self.order)
        orders.LIFE.check(order, matching.AcceptProposal, m, s)
        LIFE.move(self, m, s)
        Task.begin(self.person, self.id, order.id, self.starts, self.ends, s)
        order.add_person(self.person, self.id, self.duty)
        Deadline.drop(s, "proposal", self.id)
        yield self.say(matching.ProposalAccepted(order=order.id, person=self.person))
        if order.staffed >= order.needed:
            orders.LIFE.move(order, m, s)
            yield order.say(self._staffed(order, s))
            for other in proposals_of(order.id, s):
                if other.state == "proposed":
                    yield from other.call_off(m, s)

    def _staffed(self, order: Order, s: Session) -> matching.OrderStaffed:
        """The event that the order has all its people; `people` is set only if more than one serves."""
        people = (
            [one.person for one in proposals_of(order.id, s) if one.state == "accepted"]
            if order.needed > 1
            else None
        )
        told = rules_in_force(s, BehaviourRules).tells_all
        others = other_organisations(order.id, self.organisation, s) if told else None
        return matching.OrderStaffed(
            organisation=self.organisation, person=self.person, people=people, partners=others
        )

    def decline(self, m: Envelope[matching.DeclineProposal], s: Session) -> Said:
        LIFE.move(self, m, s)
        Deadline.drop(s, "proposal", self.id)
        return self.say(matching.ProposalDeclined(order=self.order, person=self.person))

    def expire(self, m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
        if LIFE.allows(self.state, "proposal"):
            LIFE.moved_by(self, "proposal", m, s)
            yield self.say(matching.ProposalExpired(order=self.order, person=self.person))

    def call_off(self, m: AnyMessage, s: Session) -> Iterator[Said]:
        """Withdraws an open proposal, or releases a person who had accepted; an ended proposal stays as it is."""
        if not LIFE.allows(self.state, "off"):
            return
        event = matching.ProposalWithdrawn if self.state == "proposed" else matching.ProposalReleased
        LIFE.moved_by(self, "off", m, s)
        Task.end(self.person, self.id, s)
        Deadline.drop(s, "proposal", self.id)
        yield self.say(event(order=self.order, person=self.person))


class Asked(Base):
    """A row means that the person has been asked about the order; nobody is asked twice."""

    __tablename__ = "asked"
    order: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    proposal: Mapped[str]


def proposals_of(order: str, s: Session) -> list[Proposal]:
    """All proposals of an order, by id."""
    return [s.get_one(Proposal, id) for id in sorted(row.proposal for row in rows_under(s, Asked, order))]


def _slot(order: Order, s: Session) -> Slot | None:
    assignment = s.get(Assignment, order.id)
    return assignment.slot_of(s) if assignment is not None else None


def offer_of(order: Order, s: Session) -> str | None:
    """The offer with which the order is assigned or, without an assignment, the offer from which it was ordered."""
    assignment = s.get(Assignment, order.id)
    return assignment.offer if assignment is not None else order.offer
