"""Proposals 邀约: one person asked once, by a short code; who says yes serves (domain.md §3.2, I2, I4)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session

from contracts import matching as c
from contracts.log import DeadlineReached
from contracts.message import Envelope
from contracts.rules import MatchingRules
from services.chassis.house import rules
from services.chassis.model import AnyMessage, Entity, Guard, Life, Refused, Said, Transition, each
from services.matching import orders
from services.matching.assignments import Assignment, free
from services.matching.model import Base, Deadline, Person, Rule
from services.matching.offers import Slot
from services.matching.orders import Order

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No character that is taken for another."""

NOT_YOURS = Guard(
    "not_yours",
    "邀约只能由被邀请的本人答复。请由本人办理。",
    "A proposal is answered by the person who was asked, and by nobody else.",
    lambda proposal, m, s: m.authid == proposal.person,
    "authid",
)
OVERLAP = Guard(
    "overlapping_task",
    "您在这段时间已有其他服务安排，不能同时接受。请先协调时间。",
    "You have another task at that time and cannot take both. Settle the times first.",
    lambda proposal, m, s: not proposal.overlaps(s),
)

LIFE = Life(
    "proposal",
    "邀约",
    {
        "proposed": ("待答复", "waiting for an answer"),
        "accepted": ("已同意", "accepted"),
        "declined": ("已谢绝", "declined"),
        "expired": ("已过期", "expired"),
        "withdrawn": ("已撤回", "withdrawn"),
        "checked_in": ("已签到", "checked in"),
        "completed": ("已完成", "completed"),
        "released": ("已解除", "released"),
    },
    {
        (None, c.ProposePerson): Transition("proposed", c.PersonProposed),
        ("proposed", c.AcceptProposal): Transition("accepted", c.ProposalAccepted, (NOT_YOURS, OVERLAP)),
        ("proposed", c.DeclineProposal): Transition("declined", c.ProposalDeclined, (NOT_YOURS,)),
        ("proposed", "proposal"): Transition("expired", c.ProposalExpired),
        ("proposed", "off"): Transition("withdrawn", c.ProposalWithdrawn),
        ("accepted", c.CheckIn): Transition("checked_in", c.ServiceStarted),
        ("checked_in", c.ReportDone): Transition("completed", c.ServiceCompleted),
        **each(("accepted", "checked_in"), "off", Transition("released", c.ProposalReleased)),
    },
    frozenset({"declined", "expired", "withdrawn", "completed", "released"}),
)


