"""Mistakes that anybody makes: the wrong id, the wrong place, the same thing twice. Most are refused.

Mistakes of a certain kind of matter (a vote too late, a mediator with a stake) are made in its life.
"""

import random
from collections import Counter
from collections.abc import Callable

from bench.year.proportions import MISTAKES
from bench.year.town import Person, Town
from microgov.contracts.fields import Role
from microgov.contracts.message import Message

ABROAD = frozenset({Role.BRANCH, Role.SOCIAL_WORKER})
"""Roles that a colleague of another community has as well, who has opened the wrong matter."""


class Mistakes:
    """Makes mistakes beside what is said, and sends them by `put`. `made` counts them by kind."""

    def __init__(self, town: Town, chance: random.Random, put: Callable[[Message, str, Person], str]) -> None:
        self.town, self.chance, self.put, self.made = town, chance, put, Counter[str]()
        self._again = False

    def before(self, message: Message, subject: str, by: Person) -> None:
        """Perhaps a mistake before the message: another id, or somebody from elsewhere."""
        draw = self.chance.random()
        self._again = draw < MISTAKES * 0.4
        if self._again or draw > MISTAKES or message.CREATES:
            return
        if by.role in ABROAD and draw > MISTAKES * 0.6:
            elsewhere = self.chance.choice(self.town.communities)
            colleague = self.chance.choice(elsewhere.staff[by.role.value])
            if colleague.scope != by.scope:
                self.made["from elsewhere"] += 1
                self.put(message, subject, colleague)
                return
        self.made["another id"] += 1
        self.put(message, f"{subject[:60]}-x", by)

    def after(self, message: Message, subject: str, by: Person) -> None:
        """Perhaps the same message once more, by somebody who does not know that it has arrived."""
        if self._again:
            self._again = False
            self.made["once more"] += 1
            self.put(message, subject, by)
