"""The whole behaviour of the service in one table: which function answers which message."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from contracts import matching as c
from contracts.directory import PersonRegistered
from contracts.issues import VisitServiceRequested
from contracts.log import DeadlineReached
from contracts.message import Envelope
from services.chassis.house import house_handlers
from services.chassis.model import Said
from services.chassis.service import Service, reads
from services.matching import assignments, proposals
from services.matching.assignments import Assignment
from services.matching.model import Base, Person, Place, Rule
from services.matching.offers import Offer, Organisation
from services.matching.orders import Order
from services.matching.planning import plan_orders
from services.matching.proposals import Proposal
from services.matching.questions import show_order


@reads(lambda m: [(Person, m.data.person)])
def register_person(m: Envelope[PersonRegistered], s: Session) -> Iterator[Said]:
    Person.register(m, s)
    yield from ()


def file_organisation(m: Envelope[c.FileOrganisation], s: Session) -> Iterator[Said]:
    yield Organisation.file(m, s)


def submit_offer(m: Envelope[c.SubmitOffer], s: Session) -> Iterator[Said]:
    yield Offer.submit(m, s)


def publish_offer(m: Envelope[c.PublishOffer], s: Session) -> Iterator[Said]:
    yield Offer.find(s, m.subject).move(m, s, c.OfferPublished)


def reject_offer(m: Envelope[c.RejectOffer], s: Session) -> Iterator[Said]:
    yield Offer.find(s, m.subject).move(m, s, c.OfferRejected, reason=m.data.reason)


def pause_offer(m: Envelope[c.PauseOffer], s: Session) -> Iterator[Said]:
    yield Offer.find(s, m.subject).move(m, s, c.OfferPaused)


def resume_offer(m: Envelope[c.ResumeOffer], s: Session) -> Iterator[Said]:
    yield Offer.find(s, m.subject).move(m, s, c.OfferResumed)


def close_offer(m: Envelope[c.CloseOffer], s: Session) -> Iterator[Said]:
    yield Offer.find(s, m.subject).move(m, s, c.OfferClosed)


def withdraw_offer(m: Envelope[c.WithdrawOffer], s: Session) -> Iterator[Said]:
    yield Offer.find(s, m.subject).move(m, s, c.OfferWithdrawn)


@reads(lambda m: [(Order, m.subject), (Person, m.beneficiary)])
def place_order(m: Envelope[c.PlaceOrder], s: Session) -> Iterator[Said]:
    yield Order.put(m, m.beneficiary, s)


@reads(lambda m: [(Order, m.subject), (Person, m.data.person)])
def place_visit_order(m: Envelope[VisitServiceRequested], s: Session) -> Iterator[Said]:
    yield Order.of_visit(m, s)


@reads(lambda m: [(Order, m.subject)])
def screen_order(m: Envelope[c.ScreenOrder], s: Session) -> Iterator[Said]:
    yield Order.find(s, m.subject).screen(m, s)


@reads(lambda m: [(Order, m.subject), (Organisation, m.data.organisation)])
def assign_order(m: Envelope[c.AssignOrder], s: Session) -> Iterator[Said]:
    yield from Assignment.make(m, s)


@reads(lambda m: [(Order, m.subject)])
def accept_assignment(m: Envelope[c.AcceptAssignment], s: Session) -> Iterator[Said]:
    yield assignments.accept(m, s)


def decline_assignment(m: Envelope[c.DeclineAssignment], s: Session) -> Iterator[Said]:
    yield from assignments.decline(m, s)


def expire_assignment(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    yield from assignments.expire(m, s)


def propose_person(m: Envelope[c.ProposePerson], s: Session) -> Iterator[Said]:
    yield Proposal.ask(m, s)


def accept_proposal(m: Envelope[c.AcceptProposal], s: Session) -> Iterator[Said]:
    yield from Proposal.find(s, m.subject).accept(m, s)


def decline_proposal(m: Envelope[c.DeclineProposal], s: Session) -> Iterator[Said]:
    yield Proposal.find(s, m.subject).decline(m, s)


def expire_proposal(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    yield from Proposal.find(s, m.data.entity).expire(m, s)


def check_in(m: Envelope[c.CheckIn], s: Session) -> Iterator[Said]:
    yield proposals.check_in(m, s)


def report_done(m: Envelope[c.ReportDone], s: Session) -> Iterator[Said]:
    yield proposals.complete(m, s)


def rate_order(m: Envelope[c.RateOrder], s: Session) -> Iterator[Said]:
    yield Order.find(s, m.subject).rate(m, s)


def close_unrated(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    yield Order.find(s, m.data.entity).close_unrated(m, s)


def cancel_order(m: Envelope[c.CancelOrder], s: Session) -> Iterator[Said]:
    order = Order.find(s, m.subject)
    yield order.cancel(m, s)
    yield from proposals.call_off(order, m, s)


def fail_order(m: Envelope[c.FailOrder], s: Session) -> Iterator[Said]:
    order = Order.find(s, m.subject)
    yield order.fail(m, s)
    yield from proposals.call_off(order, m, s)


service = Service(
    name="matching",
    base=Base,
    handlers={
        **house_handlers(Place, Rule),
        PersonRegistered: register_person,
        c.FileOrganisation: file_organisation,
        c.SubmitOffer: submit_offer,
        c.PublishOffer: publish_offer,
        c.RejectOffer: reject_offer,
        c.PauseOffer: pause_offer,
        c.ResumeOffer: resume_offer,
        c.CloseOffer: close_offer,
        c.WithdrawOffer: withdraw_offer,
        c.PlaceOrder: place_order,
        VisitServiceRequested: place_visit_order,
        c.ScreenOrder: screen_order,
        c.AssignOrder: assign_order,
        c.AcceptAssignment: accept_assignment,
        c.DeclineAssignment: decline_assignment,
        c.ProposePerson: propose_person,
        c.AcceptProposal: accept_proposal,
        c.DeclineProposal: decline_proposal,
        c.CheckIn: check_in,
        c.ReportDone: report_done,
        c.RateOrder: rate_order,
        c.CancelOrder: cancel_order,
        c.FailOrder: fail_order,
    },
    deadlines={"assignment": expire_assignment, "proposal": expire_proposal, "rating": close_unrated},
    questions={c.ShowOrder: show_order, c.PlanOrders: plan_orders},
)
