"""The offers that take orders, and an order under way, as those who live it see it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bench.year.town import Community, Party, Person
from bench.year.under_way import UnderWay
from bench.year.year import Year
from microgov.contracts import matching


@dataclass
class Offer:
    """An offer that takes orders, and its slots with the places that people have asked for so far."""

    id: str
    party: Party
    slots: dict[str, datetime]
    asked: dict[str, int] = field(default_factory=dict)


class Market:
    """The offers that take orders now, by community."""

    def __init__(self) -> None:
        self.open: dict[str, list[Offer]] = {}

    def of(self, community: Community) -> list[Offer]:
        """The open offers of a community."""
        return self.open.setdefault(community.id, [])


@dataclass
class Ordered(UnderWay):
    """An order under way."""

    SERVICE = "matching"
    TABLE = "order"
    who: Person
    party: Party
    offer: Offer | None
    slot: str | None
    partner: Party | None = None
    people: int = 1
    lead: bool = False
    asked: int = 0
    serving: list[tuple[str, Person]] = field(default_factory=list)

    @property
    def starts(self) -> datetime | None:
        """When the service begins, if the order has a slot."""
        return self.offer.slots.get(self.slot) if self.offer and self.slot else None

    @property
    def still_offered(self) -> bool:
        """Whether the offer still takes orders, and the slot has not begun or fallen away."""
        if self.offer is None:
            return True
        open_ = self.year.state("matching", "offer", self.offer.id) == "published"
        return open_ and (self.slot is None or (self.starts or self.year.now) > self.year.now)

    def cancel(self, reason: str) -> None:
        """Cancelled by who ordered; an enterprise has the branch do it."""
        cancelled = matching.CancelOrder(reason=reason, channel="phone")
        self.say(cancelled, self.who if self.who.role in matching.CancelOrder.ROLES else self.branch)


def new_order(year: Year, id: str, market: Market) -> Ordered:
    """Somebody's order: mostly from an offer, else a wish; one in twelve is that of an enterprise."""
    chance = year.chance(id)
    community = chance.choice([one for one in year.town.communities if one.organisations])
    who = chance.choice([p for compound in community.compounds for p in compound.residents])
    if community.enterprises and chance.random() < 0.08:
        who = chance.choice(community.enterprises).head
    known = market.of(community)
    offer = chance.choice(known) if known and chance.random() < 0.8 else None
    slots = [slot for slot, at in (offer.slots if offer else {}).items() if at > year.now + timedelta(days=3)]
    if offer and offer.slots and not slots:
        offer = None  # all of its slots are over: it is a wish
    party = offer.party if offer else chance.choice(community.organisations)
    return Ordered(year, id, chance, community, who, party, offer, chance.choice(slots) if slots else None)
