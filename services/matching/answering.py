"""Which function answers which message of those who serve: asked, coming and going, done, their hours."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from contracts import matching as c
from contracts.log import DeadlineReached
from contracts.message import Envelope
from services.chassis.families import Under, under
from services.chassis.model import AnyMessage, Said
from services.chassis.service import Key, reads
from services.matching import serving
from services.matching.assignments import Assignment
from services.matching.model import Person
from services.matching.orders import Order
from services.matching.proposals import Asked, Proposal
from services.matching.strikes import Pause
from services.matching.tasks import Task


def _asking(m: Envelope[c.ProposePerson]) -> list[Key]:
    order, person = m.data.order, m.data.person
    return [(Order, order), (Assignment, order), (Person, person), (Asked, (order, person)), (Pause, person)]


def _proposal(m: AnyMessage) -> list[Key]:
    return [(Proposal, m.subject)]


def _its_order(m: AnyMessage, s: Session) -> list[Key]:
    proposal = s.get(Proposal, m.subject)
    if proposal is None:
        return []
    return [(Order, proposal.order), (Asked, Under(proposal.order)), (Task, Under(proposal.person))]


def _order(m: AnyMessage) -> list[Key]:
    return [(Order, m.subject), (Asked, Under(m.subject)), (Assignment, m.subject)]


def _those_asked(m: AnyMessage, s: Session) -> list[Key]:
    return [(Proposal, row.proposal) for row in under(s, Asked, m.subject)]


@reads(_asking)
def propose_person(m: Envelope[c.ProposePerson], s: Session) -> Iterator[Said]:
    yield Proposal.ask(m, s)


@reads(_proposal, _its_order)
def accept_proposal(m: Envelope[c.AcceptProposal], s: Session) -> Iterator[Said]:
    yield from Proposal.find(s, m.subject).accept(m, s)


@reads(_proposal)
def decline_proposal(m: Envelope[c.DeclineProposal], s: Session) -> Iterator[Said]:
    yield Proposal.find(s, m.subject).decline(m, s)


def expire_proposal(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    yield from Proposal.find(s, m.data.entity).expire(m, s)


@reads(_order, _those_asked)
def check_in(m: Envelope[c.CheckIn], s: Session) -> Iterator[Said]:
    yield serving.check_in(m, s)


@reads(_order, _those_asked)
def check_out(m: Envelope[c.CheckOut], s: Session) -> Iterator[Said]:
    yield serving.check_out(m, s)


@reads(_proposal, _its_order)
def drop_out(m: Envelope[c.DropOut], s: Session) -> Iterator[Said]:
    yield from serving.drop_out(m, s)


@reads(_proposal, _its_order)
def replace_person(m: Envelope[c.ReplacePerson], s: Session) -> Iterator[Said]:
    yield from serving.replace(m, s)


@reads(_proposal, _its_order)
def report_no_show(m: Envelope[c.ReportNoShow], s: Session) -> Iterator[Said]:
    yield from serving.no_show(m, s)


def enter_hours(m: Envelope[c.EnterHours], s: Session) -> Iterator[Said]:
    yield serving.enter_hours(m, s)


def correct_hours(m: Envelope[c.CorrectHours], s: Session) -> Iterator[Said]:
    yield from serving.correct_hours(m, s)


@reads(_order, _those_asked)
def report_done(m: Envelope[c.ReportDone], s: Session) -> Iterator[Said]:
    yield from serving.complete(m, s)
