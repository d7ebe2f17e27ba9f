"""The building blocks of a service's model: entities that return events, refusals, and life cycles as tables.

An entity is an ordinary mapped class. A rule is a method of it that checks, changes and *returns its event*:

    def accept(self, m: Envelope[AcceptIssue], s: Session) -> Said:
        LIFE.move(self, m, s)
        return self.say(IssueAccepted())
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Protocol, Self

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.fields import Role, Words
from microgov.contracts.message import Envelope, Event, Message
from microgov.services.chassis.fitting import fitting

AnyMessage = Envelope[Any]


class Refused(Exception):
    """A rule is broken: nothing has changed, and the sender gets a refusal. Raise it before changing anything.

    The sentences may list and quote any number of things, because fitting.py shortens the longest list of a sentence that
    is too long.
    """

    def __init__(self, code: str, zh: str, en: str, field: str = "subject") -> None:
        super().__init__(code, en)
        self.code, self.words, self.field = code, Words(zh=fitting(zh, "zh"), en=fitting(en, "en")), field


class Said(NamedTuple):
    """An event to be written into the log, the id of the entity that it is about, and that entity's version after it (None
    if it has no version).
    """

    event: Event
    subject: str
    version: int | None = None


class Entity:
    """A row with a life cycle: `id` names it in messages, `version` counts the events about it.

    `CALLED` is its name in refusals. Refusals are in logs, so it must not change, even if the class is renamed.
    """

    CALLED: ClassVar[str]
    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=0)

    def say(self, event: Event) -> Said:
        """Returns an event about this entity for the log, and raises the entity's version."""
        self.version += 1
        return Said(event, self.id, self.version)

    @classmethod
    def find(cls, s: Session, id: str, field: str = "subject") -> Self:
        """The entity. Raises the refusal `not_found`."""
        found = s.get(cls, id)
        if found is None:
            thing = cls.CALLED
            raise Refused(
                "not_found",
                f"没有编号为 {id} 的 {thing}。请核对编号。",
                f"There is no {thing} {id}. Check the id.",
                field,
            )
        return found

    @classmethod
    def new(cls, s: Session, id: str, **values: Any) -> Self:
        """A new entity under this id, added to the session. Raises the refusal `already_exists`."""
        if s.get(cls, id) is not None:
            raise Refused(
                "already_exists",
                f"编号 {id} 已被使用。请换一个编号。",
                f"The id {id} is taken. Choose another id, or leave it out.",
            )
        # A mapped class takes its columns as keywords; this mixin does not know them.
        make: Callable[..., Self] = cls
        entity = make(id=id, version=0, **values)
        s.add(entity)
        return entity


class HasState(Protocol):
    """An entity whose state a `Life` changes."""

    id: Any
    state: Any


@dataclass(frozen=True)
class Guard:
    """A condition of a transition; `holds` gets the entity, the message and the session, and must not change anything.

    A guard is named after what it requires (`BY_MEDIATOR`); `code`, `zh` and `en` are the refusal if that does not hold.
    """

    code: str
    zh: str
    en: str
    holds: Callable[[Any, AnyMessage, Session], bool]
    field: str = "subject"

    def check(self, entity: Any, m: AnyMessage, s: Session) -> None:
        """Raises the guard's refusal if the condition does not hold."""
        if not self.holds(entity, m, s):
            raise Refused(self.code, self.zh, self.en, self.field)


SAME = "="
"""A transition that leaves the state as it is."""
BACK = "<"
"""A transition back to an earlier state, which the method that moves the entity sets."""


@dataclass(frozen=True)
class Transition:
    """A transition's new state (or SAME or BACK), the class of its event, and its guards."""

    to: str
    event: type[Event]
    guards: tuple[Guard, ...] = ()


Cause = type[Message] | str
"""A message class, or the kind of a deadline."""


TAKEN: set[tuple[str, str | None, Cause]] | None = None
"""While the coverage of recordings is measured: the name of the life, the state and the cause of every transition."""


