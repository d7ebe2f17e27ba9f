"""Attendance of people who serve: check-in, check-out, dropping out, replacement, no-show, end (domain.md §3.2)."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.orm import Session

from microgov.contracts import matching
from microgov.contracts.message import Envelope
from microgov.contracts.rules.serving import TaskRules
from microgov.services.chassis.model import AnyMessage, Refused, Said
from microgov.services.chassis.times import moved
from microgov.services.matching.model import Rule, rules_in_force
from microgov.services.matching.orders import life as orders
from microgov.services.matching.orders.order import Order
from microgov.services.matching.orders.partners import acting_organisation
from microgov.services.matching.serving import hours
from microgov.services.matching.serving.life import LIFE
from microgov.services.matching.serving.proposals import Asked, Proposal, offer_of, proposals_of
from microgov.services.matching.serving.qualification import check_qualified
from microgov.services.matching.serving.strikes import Reason, strike
from microgov.services.matching.serving.tasks import Task


def check_in(m: Envelope[matching.CheckIn], s: Session) -> Said:
    """Records the arrival of a person who serves. The first check-in starts the service; a lead checks in first."""
    order = Order.find(s, m.subject)
    orders.LIFE.check(order, matching.CheckIn, m, s)
    proposal = _mine(order, m, s)
    first = order.state == "scheduled"
    if first and order.lead and proposal.duty != "lead":
        raise Refused(
            "lead_first",
            f"点单 {order.id} 是双工服务，须由带队社工先签到。请等社工到场。",
            f"The order {order.id} is led by a social worker, who checks in first. Wait for them to come.",
            "authid",
        )
    check_qualified(offer_of(order, s), m.recordedtime, m.authid, "authid", s)
    LIFE.move(proposal, m, s)
    orders.LIFE.move(order, m, s)
    s.get_one(Task, (proposal.person, proposal.id)).came_at = m.recordedtime
    event = matching.ServiceStarted if first else matching.PersonCheckedIn
    return order.say(event(organisation=order.organisation or "", person=m.authid))


def check_out(m: Envelope[matching.CheckOut], s: Session) -> Said:
    """Records the departure; the time between arrival and departure is entered in the ledger later."""
    order = Order.find(s, m.subject)
    orders.LIFE.check(order, matching.CheckOut, m, s)
    proposal = _mine(order, m, s)
    LIFE.move(proposal, m, s)
    task = s.get_one(Task, (proposal.person, proposal.id))
    task.left_at = m.recordedtime
    person, minutes = proposal.person, task.minutes or 0
    return order.say(
        matching.PersonCheckedOut(organisation=order.organisation or "", person=person, minutes=minutes)
    )


def drop_out(m: Envelope[matching.DropOut], s: Session) -> Iterator[Said]:
    """Records that a person who had accepted drops out. If that is less than `tasks.late_hours` hours before the start, it
    is a strike (0: never).
    """
    proposal, late = Proposal.find(s, m.subject), rules_in_force(s, TaskRules).late_hours
    LIFE.move(proposal, m, s)
    yield proposal.say(matching.ProposalReleased(order=proposal.order, person=proposal.person))
    yield from _gone(proposal, m, s)
    if (
        late
        and proposal.starts is not None
        and m.recordedtime > moved(proposal.starts, -timedelta(hours=late))
    ):
        yield _struck(proposal, "late_drop_out", m, s)


def no_show(m: Envelope[matching.ReportNoShow], s: Session) -> Iterator[Said]:
    """Records that a person who had accepted did not come, which is a strike."""
    proposal = Proposal.find(s, m.subject)
    _acting(proposal, m, s)
    LIFE.move(proposal, m, s)
    yield proposal.say(matching.PersonDidNotShow(order=proposal.order, person=proposal.person))
    yield from _gone(proposal, m, s)
    yield _struck(proposal, "no_show", m, s)


def replace(m: Envelope[matching.ReplacePerson], s: Session) -> Iterator[Said]:
    """Asks another person in place of a person who had accepted; nobody gets a strike."""
    proposal, d = Proposal.find(s, m.subject), m.data
    order = Order.find(s, proposal.order)
    organisation = acting_organisation(order.id, order.organisation, m, s)
    LIFE.check(proposal, matching.ReplacePerson, m, s)
    orders.LIFE.check(order, "understaffed", m, s)
    if s.get(Proposal, d.by) is not None:
        raise Refused(
            "already_exists",
            f"编号 {d.by} 已被使用。请换一个编号。",
            f"The id {d.by} is taken. Choose another.",
            "data.by",
        )
    Proposal.check_may_ask(order, d.person, proposal.duty, m, s)
    LIFE.move(proposal, m, s)
    yield proposal.say(matching.ProposalReplaced(order=order.id, person=proposal.person, by=d.by))
    yield from _gone(proposal, m, s)
    yield Proposal.put(d.by, order, organisation, d.person, proposal.duty, m, s)


def complete(m: Envelope[matching.ReportDone], s: Session) -> Iterator[Said]:
    """Ends the service and its tasks. Hours are counted from check-in to check-out; if there is no check-out, the reported
    minutes count. They are entered only if `tasks.ledger` is set.
    """
    order = Order.find(s, m.subject)
    yield order.complete(m, s)
    kept = s.get(Rule, "tasks") is not None and rules_in_force(s, TaskRules).ledger
    for proposal in proposals_of(order.id, s):
        if not LIFE.allows(proposal.state, matching.ReportDone):
            continue
        came = proposal.state == "checked_in"
        LIFE.moved_by(proposal, matching.ReportDone, m, s)
        task = Task.end(proposal.person, proposal.id, s)
        if not came:
            yield proposal.say(matching.ProposalReleased(order=order.id, person=proposal.person))
        elif kept:
            stayed = task.minutes if task is not None else None
            yield hours.enter(proposal, "service", m.data.minutes if stayed is None else stayed, m, s)


def enter_hours(m: Envelope[matching.EnterHours], s: Session) -> Said:
    """Enters hours of a kind named in the command, such as travel or training, for a completed task."""
    proposal = Proposal.find(s, m.subject)
    _acting(proposal, m, s)
    LIFE.move(proposal, m, s)
    return hours.enter(proposal, m.data.kind, m.data.minutes, m, s)


def correct_hours(m: Envelope[matching.CorrectHours], s: Session) -> Iterator[Said]:
    """Corrects entered hours; allowed to the organisation and to the branch of the place."""
    proposal, d = Proposal.find(s, m.subject), m.data
    Order.find(s, proposal.order).check_branch_or_provider(m, s)
    LIFE.move(proposal, m, s)
    yield from hours.correct(proposal, d.kind, d.minutes, d.reason, m, s)


def _acting(proposal: Proposal, m: AnyMessage, s: Session) -> None:
    """Raises a refusal unless the sender acts for an organisation that delivers the order."""
    order = Order.find(s, proposal.order)
    acting_organisation(order.id, order.organisation, m, s)


def _mine(order: Order, m: AnyMessage, s: Session) -> Proposal:
    """The sender's accepted proposal for the order; raises `not_yours`."""
    asked = s.get(Asked, (order.id, m.authid))
    proposal = s.get(Proposal, asked.proposal) if asked is not None else None
    if proposal is None or proposal.state not in ("accepted", "checked_in"):
        raise Refused(
            "not_yours",
            f"点单 {order.id} 不由您服务。请由应邀服务的本人办理。",
            f"The order {order.id} is not served by you. Whoever said yes to it does this.",
            "authid",
        )
    return proposal


def _gone(proposal: Proposal, m: AnyMessage, s: Session) -> Iterator[Said]:
    """Ends the person's task and reports the order as understaffed."""
    Task.end(proposal.person, proposal.id, s)
    order = Order.find(s, proposal.order)
    if orders.LIFE.allows(order.state, "understaffed"):
        yield order.lose_person(proposal.person, m, s)


def _struck(proposal: Proposal, reason: Reason, m: AnyMessage, s: Session) -> Said:
    return proposal.say(strike(proposal.person, proposal.id, proposal.order, reason, m, s))