class Proposal(Entity, Base):
    """`starts` and `ends` are those of the order's slot, where it has one."""

    __tablename__ = "proposal"
    state: Mapped[str]
    order: Mapped[str]
    organisation: Mapped[str]
    person: Mapped[str]
    code: Mapped[str]
    starts: Mapped[datetime | None]
    ends: Mapped[datetime | None]

    @classmethod
    def ask(cls, m: Envelope[c.ProposePerson], s: Session) -> Said:
        """The organisation asks one person to serve the order."""
        d, hours = m.data, rules(s, Rule, MatchingRules).proposal_hours
        order = Order.find(s, d.order, "data.order")
        organisation = order.provider(m, s)
        Person.named(d.person, s, "data.person")
        asked = select(cls).where(cls.order == order.id, cls.person == d.person).order_by(cls.id)
        if s.scalars(asked).first() is not None:
            raise Refused(
                "already_asked",
                f"已就点单 {order.id} 邀请过 {d.person}。每人只邀请一次。",
                f"{d.person} was asked about the order {order.id} before. Everybody is asked once.",
                "data.person",
            )
        orders.LIFE.move(order, m, s)
        slot, name = _slot(order, s), organisation.id if organisation else ""
        until = m.recordedtime + timedelta(hours=hours)
        proposal = cls.new(
            s,
            m.subject,
            state="proposed",
            order=order.id,
            organisation=name,
            person=d.person,
            code=short_code(m.id),
            starts=slot and slot.starts,
            ends=slot and slot.ends,
        )
        Deadline.put(s, "proposal", proposal.id, until)
        return proposal.say(
            c.PersonProposed(order=order.id, organisation=name, person=d.person, code=proposal.code, expires_at=until)
        )

    def overlaps(self, s: Session) -> bool:
        """Whether the person has an active task that shares a moment with this one (half-open intervals)."""
        mine = Proposal.person == self.person, Proposal.state.in_(("accepted", "checked_in"))
        return any(_share(self, other) for other in s.scalars(select(Proposal).where(*mine).order_by(Proposal.id)))

    def accept(self, m: Envelope[c.AcceptProposal], s: Session) -> Iterator[Said]:
        """The person serves; whoever else was asked is told that it is settled."""
        order = Order.find(s, self.order)
        LIFE.move(self, m, s)
        orders.LIFE.move(order, m, s)
        order.person, order.proposal = self.person, self.id
        Deadline.drop(s, "proposal", self.id)
        yield self.say(c.ProposalAccepted(order=order.id, person=self.person))
        yield order.say(c.OrderStaffed(organisation=self.organisation, person=self.person))
        for other in proposals_of(order.id, s):
            if other.id != self.id:
                yield from other.call_off(m, s)

    def decline(self, m: Envelope[c.DeclineProposal], s: Session) -> Said:
        LIFE.move(self, m, s)
        Deadline.drop(s, "proposal", self.id)
        return self.say(c.ProposalDeclined(order=self.order, person=self.person))

    def expire(self, m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
        if LIFE.allows(self.state, "proposal"):
            LIFE.moved_by(self, "proposal", m, s)
            yield self.say(c.ProposalExpired(order=self.order, person=self.person))

    def call_off(self, m: AnyMessage, s: Session) -> Iterator[Said]:
        """Nothing where it has ended; withdrawn where it was open, released where the person had said yes."""
        if not LIFE.allows(self.state, "off"):
            return
        event = c.ProposalWithdrawn if self.state == "proposed" else c.ProposalReleased
        LIFE.moved_by(self, "off", m, s)
        Deadline.drop(s, "proposal", self.id)
        yield self.say(event(order=self.order, person=self.person))


def check_in(m: Envelope[c.CheckIn], s: Session) -> Said:
    """The person who serves is there, and the service starts."""
    order = Order.find(s, m.subject)
    if order.person is not None and m.authid != order.person:
        raise Refused(
            "not_yours",
            f"点单 {order.id} 由 {order.person} 服务。请由其本人签到。",
            f"The order {order.id} is served by {order.person}, who checks in.",
            "authid",
        )
    orders.LIFE.move(order, m, s)
    LIFE.move(Proposal.find(s, order.proposal or ""), m, s)
    return order.say(c.ServiceStarted(organisation=order.organisation or "", person=m.authid))


def complete(m: Envelope[c.ReportDone], s: Session) -> Said:
    """The service is done, and so is the person's task."""
    order = Order.find(s, m.subject)
    said = order.complete(m, s)
    LIFE.move(Proposal.find(s, order.proposal or ""), m, s)
    return said


def call_off(order: Order, m: AnyMessage, s: Session) -> Iterator[Said]:
    """Releases everything that an order held: persons, the place, its place in the queue."""
    for proposal in proposals_of(order.id, s):
        yield from proposal.call_off(m, s)
    yield from free(order, m, s)


def proposals_of(order: str, s: Session) -> list[Proposal]:
    """All proposals of an order, by id."""
    return list(s.scalars(select(Proposal).where(Proposal.order == order).order_by(Proposal.id)))


def short_code(id: str) -> str:
    """Six characters that follow from a message's id."""
    number, code = int(id.replace("-", ""), 16), ""
    for _ in range(6):
        number, digit = divmod(number, len(ALPHABET))
        code += ALPHABET[digit]
    return code


def _slot(order: Order, s: Session) -> Slot | None:
    assignment = s.get(Assignment, order.id)
    if assignment is None or assignment.offer is None or assignment.slot is None:
        return None
    return Slot.of(assignment.offer, assignment.slot, s)


def _share(one: Proposal, other: Proposal) -> bool:
    if one.starts is None or one.ends is None or other.starts is None or other.ends is None:
        return False
    return one.starts < other.ends and other.starts < one.ends
