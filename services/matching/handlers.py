"""The definition of the service matching: which function handles which message, deadline and question."""

from microgov.contracts import matching
from microgov.contracts.directory import (
    PersonRegistered,
    PlaceDefined,
    RoleGranted,
    RoleRevoked,
    RulesChanged,
)
from microgov.contracts.issues import VisitServiceRequested
from microgov.services.chassis.service import Service, due, on, reads
from microgov.services.chassis.store.fold_session.children import KeyPrefix
from microgov.services.matching.care_teams import membership
from microgov.services.matching.care_teams.care_team import CareSeat, CareTask, CareTeam
from microgov.services.matching.model import Base, Person, Place, Rule
from microgov.services.matching.offers.offer import Offer
from microgov.services.matching.orders import assignments
from microgov.services.matching.orders.assignments import Assignment
from microgov.services.matching.orders.order import Order
from microgov.services.matching.prefetch import keys
from microgov.services.matching.questions import hours, list
from microgov.services.matching.questions.care_teams import list_care_teams, show_care_team
from microgov.services.matching.questions.grouping import group_households
from microgov.services.matching.questions.order import show_order
from microgov.services.matching.questions.plan import plan_orders
from microgov.services.matching.registry.organisations import Organisation, OrganisationStage
from microgov.services.matching.registry.providers import Availability, Provider
from microgov.services.matching.registry.role_holding import RoleHolding
from microgov.services.matching.serving import attendance, release, slot_cancellation
from microgov.services.matching.serving.proposals import Proposal
from microgov.services.matching.serving.qualification import Qualified, qualified_by

