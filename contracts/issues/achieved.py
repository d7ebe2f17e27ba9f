"""The question for what was achieved: quantities counted from verified action items (domain.md §2.3; never stored)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import READERS, Count, LogSeq, Part, PlaceId, Total, Word
from microgov.contracts.message import Question


class ShowAchieved(Question, roles=READERS):
    """Asks how much was done at a place and inside it; an item counts once somebody else has verified it."""

    community: PlaceId | None = None
    after: LogSeq = 0


class Quantity(Part):
    """`done` of `unit` in so many verified `items` of so many `issues`.

    `at_least`: one item or more was reported as "so much or more".
    """

    unit: Word
    done: Total
    at_least: bool
    items: Count
    issues: Count


class Replaced(Part):
    """What has replaced a hazard: `done` of `unit` in so many verified `items`.

    The quantities count them as well. `at_least` as in Quantity.
    """

    hazard: Word
    unit: Word
    done: Total
    at_least: bool
    items: Count


class Achieved(Part):
    """The answer to ShowAchieved.

    `quantities` are by unit, `replaced` by hazard where items name one; `open_items` are not verified yet.
    """

    quantities: Annotated[list[Quantity], Field(max_length=1000)]
    replaced: Annotated[list[Replaced], Field(max_length=1000)]
    open_items: Count
