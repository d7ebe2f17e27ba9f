"""The town: its communities and compounds, its people with their roles, its organisations and enterprises."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from bench.year.proportions import COMPOUNDS, PER_COMMUNITY, PER_COMPOUND, Size
from microgov.contracts.fields import Role

TENANT = "donghu"
MODULES = ("repair", "care", "legal", "convenience", "womens_rights", "parent_child", "reemployment")
"""The service modules by their words; an organisation is active in one."""
HOUSEHOLD = 3
"""Residents of one household."""


class Person(NamedTuple):
    """A person: the role in which they act, and the place for which they have it; where and with whom they live."""

    id: str
    role: Role
    scope: str
    household: str
    home: str


class Party(NamedTuple):
    """An organisation or an enterprise, and who acts for it."""

    id: str
    kind: str
    domain: str
    place: str
    head: Person


@dataclass
class Compound:
    """A compound and the people who live there, by role."""

    id: str
    people: dict[str, list[Person]] = field(default_factory=dict)

    @property
    def neighbours(self) -> list[Person]:
        """Everybody who lives here."""
        return [person for some in self.people.values() for person in some]

    @property
    def residents(self) -> list[Person]:
        return self.people["resident"]


@dataclass
class Community:
    """A community with its compounds, the people who work for it, and the organisations that serve it."""

    id: str
    compounds: list[Compound] = field(default_factory=list)
    staff: dict[str, list[Person]] = field(default_factory=dict)
    organisations: list[Party] = field(default_factory=list)
    enterprises: list[Party] = field(default_factory=list)
    council: str | None = None


class Town:
    """A town of this size. `office` acts for the sub-district."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.office = Person("office", Role.OFFICE, TENANT, "h-office", TENANT)
        self.communities = [self._community(n) for n in range(1, size.communities + 1)]
        for n in range(size.organisations):
            self._party(n, "organisation")
        for n in range(size.enterprises):
            self._party(n, "enterprise")

    def _community(self, n: int) -> Community:
        made = Community(f"c{n:02}")
        for k in range(1, COMPOUNDS + 1):
            made.compounds.append(self._compound(f"{made.id}-y{k}"))
        home = made.compounds[0].id
        for role, many in PER_COMMUNITY.items():
            made.staff[role] = [
                Person(
                    f"{made.id}-{_short(role)}{k}",
                    Role(role),
                    made.id,
                    f"{made.id}-{_short(role)}{k}-h",
                    home,
                )
                for k in range(1, many + 1)
            ]
        return made

    def _compound(self, id: str) -> Compound:
        made, n = Compound(id), 0
        for role, many in {**PER_COMPOUND, "resident": self.size.residents}.items():
            made.people[role] = []
            for k in range(1, many + 1):
                # Residents live three in a household; whoever has an office in the compound lives on their own.
                household = f"{id}-h{n // HOUSEHOLD}" if role == "resident" else f"{id}-{_short(role)}{k}-h"
                made.people[role].append(Person(f"{id}-{_short(role)}{k}", Role(role), id, household, id))
                n += 1
        return made

    def _party(self, n: int, kind: str) -> None:
        community = self.communities[n % len(self.communities)]
        id = f"{'org' if kind == 'organisation' else 'ent'}-{n + 1}"
        home = community.compounds[n % COMPOUNDS].id
        head = Person(f"{id}-head", Role(kind), community.id, f"{id}-works", home)
        party = Party(id, kind, MODULES[n // len(self.communities) % len(MODULES)], community.id, head)
        (community.organisations if kind == "organisation" else community.enterprises).append(party)

    @property
    def parties(self) -> Iterator[Party]:
        """All organisations and enterprises."""
        for community in self.communities:
            yield from community.organisations
            yield from community.enterprises

    @property
    def people(self) -> Iterator[Person]:
        """Everybody."""
        yield self.office
        for community in self.communities:
            for compound in community.compounds:
                yield from compound.neighbours
            for some in community.staff.values():
                yield from some
            for party in (*community.organisations, *community.enterprises):
                yield party.head


def _short(role: str) -> str:
    """A role in an id: its words' first letters, such as `sc` for a stairwell captain; `r` is a resident."""
    return {"resident": "r", "respected_local": "rl"}.get(
        role, "".join(w[0] for w in role.split("_")) + role[-1]
    )
