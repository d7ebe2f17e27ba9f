"""The definition of a service: its handlers, its tables, its deadlines and its questions.

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

HandlerResult = Said | Iterable[Said] | None
"""What a handler returns: one event, several (a list or a generator), or none."""
Handler = Callable[[Any, Session], HandlerResult]
Key = tuple[type[Any], Any]
QuestionHandler = Callable[[Any, Session], Part | Search]
AdminRequest = Callable[[Any, Session], Part]
E = TypeVar("E", bound=Entity)


@dataclass(frozen=True)
class Service:
    """The definition of one fold: the handler of each message class, the base class of its tables, the handler of each kind
    of deadline, and the function that answers each class of question.

    `admin_requests`: questions that write kept tables; only the operator may ask them. `kept`: base class of the service's
    kept tables, if it has any.
    """

    name: str
    base: type[FoldedBase]
    handlers: Mapping[type[Message], Handler]
    deadlines: Mapping[str, Handler] = field(default_factory=dict)
    questions: Mapping[type[Question], QuestionHandler] = field(default_factory=dict)
    admin_requests: Mapping[type[Question], AdminRequest] = field(default_factory=dict)
    kept: type[KeptBase] | None = None


def several(outcome: HandlerResult) -> Iterable[Said]:
    """What a handler returned, as an iterable of events; a generator runs while it is iterated."""
    if outcome is None:
        return ()
    return (outcome,) if isinstance(outcome, Said) else outcome


def on(entity: type[E], method: Callable[[E, Any, Session], HandlerResult]) -> Handler:
    """A handler that loads the entity whose id is the message's subject and calls the method on it. It raises the refusal
    `not_found` if there is no such entity.
    """

    @wraps(method)
    def handler(m: AnyMessage, s: Session) -> HandlerResult:
        return method(entity.find(s, m.subject), m, s)

    return handler


def due(entity: type[E], method: Callable[[E, Any, Session], HandlerResult]) -> Handler:
    """A handler for a deadline: it loads the entity of the deadline and calls the method on it."""

    @wraps(method)
    def handler(m: Envelope[DeadlineReached], s: Session) -> HandlerResult:
        return method(entity.find(s, m.data.entity), m, s)

    return handler


def reads(
    handler: Handler, first: Callable[[Any], Iterable[Key]], *then: Callable[[Any, Session], Iterable[Key]]
) -> Handler:
    """Names, as pairs (class, key), the rows that a handler will `get`, so that a batch loads them in one query per table;
    returns the handler.

    Each function of `then` names rows whose keys are found in rows named before. Only speed depends on this: a row that is
    not named is loaded when the handler asks for it.
    """

    @wraps(handler)
    def noted(m: AnyMessage, s: Session) -> HandlerResult:
        return handler(m, s)

    noted.reads = Reads(first, then)  # type: ignore[attr-defined]  # a note on the function, read by the fold
    return noted


@dataclass(frozen=True)
class Reads:
    """Functions that name the rows that a handler will `get` (see `reads`)."""

    first: Callable[[Any], Iterable[Key]]
    then: tuple[Callable[[Any, Session], Iterable[Key]], ...]
