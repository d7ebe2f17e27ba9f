"""What makes a service: the table of its handlers, its Base, its deadlines.

    from microgov.services.chassis.service import Service

    service = Service(name="issues", base=Base, handlers={SubmitIssue: submit_issue}, deadlines={"ballot": close_ballot})
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from microgov.contracts.fields import Part
from microgov.contracts.message import Message, Question
from microgov.services.chassis.columns import FoldedBase, KeptBase
from microgov.services.chassis.model import AnyMessage, Said
from microgov.services.chassis.search import Search

Handler = Callable[[Any, Session], Iterator[Said]]
Key = tuple[type[Any], Any]
Answer = Callable[[Any, Session], Part | Search]
Errand = Callable[[Any, Session], Part]
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Service:
    """One fold: who answers which message, on which tables; and which questions it answers from them.

    An errand is a question that writes kept tables; the operator alone may ask for one.
    """

    name: str
    base: type[FoldedBase]
    handlers: Mapping[type[Message], Handler]
    deadlines: Mapping[str, Handler] = field(default_factory=dict)
    questions: Mapping[type[Question], Answer] = field(default_factory=dict)
    errands: Mapping[type[Question], Errand] = field(default_factory=dict)
    kept: type[KeptBase] | None = None


def reads(
    hint: Callable[[AnyMessage], Iterable[Key]], *then: Callable[[AnyMessage, Session], Iterable[Key]]
) -> Callable[[F], F]:
    """Names the rows that a handler will `get`, as (class, key), so that a batch loads them in one query per table.

    Each of `then` names those whose keys stand in rows that were named before. Only speed depends on it: what is not named
    here is loaded when asked for.
    """

    def mark(handler: F) -> F:
        handler.reads = Reads(hint, then)  # type: ignore[attr-defined]  # a note on the function, read by the fold
        return handler

    return mark


@dataclass(frozen=True)
class Reads:
    """What a handler will `get`."""

    first: Callable[[AnyMessage], Iterable[Key]]
    then: tuple[Callable[[AnyMessage, Session], Iterable[Key]], ...]
