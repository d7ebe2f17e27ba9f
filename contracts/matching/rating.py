"""Messages about rating an order 评单, once its service is completed (domain.md §3.2)."""

from microgov.contracts.fields import EntityId, FreeText
from microgov.contracts.matching.vocabulary import PEOPLE, Channel, Stars
from microgov.contracts.message import Command, Event

ABOUT = "order"


class RateOrder(Command, roles=PEOPLE):
    """评单: rates the service; by the beneficiary, or by the person who ordered for them."""

    stars: Stars
    text: FreeText | None = None
    channel: Channel


class OrderRated(Event):
    """The order is rated, and has ended."""

    organisation: EntityId
    stars: Stars
    text: FreeText | None = None
