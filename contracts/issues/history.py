"""The question for the history of an issue, and the answer (never stored)."""

from typing import Annotated, Any

from pydantic import Field

from microgov.contracts.fields import READERS, EntityId, LogSeq, Part, PlaceId
from microgov.contracts.message import Question


class ShowHistory(Question, roles=READERS):
    """Asks for the events of an issue, and of everything that belongs to it, in the order of the log.

    These are the events that name the issue or one of its topics: those of topics, sessions, ballots, action items,
    disagreements and mediations.

    Single votes are left out. A page begins at the sequence `from_seq` of the log and has at most `most` events, or
    fewer if many messages of the log lie between them. `after` as in ShowIssue.
    """

    issue: EntityId
    from_seq: Annotated[LogSeq, Field(ge=1)] = 1
    most: Annotated[int, Field(ge=1, le=500, examples=[50])] = 50
    after: LogSeq = 0


class HistoryEvent(Part):
    """An event as it is in the log, with its sequence.

    The events by which a mediation was requested, consented to, opened or refused are without their sender, who may be a
    party to it.
    """

    seq: LogSeq
    event: Annotated[
        dict[str, Any],
        Field(description="the envelope of a message that contracts/generated/schemas describes"),
    ]


class HistoryShown(Part):
    """The answer to ShowHistory; `next` is the sequence with which the next page begins, if there may be one."""

    issue: EntityId
    place: PlaceId
    events: Annotated[list[HistoryEvent], Field(max_length=500)]
    next: LogSeq | None = None
