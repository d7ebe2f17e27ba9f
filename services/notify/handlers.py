"""The whole behaviour of the service in one table: which function answers which message."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from microgov.contracts import issues as i
from microgov.contracts import matching as c
from microgov.contracts.directory import PersonRegistered
from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import Envelope
from microgov.contracts.notify import (
    DeliveryFailed,
    DeliverySucceeded,
    DeliveryUnknown,
    RegisterContact,
    SetContact,
    ShowInbox,
)
from microgov.services.chassis.model import AnyMessage, Said
from microgov.services.chassis.reference_data import house_handlers
from microgov.services.chassis.service import Service, reads
from microgov.services.notify.audience import followers
from microgov.services.notify.audience.audience import NOTICES
from microgov.services.notify.audience.learning import follow, learn, offer_of, serving
from microgov.services.notify.model import Base, Kept, Person, Place, Reach, Rule
from microgov.services.notify.notices.delivery import Delivery
from microgov.services.notify.notices.telling import known_of, known_of_them, tell
from microgov.services.notify.questions import set_contact, show_inbox


def register_contact(m: Envelope[RegisterContact], s: Session) -> Iterator[Said]:
    yield Reach.register(m, s)


@reads(lambda m: [(Delivery, m.subject)])
def delivery_reported(m: AnyMessage, s: Session) -> Iterator[Said]:
    delivery = s.get(Delivery, m.subject)
    if delivery is not None:
        yield from delivery.reported(m, s)


@reads(lambda m: [*serving(m), *known_of(m)], known_of_them)
def replaced(m: Envelope[c.ProposalReplaced], s: Session) -> Iterator[Said]:
    followers.serves_no_longer(m, s)
    yield from tell(m, s)


def retry_delivery(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    delivery = s.get(Delivery, m.data.entity)
    if delivery is not None:
        delivery.retry(m, s)
    yield from ()


service = Service(
    name="notify",
    base=Base,
    kept=Kept,
    handlers={
        **house_handlers(Place, Rule),
        PersonRegistered: learn(Person.register, lambda m: [(Person, m.data.person)]),
        RegisterContact: register_contact,
        i.IssueSubmitted: learn(followers.submitted, follow("reporter")),
        i.IssueCosigned: learn(followers.cosigned, follow("person")),
        i.CosignWithdrawn: learn(followers.cosign_withdrawn, follow("person")),
        i.IssuePassedOn: learn(followers.passed_on, follow("person")),
        i.OptionProposed: learn(followers.option_proposed),
        i.VisitRoundOpened: learn(followers.round_opened),
        i.CouncilFormed: learn(followers.council_formed),
        c.OrganisationFiled: learn(followers.filed),
        c.OfferSubmitted: learn(followers.offered),
        c.CareTeamFormed: learn(followers.care_team_formed),
        c.OrderPlaced: learn(followers.placed, offer_of),
        c.ProposalAccepted: learn(followers.said_yes, serving),
        c.ProposalReleased: learn(followers.serves_no_longer, serving),
        c.PersonDidNotShow: learn(followers.serves_no_longer, serving),
        **{event: tell for event in NOTICES},
        c.ProposalReplaced: replaced,
        DeliverySucceeded: delivery_reported,
        DeliveryFailed: delivery_reported,
        DeliveryUnknown: delivery_reported,
    },
    deadlines={"retry": retry_delivery},
    questions={ShowInbox: show_inbox},
    errands={SetContact: set_contact},
)