service = Service(
    name="matching",
    base=Base,
    handlers={
        PlaceDefined: Place.learn,
        RulesChanged: Rule.learn,
        PersonRegistered: reads(Person.register, lambda m: [(Person, m.data.person)]),
        RoleGranted: reads(
            membership.role_granted,
            lambda m: [
                (RoleHolding, (m.data.person, m.data.role, m.data.place)),
                (CareTask, KeyPrefix(m.data.person)),
            ],
        ),
        RoleRevoked: reads(
            membership.role_revoked,
            lambda m: [
                (RoleHolding, (m.data.person, m.data.role, m.data.place)),
                (CareTask, KeyPrefix(m.data.person)),
            ],
        ),
        matching.FormCareTeam: reads(CareTeam.form, lambda m: [(CareTeam, m.subject)]),
        matching.FillCareRole: reads(
            membership.fill,
            lambda m: [(CareTeam, m.subject), (CareSeat, (m.subject, m.data.role)), (Person, m.data.person)],
        ),
        matching.VacateCareRole: reads(
            membership.vacate, lambda m: [(CareTeam, m.subject), (CareSeat, (m.subject, m.data.role))]
        ),
        matching.JoinCareTeam: reads(
            membership.join, lambda m: [(CareTeam, m.subject), (Person, m.data.person)]
        ),
        matching.LeaveCareTeam: reads(
            membership.leave, lambda m: [(CareTeam, m.subject), (Person, m.data.person)]
        ),
        matching.DissolveCareTeam: membership.dissolve,
        matching.RecordObservation: reads(
            membership.observe,
            lambda m: [(CareTeam, m.subject), (CareSeat, KeyPrefix(m.subject)), (Person, m.beneficiary)],
        ),
        matching.FileOrganisation: reads(Organisation.file, lambda m: [(Organisation, m.subject)]),
        matching.RegisterOrganisation: on(Organisation, Organisation.register),
        matching.ChangeOrganisationStage: on(Organisation, Organisation.change_stage),
        matching.RegisterProvider: reads(
            Provider.register, lambda m: [(Provider, m.subject), (Person, m.subject)]
        ),
        matching.WithdrawProvider: on(Provider, Provider.withdraw),
        matching.VerifyQualification: reads(
            Qualified.verify,
            lambda m: [(Provider, m.subject), (Person, m.subject), (Qualified, qualified_by(m))],
        ),
        matching.RevokeQualification: Qualified.revoke,
        matching.SetAvailability: reads(
            on(Provider, Provider.set_availability),
            lambda m: [(Provider, m.subject), (Person, m.subject), (Availability, m.subject)],
        ),
        matching.WithdrawAvailability: on(Provider, Provider.withdraw_availability),
        matching.DraftOffer: reads(
            Offer.put,
            lambda m: [
                (Offer, m.subject),
                (Organisation, m.data.organisation),
                (OrganisationStage, m.data.organisation),
            ],
        ),
        matching.SubmitOffer: reads(
            Offer.put,
            lambda m: [
                (Offer, m.subject),
                (Organisation, m.data.organisation),
                (OrganisationStage, m.data.organisation),
            ],
        ),
        matching.AddSlots: slot_cancellation.add_slots,
        matching.CancelSlot: slot_cancellation.cancel_slot,
        matching.PublishOffer: on(Offer, Offer.move),
        matching.RejectOffer: on(Offer, Offer.move),
        matching.PauseOffer: on(Offer, Offer.move),
        matching.ResumeOffer: on(Offer, Offer.move),
        matching.CloseOffer: on(Offer, Offer.move),
        matching.WithdrawOffer: on(Offer, Offer.move),
        matching.PlaceOrder: reads(Order.place_it, keys.of_placing, keys.their_home),
        VisitServiceRequested: reads(
            Order.of_visit, lambda m: [(Order, m.subject), (Person, m.data.person), (Rule, "house")]
        ),
        matching.ScreenOrder: reads(on(Order, Order.screen), keys.of_order, keys.its_surroundings),
        matching.AssignOrder: reads(Assignment.make, keys.of_assigning, keys.its_surroundings),
        matching.AcceptAssignment: reads(assignments.accept, keys.of_order, keys.its_surroundings),
        matching.DeclineAssignment: release.decline,
        matching.ProposePerson: reads(Proposal.ask, keys.of_asking, keys.of_the_asked),
        matching.AcceptProposal: reads(on(Proposal, Proposal.accept), keys.of_proposal, keys.its_order),
        matching.DeclineProposal: reads(on(Proposal, Proposal.decline), keys.of_proposal),
        matching.CheckIn: reads(
            attendance.check_in, keys.of_order, keys.its_surroundings, keys.tasks_of_order
        ),
        matching.CheckOut: reads(
            attendance.check_out, keys.of_order, keys.its_surroundings, keys.tasks_of_order
        ),
        matching.DropOut: reads(attendance.drop_out, keys.of_proposal, keys.its_order),
        matching.ReplacePerson: reads(attendance.replace, keys.of_proposal, keys.its_order),
        matching.ReportNoShow: reads(attendance.no_show, keys.of_proposal, keys.its_order),
        matching.EnterHours: attendance.enter_hours,
        matching.CorrectHours: attendance.correct_hours,
        matching.ReportDone: reads(
            attendance.complete, keys.of_order, keys.its_surroundings, keys.hours_of_order
        ),
        matching.RateOrder: reads(on(Order, Order.rate), keys.of_order),
        matching.CancelOrder: release.cancel,
        matching.FailOrder: release.fail,
    },
    deadlines={
        "assignment": release.expire,
        "proposal": due(Proposal, Proposal.expire),
        "rating": due(Order, Order.close_unrated),
        "care_role": membership.role_over,
    },
    questions={
        matching.ShowOrder: show_order,
        **list.QUESTIONS,
        matching.ShowHours: hours.show_hours,
        matching.ShowWorkload: hours.show_workload,
        matching.PlanOrders: plan_orders,
        matching.ShowCareTeam: show_care_team,
        matching.ListCareTeams: list_care_teams,
        matching.GroupHouseholds: group_households,
    },
)
