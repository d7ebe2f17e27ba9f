"""Functions for `reads` (chassis/service.py): each returns the keys of rows that a handler needs, so that a batch loads them
together. Only speed depends on it.
"""

from sqlalchemy.orm import Session

from microgov.contracts import matching
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import AnyMessage
from microgov.services.chassis.service import Key
from microgov.services.chassis.store.fold_session.children import KeyPrefix, rows_under
from microgov.services.matching.model import Deadline, Person, Place, Rule
from microgov.services.matching.offers.offer import Offer
from microgov.services.matching.offers.requirement import Requirement
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.orders.assignments import Assignment
from microgov.services.matching.orders.order import Order
from microgov.services.matching.orders.partners import Partner
from microgov.services.matching.orders.waiting_list import Waiting
from microgov.services.matching.registry.organisations import Organisation, OrganisationStage
from microgov.services.matching.registry.providers import Provider
from microgov.services.matching.serving.hours import HoursEntry
from microgov.services.matching.serving.proposals import Asked, Proposal, offer_of
from microgov.services.matching.serving.strikes import Pause
from microgov.services.matching.serving.tasks import Task


def of_placing(m: Envelope[matching.PlaceOrder]) -> list[Key]:
    """The new order, its beneficiary, and the offer."""
    mine: list[Key] = [(Order, m.subject), (Person, m.beneficiary), (Rule, "house")]
    return [*mine, *_offered(m.data.offer, m.data.slot)]


def their_home(m: AnyMessage, s: Session) -> list[Key]:
    """The beneficiary's home, and the place of the sender's scope."""
    person = s.get(Person, m.beneficiary)
    return [*_scope(m), *([] if person is None else [(Place, person.place)])]


def of_assigning(m: Envelope[matching.AssignOrder]) -> list[Key]:
    """The order, the organisations, the offer, and the order's row on a waiting list."""
    mine: list[Key] = [*of_order(m), (Waiting, m.subject)]
    also = [key for one in m.data.partners or [] for key in _acting(one)]
    return [*mine, *also, *_acting(m.data.organisation), *_offered(m.data.offer, m.data.slot)]


def of_order(m: AnyMessage) -> list[Key]:
    """The order, its proposals and assignment, and its deadlines."""
    due = (*_due("assignment", m.subject), *_due("rating", m.subject))
    return [
        (Order, m.subject),
        (Asked, KeyPrefix(m.subject)),
        (Assignment, m.subject),
        (Partner, KeyPrefix(m.subject)),
        *due,
    ]


def its_surroundings(m: AnyMessage, s: Session) -> list[Key]:
    """The order's place, its organisation, and its proposals."""
    asked: list[Key] = [(Proposal, row.proposal) for row in rows_under(s, Asked, m.subject)]
    return [*_scope(m), *asked, *_around(s.get(Order, m.subject), s)]


def tasks_of_order(m: AnyMessage, s: Session) -> list[Key]:
    """The tasks of the people who were asked."""
    asked = [s.get(Proposal, row.proposal) for row in rows_under(s, Asked, m.subject)]
    return [(Task, (one.person, one.id)) for one in asked if one is not None]


def hours_of_order(m: AnyMessage, s: Session) -> list[Key]:
    """The tasks of the people who were asked, and their lines in the ledger."""
    lines: list[Key] = [(HoursEntry, KeyPrefix(row.proposal)) for row in rows_under(s, Asked, m.subject)]
    return [*tasks_of_order(m, s), *lines]


def of_asking(m: Envelope[matching.ProposePerson]) -> list[Key]:
    """The new proposal, the order, and the person asked."""
    order, person = m.data.order, m.data.person
    mine: list[Key] = [
        (Proposal, m.subject),
        *_due("proposal", m.subject),
        (Asked, (order, person)),
        (Pause, person),
    ]
    return [
        *mine,
        (Provider, person),
        (Order, order),
        (Assignment, order),
        (Partner, KeyPrefix(order)),
        (Person, person),
    ]


def of_the_asked(m: Envelope[matching.ProposePerson], s: Session) -> list[Key]:
    """The order's place, its organisation, and what the offer requires."""
    return [*_scope(m), *_around(s.get(Order, m.data.order), s)]


def of_proposal(m: AnyMessage) -> list[Key]:
    """The proposal, and its deadline."""
    return [(Proposal, m.subject), *_due("proposal", m.subject)]


def its_order(m: AnyMessage, s: Session) -> list[Key]:
    """The proposal's order, and the other tasks of the person."""
    proposal = s.get(Proposal, m.subject)
    if proposal is None:
        return []
    order = proposal.order
    return [
        (Order, order),
        (Asked, KeyPrefix(order)),
        (Partner, KeyPrefix(order)),
        (Task, KeyPrefix(proposal.person)),
        (Rule, "house"),
    ]


def _around(order: Order | None, s: Session) -> list[Key]:
    if order is None:
        return []
    offer = offer_of(order, s)
    return [
        (Place, order.place),
        *_acting(order.organisation),
        *([] if offer is None else [(Requirement, offer)]),
    ]


def _acting(organisation: str | None) -> list[Key]:
    return [] if organisation is None else [(Organisation, organisation), (OrganisationStage, organisation)]


def _offered(offer: str | None, slot: str | None) -> list[Key]:
    if offer is None:
        return []
    return [(Offer, offer), *([] if slot is None else [(Slot, (offer, slot))])]


def _due(kind: str, entity: str) -> list[Key]:
    return [(Deadline, (kind, entity))]


def _scope(m: AnyMessage) -> list[Key]:
    return [] if m.scope is None else [(Place, m.scope)]
