"""What the planner sees: orders, slots and providers as they were at one moment, with the versions they had."""

from dataclasses import dataclass
from typing import Literal

from microgov.services.matching.planner.distance import Point

Urgency = Literal["ordinary", "urgent", "emergency"]
LEAD = "social_worker"
"""Who leads a dual-worker team 双工; everybody else assists."""
ORGANISATION = "organisation"
"""The role of a provider that is no person: the organisation chooses who comes, as many as are needed, and can serve several
orders at once."""
DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Window:
    """From a minute until before another (half-open), in minutes since 1970, UTC."""

    starts: int
    ends: int


@dataclass(frozen=True, slots=True)
class Task(Window):
    """Something that a provider has promised to do."""

    point: Point | None = None


@dataclass(frozen=True, slots=True)
class Qualification:
    """A skill or a check, good until the end of that day (days since 1970 on the wall); None: for good."""

    name: str
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A window of an offer, with so many places that nobody has."""

    id: str
    version: int
    free: int


@dataclass(frozen=True, slots=True)
class Order:
    """An order that waits for somebody; `path` is its place and all above it, innermost first.

    `organisation` is whose offer it asks for, `known` has served the beneficiary before (continuity), `planned` are those
    of the plan so far (stability), `waited` is in days. Without `starts` and `ends` it has no day yet.
    """

    id: str
    version: int
    beneficiary: str
    path: tuple[str, ...]
    point: Point | None = None
    starts: int | None = None
    ends: int | None = None
    requires: frozenset[str] = frozenset()
    language: str | None = None
    urgency: Urgency = "ordinary"
    waited: int = 0
    needed: int = 1
    lead_needed: bool = False
    organisation: str | None = None
    slot: str | None = None
    known: frozenset[str] = frozenset()
    planned: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Provider:
    """Somebody who could serve, for an organisation; what is None was never said, and stands in nothing's way.

    `jobs` are those of the last 30 days, `conflicts` are persons whom they may not serve. An organisation `leads` where it
    has a social worker.
    """

    id: str
    version: int
    organisation: str | None = None
    role: str = "volunteer"
    leads: bool = False
    areas: frozenset[str] | None = None
    point: Point | None = None
    qualifications: frozenset[Qualification] = frozenset()
    languages: frozenset[str] | None = None
    windows: tuple[Window, ...] | None = None
    tasks: tuple[Task, ...] = ()
    jobs: int = 0
    daily_cap: int | None = None
    conflicts: frozenset[str] = frozenset()

    def can_lead(self) -> bool:
        """A social worker, or an organisation that has one."""
        return self.leads or self.role == LEAD

    def seats(self, order: Order) -> int:
        """As many of those whom the order needs."""
        return order.needed if self.role == ORGANISATION else 1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`now` in minutes since 1970, UTC; `offset` is the wall clock's distance from UTC in minutes."""

    now: int
    orders: tuple[Order, ...]
    providers: tuple[Provider, ...]
    slots: tuple[Slot, ...] = ()
    offset: int = 480

    def day(self, minute: int) -> int:
        """The day on the wall, in days since 1970."""
        return (minute + self.offset) // DAY

    def service_day(self, order: Order) -> int | None:
        """The day on which it starts; None where it has none yet."""
        return None if order.starts is None else self.day(order.starts)
