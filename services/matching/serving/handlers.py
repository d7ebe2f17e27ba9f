"""Which function answers which message of those who serve: asked, coming and going, done, their hours."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from microgov.contracts import matching as c
from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Said
from microgov.services.chassis.service import reads
from microgov.services.matching import rows
from microgov.services.matching.serving import attendance
from microgov.services.matching.serving.proposals import Proposal


@reads(rows.of_asking, rows.of_the_asked)
def propose_person(m: Envelope[c.ProposePerson], s: Session) -> Iterator[Said]:
    yield Proposal.ask(m, s)


@reads(rows.of_proposal, rows.its_order)
def accept_proposal(m: Envelope[c.AcceptProposal], s: Session) -> Iterator[Said]:
    yield from Proposal.find(s, m.subject).accept(m, s)


@reads(rows.of_proposal)
def decline_proposal(m: Envelope[c.DeclineProposal], s: Session) -> Iterator[Said]:
    yield Proposal.find(s, m.subject).decline(m, s)


def expire_proposal(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    yield from Proposal.find(s, m.data.entity).expire(m, s)


@reads(rows.of_order, rows.its_surroundings, rows.tasks_of_order)
def check_in(m: Envelope[c.CheckIn], s: Session) -> Iterator[Said]:
    yield attendance.check_in(m, s)


@reads(rows.of_order, rows.its_surroundings, rows.tasks_of_order)
def check_out(m: Envelope[c.CheckOut], s: Session) -> Iterator[Said]:
    yield attendance.check_out(m, s)


@reads(rows.of_proposal, rows.its_order)
def drop_out(m: Envelope[c.DropOut], s: Session) -> Iterator[Said]:
    yield from attendance.drop_out(m, s)


@reads(rows.of_proposal, rows.its_order)
def replace_person(m: Envelope[c.ReplacePerson], s: Session) -> Iterator[Said]:
    yield from attendance.replace(m, s)


@reads(rows.of_proposal, rows.its_order)
def report_no_show(m: Envelope[c.ReportNoShow], s: Session) -> Iterator[Said]:
    yield from attendance.no_show(m, s)


def enter_hours(m: Envelope[c.EnterHours], s: Session) -> Iterator[Said]:
    yield attendance.enter_hours(m, s)


def correct_hours(m: Envelope[c.CorrectHours], s: Session) -> Iterator[Said]:
    yield from attendance.correct_hours(m, s)


@reads(rows.of_order, rows.its_surroundings, rows.hours_of_order)
def report_done(m: Envelope[c.ReportDone], s: Session) -> Iterator[Said]:
    yield from attendance.complete(m, s)
