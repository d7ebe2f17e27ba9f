"""What an issue and an order have in common while they are under way."""

import random
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from bench.year.town import Community, Person
from bench.year.year import Year
from microgov.contracts.message import Message


@dataclass
class UnderWay:
    """Something that goes on in a community: what those who live it can say, wait for and look up. `SERVICE` and `TABLE`
    hold its state.
    """

    SERVICE: ClassVar[str]
    TABLE: ClassVar[str]
    year: Year
    id: str
    chance: random.Random
    community: Community

    @property
    def branch(self) -> Person:
        return self.community.staff["branch"][0]

    @property
    def state(self) -> str | None:
        """In which state it is."""
        return self.year.state(self.SERVICE, self.TABLE, self.id)

    def say(
        self, message: Message, by: Person, subject: str | None = None, whom: Person | None = None
    ) -> str:
        """Says something about it, or about another entity."""
        return self.year.say(message, subject or self.id, by, whom)

    def wait(self, days: float = 0, hours: float = 0) -> datetime:
        """The time to yield."""
        return self.year.wait(self.chance, days, hours)

    def often(self, share: float) -> bool:
        """True in this share of cases."""
        return self.chance.random() < share
