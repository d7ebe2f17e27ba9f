"""An issue under way, as those who live it see it: where it is, who brought it up, and what they can say and look up."""

import random
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime

from bench.year.proportions import FORMS, URGENCY
from bench.year.texts import drawn
from bench.year.town import Community, Compound, Person
from bench.year.year import Year
from microgov.contracts.fields import Role
from microgov.contracts.message import Message

Part = Generator[datetime, None, bool]
"""Part of a life; returns whether the matter goes on."""


@dataclass
class Matter:
    """An issue under way: where it is, who brought it up, who has joined, and how many topics it had."""

    year: Year
    id: str
    chance: random.Random
    community: Community
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
    def branch(self) -> Person:
        return self.community.staff["branch"][0]

    @property
    def social(self) -> Person:
        return self.community.staff["social_worker"][0]

    def say(
        self, message: Message, by: Person, subject: str | None = None, whom: Person | None = None
    ) -> str:
        """Says something about the issue, or about another entity."""
        return self.year.say(message, subject or self.id, by, whom)

    def wait(self, days: float = 0, hours: float = 0) -> datetime:
        """The time to yield."""
        return self.year.wait(self.chance, days, hours)

    @property
    def can_answer(self) -> bool:
        """Whether the reporter is a person, who can answer; a system cannot."""
        return self.reporter.role != Role.SYSTEM

    @property
    def state(self) -> str | None:
        """In which state the issue is."""
        return self.year.state("issues", "issue", self.id)

    def often(self, share: float) -> bool:
        """True in this share of cases."""
        return self.chance.random() < share

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
