"""What a story is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from microgov.contracts import directory
from microgov.contracts.fields import Language, Role
from microgov.contracts.message import Message
from microgov.contracts.terms import term
from microgov.text.sentences import Sentence


class Step(NamedTuple):
    """A message through the front door. `refused` is the code that the house must answer with; None: it must work.

    `settled`: what came before must have come to rest first (a result must have been delivered). `sealed`: a vote whose
    choice is sealed to the key of its ballot before it is sent. A question is asked of issues, and stands in no log.
    """

    told: Sentence
    message: Message
    subject: str
    by: str
    role: str | None = None
    on_behalf_of: str | None = None
    refused: str | None = None
    settled: bool = False
    id: str = ""
    sealed: bool = False


class Wait(NamedTuple):
    """Time passes until then; what falls due on the way happens."""

    told: Sentence
    until: datetime


@dataclass
class Story:
    """`look` is what to look at when it is over, as arguments of `microgov`."""

    name: str
    title: Sentence
    prefix: str
    steps: list[Step | Wait] = field(default_factory=list)
    look: list[str] = field(default_factory=list)

    def id(self, name: str) -> str:
        """An entity's or a step's id of this telling alone."""
        return f"{self.prefix}-{name}"

    def say(
        self,
        zh: str,
        en: str,
        message: Message,
        subject: str,
        by: str,
        role: str | None = None,
        on_behalf_of: str | None = None,
        refused: str | None = None,
        settled: bool = False,
        exact: bool = False,
        sealed: bool = False,
    ) -> str:
        """The next step; persons and (unless `exact`) the subject are named without the prefix. Returns the step's id."""
        id = self.id(f"{self.name}-{len(self.steps) + 1}")
        self.steps.append(
            Step(
                Sentence(zh, en),
                message,
                subject if exact else self.id(subject),
                by if by == OFFICE else self.id(by),
                role,
                self.id(on_behalf_of) if on_behalf_of else None,
                refused,
                settled,
                id,
                sealed,
            )
        )
        return id

    def wait(self, zh: str, en: str, until: datetime) -> None:
        """Time passes."""
        self.steps.append(Wait(Sentence(zh, en), until))

    def settle_in(self, tenant: str, people: Sequence["Neighbour"]) -> None:
        """The office defines a community with a compound, and registers who lives and works there."""
        self.say(
            "街道办登记社区。",
            "The office defines a community.",
            directory.DefinePlace(kind="community", name="东湖社区", parent=tenant),
            "community",
            OFFICE,
        )
        self.say(
            "街道办登记小区。",
            "The office defines a compound in it.",
            directory.DefinePlace(kind="compound", name="东湖苑", parent=self.id("community")),
            "yuan",
            OFFICE,
        )
        for one in people:
            self.say(
                f"街道办登记{one.zh}{'（通知用英文）' if one.language == 'en' else ''}。",
                f"The office registers {one.en}{', who reads English' if one.language == 'en' else ''}.",
                directory.RegisterPerson(
                    household=self.id(one.household), place=self.id("yuan"), language=one.language
                ),
                one.name,
                OFFICE,
            )
            place = self.id("community" if one.role in WORKERS else "yuan")
            self.say(
                f"{one.zh}的身份：{term('role', one.role, 0)}。",
                f"{one.en}: {term('role', one.role, 1)}.",
                directory.GrantRole(role=Role(one.role), place=place),
                one.name,
                OFFICE,
            )


OFFICE = "office"
WORKERS = ("branch", "social_worker", "organisation", "womens_federation")


class Neighbour(NamedTuple):
    """Somebody in a story; `language` is theirs."""

    name: str
    role: str
    household: str
    zh: str
    en: str
    language: Language = "zh-Hans"
