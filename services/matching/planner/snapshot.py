"""Input of the planner: orders, slots and providers at one moment, with their versions."""

from dataclasses import dataclass
from typing import Literal

from microgov.services.matching.planner.distance import Point

Urgency = Literal["ordinary", "urgent", "emergency"]
LEAD = "social_worker"
"""The role that leads a dual-worker team 双工; everybody else assists."""
ORGANISATION = "organisation"
"""The role of a provider that is an organisation and not a person.

The organisation chooses who comes, as many as are needed, and can serve several orders at once.
"""
DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open interval, in minutes since 1970, UTC."""

    starts: int
    ends: int


@dataclass(frozen=True, slots=True)
class Task(Window):
    """A task that a provider has promised to do."""

    point: Point | None = None


@dataclass(frozen=True, slots=True)
class Qualification:
    """A skill or a check, valid until the end of the local day `until` (days since 1970); None: without end."""

    name: str
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot of an offer, with its number of free places."""

    id: str
    version: int
    free_places: int


@dataclass(frozen=True, slots=True)
class Order:
    """An order to plan; `path` lists its place and all places above it, innermost first.

    `organisation`: whose offer it asks for. `served_before`: providers who have served the beneficiary before (continuity).
    `planned`: providers whom the plan so far has for it (stability). `waited`: days since it was placed. `starts` and `ends`
    are in minutes since 1970 (UTC), None if it has no time yet.
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
    served_before: frozenset[str] = frozenset()
    planned: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Provider:
    """A possible provider: a person or an organisation. None means that something was never stated; it excludes nobody,
    except in `languages`. `jobs`: number of jobs in the last 30 days. `conflicts`: persons whom the provider may not serve.

    `leads`: the organisation has a social worker.
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
        """Whether this is a social worker, or an organisation that has one."""
        return self.leads or self.role == LEAD

    def seats(self, order: Order) -> int:
        """How many of the needed people the provider covers."""
        return order.needed if self.role == ORGANISATION else 1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot; `now` is in minutes since 1970, UTC, `offset` is local time minus UTC in minutes."""

    now: int
    orders: tuple[Order, ...]
    providers: tuple[Provider, ...]
    slots: tuple[Slot, ...] = ()
    offset: int = 480

    def day(self, minute: int) -> int:
        """The local day of a minute, in days since 1970."""
        return (minute + self.offset) // DAY

    def service_day(self, order: Order) -> int | None:
        """The local day on which the order starts; None without a time."""
        return None if order.starts is None else self.day(order.starts)
