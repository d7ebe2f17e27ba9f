"""The parts of a story: steps, which send a message, and waits, between which time passes."""

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
    """A message that is sent to the door, or a question that is put to the service issues.

    `text` describes the step to the reader. `by` is the id of the sender, `on_behalf_of` that of the person for whom the
    sender acts. `refused` is the code with which the message must be refused, None if it must be accepted. `when_idle`: it
    is sent only when all services have folded everything, for example after a result has been delivered. `sealed`: the
    message is a vote whose choice is encrypted for its ballot before it is sent. `id` is the message id.
    """

    text: Sentence
    message: Message
    subject: str
    by: str
    role: str | None = None
    on_behalf_of: str | None = None
    refused: str | None = None
    when_idle: bool = False
    id: str = ""
    sealed: bool = False


class Wait(NamedTuple):
    """The simulated clock is moved to `until`, from deadline to deadline."""

    text: Sentence
    until: datetime


@dataclass
class Story:
    """A story to which steps are added. All ids begin with `prefix`, so that a tenant can play a story repeatedly.

    `next_commands` are suggestions for the reader when the story is over, as arguments of `microgov`.
    """

    name: str
    title: Sentence
    prefix: str
    steps: list[Step | Wait] = field(default_factory=list)
    next_commands: list[str] = field(default_factory=list)

    def id(self, name: str) -> str:
        """The id of an entity or a step, with the prefix."""
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
        when_idle: bool = False,
        exact_subject: bool = False,
        sealed: bool = False,
    ) -> str:
        """Adds a step and returns its message id.

        Persons are named without the prefix, and so is the subject unless `exact_subject`.
        """
        id = self.id(f"{self.name}-{len(self.steps) + 1}")
        self.steps.append(
            Step(
                Sentence(zh, en),
                message,
                subject if exact_subject else self.id(subject),
                by if by == OFFICE else self.id(by),
                role,
                self.id(on_behalf_of) if on_behalf_of else None,
                refused,
                when_idle,
                id,
                sealed,
            )
        )
        return id

    def wait(self, zh: str, en: str, until: datetime) -> None:
        """Adds a wait until this time."""
        self.steps.append(Wait(Sentence(zh, en), until))

    def set_up_neighbourhood(self, tenant: str, people: Sequence["Neighbour"]) -> None:
        """Adds the steps by which the office defines a community with a compound and registers people with their roles."""
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
        for person in people:
            self.say(
                f"街道办登记{person.zh}{'（通知用英文）' if person.language == 'en' else ''}。",
                f"The office registers {person.en}{', who reads English' if person.language == 'en' else ''}.",
                directory.RegisterPerson(
                    household=self.id(person.household), place=self.id("yuan"), language=person.language
                ),
                person.name,
                OFFICE,
            )
            place = self.id("community" if person.role in WORKERS else "yuan")
            self.say(
                f"{person.zh}的身份：{term('role', person.role, 0)}。",
                f"{person.en}: {term('role', person.role, 1)}.",
                directory.GrantRole(role=Role(person.role), place=place),
                person.name,
                OFFICE,
            )


OFFICE = "office"
WORKERS = ("branch", "social_worker", "organisation", "womens_federation")
"""The roles which a person has for the whole community; others have theirs in the compound."""


class Neighbour(NamedTuple):
    """A person in a story; notices to this person are written in `language`."""

    name: str
    role: str
    household: str
    zh: str
    en: str
    language: Language = "zh-Hans"
