"""What can be asked about what was done: quantities, out of verified action items (domain.md §2.3; never stored)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import READERS, Count, LogSeq, Part, PlaceId, Total, Word
from microgov.contracts.message import Question


class ShowAchieved(Question, roles=READERS):
    """How much was done at this place and inside it; an item counts once somebody else has verified it."""

    community: PlaceId | None = None
    after: LogSeq = 0


class Quantity(Part):
    """`done` of `unit` in so many verified `items`; `at_least`: one of them or more were counted as "or more"."""

    unit: Word
    done: Total
    at_least: bool
    items: Count
    issues: Count


class Replaced(Part):
    """What took this hazard's place: `done` of `unit` in so many verified `items`, which the quantities count, too."""

    hazard: Word
    unit: Word
    done: Total
    at_least: bool
    items: Count


class Achieved(Part):
    """The answer to ShowAchieved, by unit; `open_items` are not verified yet; `replaced` where items name a hazard."""

    quantities: Annotated[list[Quantity], Field(max_length=1000)]
    replaced: Annotated[list[Replaced], Field(max_length=1000)]
    open_items: Count
