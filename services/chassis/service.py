"""What makes a service: the table of its handlers, its Base, its deadlines.

from microgov.services.chassis.service import Service

service = Service(name="issues", base=Base, handlers={SubmitIssue: submit_issue}, deadlines={"ballot": close_ballot})
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from microgov.contracts.fields import Part
from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import Envelope, Message, Question
from microgov.services.chassis.columns import FoldedBase, KeptBase
from microgov.services.chassis.model import AnyMessage, Entity, Said
from microgov.services.chassis.search import Search

Outcome = Said | Iterable[Said] | None
"""What a handler returns: one event, several, or none."""
Handler = Callable[[Any, Session], Outcome]
Key = tuple[type[Any], Any]
Answer = Callable[[Any, Session], Part | Search]
AdminRequest = Callable[[Any, Session], Part]
E = TypeVar("E", bound=Entity)


@dataclass(frozen=True)
class Service:
    """One fold: which handler handles which message, on which tables; and which questions are answered from them.

    An admin_request is a question that writes kept tables; only the operator may send one.
    """

    name: str
    base: type[FoldedBase]
    handlers: Mapping[type[Message], Handler]
    deadlines: Mapping[str, Handler] = field(default_factory=dict)
    questions: Mapping[type[Question], Answer] = field(default_factory=dict)
    admin_requests: Mapping[type[Question], AdminRequest] = field(default_factory=dict)
    kept: type[KeptBase] | None = None


def several(outcome: Outcome) -> Iterable[Said]:
    """What a handler returned, as an iterable of events; a generator runs while it is iterated."""
    if outcome is None:
        return ()
    return (outcome,) if isinstance(outcome, Said) else outcome


def on(entity: type[E], method: Callable[[E, Any, Session], Outcome]) -> Handler:
    """A handler that calls the method on the entity named by the message's subject; refused (`not_found`) if there is
    none.
    """

    @wraps(method)
    def handler(m: AnyMessage, s: Session) -> Outcome:
        return method(entity.find(s, m.subject), m, s)

    return handler


def due(entity: type[E], method: Callable[[E, Any, Session], Outcome]) -> Handler:
    """Like `on`, for a deadline of the entity."""

    @wraps(method)
    def handler(m: Envelope[DeadlineReached], s: Session) -> Outcome:
        return method(entity.find(s, m.data.entity), m, s)

    return handler


def reads(
    handler: Handler, first: Callable[[Any], Iterable[Key]], *then: Callable[[Any, Session], Iterable[Key]]
) -> Handler:
    """The handler, with the rows named that it will `get`, as (class, key): a batch loads them in one query per table.

    Each function of `then` names rows whose keys stand in rows named before. Only speed depends on this: a row that is not
    named is loaded when it is asked for.
    """

    @wraps(handler)
    def noted(m: AnyMessage, s: Session) -> Outcome:
        return handler(m, s)

    noted.reads = Reads(first, then)  # type: ignore[attr-defined]  # a note on the function, read by the fold
    return noted


@dataclass(frozen=True)
class Reads:
    """The rows that a handler will `get`."""

    first: Callable[[Any], Iterable[Key]]
    then: tuple[Callable[[Any, Session], Iterable[Key]], ...]
