"""Rating an order 评单, once its service is completed (domain.md §3.2)."""

from microgov.contracts.fields import EntityId, FreeText
from microgov.contracts.matching.vocabulary import PEOPLE, Channel, Stars
from microgov.contracts.message import Command, Event


class RateOrder(Command, roles=PEOPLE):
    """评单: by the beneficiary, or by who ordered for them."""

    stars: Stars
    text: FreeText | None = None
    channel: Channel


class OrderRated(Event):
    organisation: EntityId
    stars: Stars
    text: FreeText | None = None
