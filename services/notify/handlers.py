"""The definition of the service notify: which function handles which message, deadline, question and admin request."""

from microgov.contracts import issues, matching
from microgov.contracts.directory import PersonRegistered, PlaceDefined, RulesChanged
from microgov.contracts.notify import (
    DeliveryFailed,
    DeliverySucceeded,
    DeliveryUnknown,
    RegisterContact,
    ResumeSending,
    SetContact,
    ShowHeld,
    ShowInbox,
)
from microgov.services.chassis.service import Service, reads
from microgov.services.notify.audience import followers
from microgov.services.notify.audience.audience import NOTICES
from microgov.services.notify.audience.learning import follow, offer_of, serving
from microgov.services.notify.held import resume_sending, show_held
from microgov.services.notify.model import Base, ContactChannel, Kept, Person, Place, Rule
from microgov.services.notify.notices.delivery import Delivery
from microgov.services.notify.notices.making import (
    make_notices,
    notify_replaced,
    rows_of_the_matter,
    rows_of_the_recipients,
)
from microgov.services.notify.questions import set_contact, show_inbox

service = Service(
    name="notify",
    base=Base,
    kept=Kept,
    handlers={
        PlaceDefined: Place.learn,
        RulesChanged: Rule.learn,
        PersonRegistered: reads(Person.register, lambda m: [(Person, m.data.person)]),
        RegisterContact: ContactChannel.register,
        issues.IssueSubmitted: reads(followers.submitted, follow("reporter")),
        issues.IssueCosigned: reads(followers.cosigned, follow("person")),
        issues.CosignWithdrawn: reads(followers.cosign_withdrawn, follow("person")),
        issues.IssuePassedOn: reads(followers.passed_on, follow("person")),
        issues.OptionProposed: followers.option_proposed,
        issues.VisitRoundOpened: followers.round_opened,
        issues.CouncilFormed: followers.council_formed,
        matching.OrganisationFiled: followers.filed,
        matching.OfferSubmitted: followers.offered,
        matching.CareTeamFormed: followers.care_team_formed,
        matching.OrderPlaced: reads(followers.placed, offer_of),
        matching.ProposalAccepted: reads(followers.agreed_to_serve, serving),
        matching.ProposalReleased: reads(followers.serves_no_longer, serving),
        matching.PersonDidNotShow: reads(followers.serves_no_longer, serving),
        **{event: reads(make_notices, rows_of_the_matter, rows_of_the_recipients) for event in NOTICES},
        matching.ProposalReplaced: reads(
            notify_replaced, lambda m: [*serving(m), *rows_of_the_matter(m)], rows_of_the_recipients
        ),
        DeliverySucceeded: reads(Delivery.report, lambda m: [(Delivery, m.subject)]),
        DeliveryFailed: reads(Delivery.report, lambda m: [(Delivery, m.subject)]),
        DeliveryUnknown: reads(Delivery.report, lambda m: [(Delivery, m.subject)]),
    },
    deadlines={"retry": Delivery.due},
    questions={ShowInbox: show_inbox},
    admin_requests={SetContact: set_contact, ShowHeld: show_held, ResumeSending: resume_sending},
)
