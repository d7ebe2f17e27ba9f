"""The whole behaviour of the service in one table: which function answers which message."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from microgov.contracts import matching as c
from microgov.contracts.directory import PersonRegistered, PlaceDefined
from microgov.contracts.issues import VisitServiceRequested
from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Said
from microgov.services.chassis.service import Service, reads
from microgov.services.matching import rows
from microgov.services.matching.care_teams import handlers as teams
from microgov.services.matching.model import HOUSE, Base, Person, Rule, place_defined
from microgov.services.matching.offers.offer import Offer
from microgov.services.matching.orders import assignments
from microgov.services.matching.orders.assignments import Assignment
from microgov.services.matching.orders.order import Order
from microgov.services.matching.questions import hours, list
from microgov.services.matching.questions.care_teams import list_care_teams, show_care_team
from microgov.services.matching.questions.grouping import group_households
from microgov.services.matching.questions.order import show_order
from microgov.services.matching.questions.plan import plan_orders
from microgov.services.matching.registry.organisations import Organisation, Party
from microgov.services.matching.registry.providers import Availability, Provider
from microgov.services.matching.serving import handlers as answering
from microgov.services.matching.serving import proposals, slot_cancellation
from microgov.services.matching.serving.qualification import Qualified, qualified_by


@reads(lambda m: [(Person, m.data.person)])
def register_person(m: Envelope[PersonRegistered], s: Session) -> Iterator[Said]:
    Person.register(m, s)
    yield from ()


@reads(lambda m: [(Organisation, m.subject)])
def file_organisation(m: Envelope[c.FileOrganisation], s: Session) -> Iterator[Said]:
    yield Organisation.file(m, s)


def register_organisation(m: Envelope[c.RegisterOrganisation], s: Session) -> Iterator[Said]:
    yield Organisation.find(s, m.subject).register(m, s)


def change_stage(m: Envelope[c.ChangeOrganisationStage], s: Session) -> Iterator[Said]:
    yield Organisation.find(s, m.subject).change_stage(m, s)


@reads(lambda m: [(Provider, m.subject), (Person, m.subject)])
def register_provider(m: Envelope[c.RegisterProvider], s: Session) -> Iterator[Said]:
    yield Provider.register(m, s)


def withdraw_provider(m: Envelope[c.WithdrawProvider], s: Session) -> Iterator[Said]:
    yield Provider.find(s, m.subject).withdraw(m, s)


@reads(lambda m: [(Provider, m.subject), (Person, m.subject), (Qualified, qualified_by(m))])
def verify_qualification(m: Envelope[c.VerifyQualification], s: Session) -> Iterator[Said]:
    yield Qualified.verify(m, s)


def revoke_qualification(m: Envelope[c.RevokeQualification], s: Session) -> Iterator[Said]:
    yield Qualified.revoke(m, s)


@reads(lambda m: [(Provider, m.subject), (Person, m.subject), (Availability, m.subject)])
def set_availability(m: Envelope[c.SetAvailability], s: Session) -> Iterator[Said]:
    yield Provider.find(s, m.subject).set_availability(m, s)


def withdraw_availability(m: Envelope[c.WithdrawAvailability], s: Session) -> Iterator[Said]:
    yield Provider.find(s, m.subject).withdraw_availability(m, s)


@reads(lambda m: [(Offer, m.subject), (Organisation, m.data.organisation), (Party, m.data.organisation)])
def put_offer(m: Envelope[c.SubmitOffer] | Envelope[c.DraftOffer], s: Session) -> Iterator[Said]:
    yield Offer.put(m, s)


def add_slots(m: Envelope[c.AddSlots], s: Session) -> Iterator[Said]:
    yield slot_cancellation.add_slots(m, s)


def cancel_slot(m: Envelope[c.CancelSlot], s: Session) -> Iterator[Said]:
    yield from slot_cancellation.cancel_slot(m, s)


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


@reads(rows.of_placing, rows.their_home)
def place_order(m: Envelope[c.PlaceOrder], s: Session) -> Iterator[Said]:
    yield Order.put(m, m.beneficiary, s)


@reads(lambda m: [(Order, m.subject), (Person, m.data.person), (Rule, "house")])
def place_visit_order(m: Envelope[VisitServiceRequested], s: Session) -> Iterator[Said]:
    yield Order.of_visit(m, s)


@reads(rows.of_order, rows.its_surroundings)
def screen_order(m: Envelope[c.ScreenOrder], s: Session) -> Iterator[Said]:
    yield Order.find(s, m.subject).screen(m, s)


@reads(rows.of_assigning, rows.its_surroundings)
def assign_order(m: Envelope[c.AssignOrder], s: Session) -> Iterator[Said]:
    yield from Assignment.make(m, s)


@reads(rows.of_order, rows.its_surroundings)
def accept_assignment(m: Envelope[c.AcceptAssignment], s: Session) -> Iterator[Said]:
    yield assignments.accept(m, s)


def decline_assignment(m: Envelope[c.DeclineAssignment], s: Session) -> Iterator[Said]:
    yield from assignments.decline(m, s)


def expire_assignment(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    yield from assignments.expire(m, s)


@reads(rows.of_order)
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
        **HOUSE,
        PlaceDefined: place_defined,
        PersonRegistered: register_person,
        **teams.HANDLERS,
        c.FileOrganisation: file_organisation,
        c.RegisterOrganisation: register_organisation,
        c.ChangeOrganisationStage: change_stage,
        c.RegisterProvider: register_provider,
        c.WithdrawProvider: withdraw_provider,
        c.VerifyQualification: verify_qualification,
        c.RevokeQualification: revoke_qualification,
        c.SetAvailability: set_availability,
        c.WithdrawAvailability: withdraw_availability,
        c.DraftOffer: put_offer,
        c.SubmitOffer: put_offer,
        c.AddSlots: add_slots,
        c.CancelSlot: cancel_slot,
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
        c.ProposePerson: answering.propose_person,
        c.AcceptProposal: answering.accept_proposal,
        c.DeclineProposal: answering.decline_proposal,
        c.CheckIn: answering.check_in,
        c.CheckOut: answering.check_out,
        c.DropOut: answering.drop_out,
        c.ReplacePerson: answering.replace_person,
        c.ReportNoShow: answering.report_no_show,
        c.EnterHours: answering.enter_hours,
        c.CorrectHours: answering.correct_hours,
        c.ReportDone: answering.report_done,
        c.RateOrder: rate_order,
        c.CancelOrder: cancel_order,
        c.FailOrder: fail_order,
    },
    deadlines={
        "assignment": expire_assignment,
        "proposal": answering.expire_proposal,
        "rating": close_unrated,
        "care_role": teams.care_role_over,
    },
    questions={
        c.ShowOrder: show_order,
        **list.QUESTIONS,
        c.ShowHours: hours.show_hours,
        c.ShowWorkload: hours.show_workload,
        c.PlanOrders: plan_orders,
        c.ShowCareTeam: show_care_team,
        c.ListCareTeams: list_care_teams,
        c.GroupHouseholds: group_households,
    },
)