@dataclass(frozen=True)
class Life:
    """The state machine (life cycle) of an entity as a table. The check of the state, the text of the refusal, the diagram
    and the tests are made from it.

    `name` and `zh` are the entity's name in English and Chinese. `states` maps each state to its name in Chinese and
    English. A key of `table` is a pair of the state before (None: the entity does not exist yet) and the cause.
    """

    name: str
    zh: str
    states: Mapping[str, tuple[str, str]]
    table: Mapping[tuple[str | None, Cause], Transition]
    final: frozenset[str] = field(default=frozenset())

    def move(self, entity: HasState, m: AnyMessage, s: Session) -> Transition:
        """Checks the table and the guards, then changes `entity.state`. Raises `wrong_state` or the guard's refusal."""
        return self.moved_by(entity, type(m.data), m, s)

    def moved_by(self, entity: HasState, cause: Cause, m: AnyMessage, s: Session) -> Transition:
        """Like `move`, for a cause that is not the message's own class (a deadline's kind)."""
        transition = self.check(entity, cause, m, s)
        if transition.to not in (SAME, BACK):
            entity.state = transition.to
        return transition

    def check(self, entity: HasState, cause: Cause, m: AnyMessage, s: Session) -> Transition:
        """Raises what `moved_by` would raise, and changes nothing. If a handler moves two entities, it must check the second
        before it moves the first.
        """
        transition = self.table.get((entity.state, cause))
        if transition is None:
            raise self._wrong_state(entity, cause)
        for guard in transition.guards:
            guard.check(entity, m, s)
        if TAKEN is not None:
            TAKEN.add((self.name, entity.state, cause))
        return transition

    def allows(self, state: str | None, cause: Cause) -> bool:
        """Whether the table has a row for this state and cause."""
        return (state, cause) in self.table

    def _wrong_state(self, entity: HasState, cause: Cause) -> Refused:
        wanted = [state for state, known in self.table if known == cause and state is not None]
        zh, en = self.states[entity.state]
        return Refused(
            "wrong_state",
            f"{self.zh} {entity.id} 现为“{zh}”；此操作要求：{'、'.join(self.states[x][0] for x in wanted) or '尚未存在'}。",
            f"The {self.name} {entity.id} is {en}; this needs it to be "
            f"{' or '.join(self.states[x][1] for x in wanted) or 'new'}.",
        )

    def diagram(self) -> str:
        """The life cycle as a Mermaid state diagram: an arrow from state to state, labelled with its events.

        Transitions that stay in a state, or go back to an earlier one, have no arrow.
        """
        arrows: dict[tuple[str, str], list[str]] = {}
        for (state, _), transition in self.table.items():
            events = arrows.setdefault((state or "[*]", transition.to), [])
            if transition.event.__name__ not in events:
                events.append(transition.event.__name__)
        lines = [f'  state "{zh} {en}" as {state}' for state, (zh, en) in self.states.items()]
        lines += [
            f"  {state} --> {to}: {', '.join(said)}"
            for (state, to), said in arrows.items()
            if to in self.states
        ]
        return "\n".join(["stateDiagram-v2", *lines, *(f"  {state} --> [*]" for state in sorted(self.final))])


def each(
    states: Iterable[str], cause: Cause, transition: Transition
) -> dict[tuple[str | None, Cause], Transition]:
    """Rows of a `Life` table: the same transition for several states."""
    return {(state, cause): transition for state in states}


def roles_text(roles: Iterable[Role]) -> str:
    """Roles as text for a sentence."""
    return ", ".join(sorted(role.value for role in roles))


def check_role(m: AnyMessage) -> None:
    """Checks that the message's class allows the role in which it was sent. Raises `role_not_allowed`."""
    message: type[Message] = type(m.data)
    if message.ROLES and m.role not in message.ROLES:
        raise Refused(
            "role_not_allowed",
            f"{message.__name__} 只能由以下角色发出：{roles_text(message.ROLES)}；您的角色是 {_name(m.role)}。",
            f"{message.__name__} may be sent in the role {roles_text(message.ROLES)}; yours is {_name(m.role)}.",
            "role",
        )


def _name(role: Role | None) -> str:
    return role.value if role is not None else "–"
