"""An issue under way, as those who live it see it: where it is, who brought it up, and what they can say and look up."""

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime

from bench.year.proportions import FORMS, URGENCY
from bench.year.texts import drawn
from bench.year.town import Compound, Person
from bench.year.under_way import UnderWay
from bench.year.year import Year
from microgov.contracts.fields import Role

Part = Generator[datetime, None, bool]
"""Part of a life; returns whether the matter goes on."""


@dataclass
class Matter(UnderWay):
    """An issue under way: where it is, who brought it up, who has joined, and how many topics it had."""

    SERVICE = "issues"
    TABLE = "issue"
    compound: Compound
    reporter: Person
    theme: str = "roads"
    form: str = "micro_topic"
    urgency: str = "ordinary"
    signers: list[Person] = field(default_factory=list)
    topics: int = 0
    sessions: int = 0
    referred: bool = False

    @property
    def social(self) -> Person:
        return self.community.staff["social_worker"][0]

    @property
    def can_answer(self) -> bool:
        """Whether the reporter is a person, who can answer; a system cannot."""
        return self.reporter.role != Role.SYSTEM

    def neighbours(self, many: int) -> list[Person]:
        """Some people of the compound, each once."""
        everybody = self.compound.neighbours
        return self.chance.sample(everybody, min(many, len(everybody)))


def new_matter(year: Year, id: str) -> Matter:
    """A matter somewhere in town, with somebody who brings it up."""
    chance = year.chance(id)
    community = chance.choice(year.town.communities)
    compound = chance.choice(community.compounds)
    made = Matter(year, id, chance, community, compound, chance.choice(compound.residents))
    made.form, made.urgency = drawn(FORMS, chance), drawn(URGENCY, chance)
    return made
