"""The history of an issue as a question, and the answer (never stored)."""

from typing import Annotated, Any

from pydantic import Field

from microgov.contracts.fields import READERS, EntityId, LogSeq, Part, PlaceId
from microgov.contracts.message import Question


class ShowHistory(Question, roles=READERS):
    """What became of an issue, its topics, action items and mediations: every event but single votes, in the log's order.

    A page begins at sequence `from_seq` and has at most so many events; it ends earlier where much had to be read for it.
    `after` waits until that much of the log is folded.
    """

    issue: EntityId
    from_seq: Annotated[LogSeq, Field(ge=1)] = 1
    most: Annotated[int, Field(ge=1, le=500, examples=[50])] = 50
    after: LogSeq = 0


class HistoryEvent(Part):
    """An event as it stands in the log, with its sequence; of a mediation's consents without who sent them."""

    seq: LogSeq
    event: Annotated[
        dict[str, Any], Field(description="the envelope of a message that contracts/schemas describes")
    ]


class HistoryShown(Part):
    """The answer to ShowHistory; there may be more from sequence `next` on."""

    issue: EntityId
    place: PlaceId
    events: Annotated[list[HistoryEvent], Field(max_length=500)]
    next: LogSeq | None = None
