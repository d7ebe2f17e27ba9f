"""The question for what was achieved: quantities counted from verified action items (domain.md §2.3; never stored)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import READERS, Count, LogSeq, Part, PlaceId, Total, Word
from microgov.contracts.message import Question


class ShowAchieved(Question, roles=READERS):
    """Asks how much the action items of a place, and of every place inside it, have achieved.

    An action item counts once it is verified.
    """

    community: PlaceId | None = None
    after: LogSeq = 0


class Quantity(Part):
    """The quantity `done` of one `unit`, from `items` verified action items of `issues` issues.

    `at_least`: the true quantity may be greater, since at least one item was reported as "this much or more".
    """

    unit: Word
    done: Total
    at_least: bool
    items: Count
    issues: Count


class Replaced(Part):
    """What has replaced hazards of one kind: the quantity `done` of one `unit`, from `items` verified action items.

    The same items are counted in the quantities as well. `at_least` as in Quantity.
    """

    hazard: Word
    unit: Word
    done: Total
    at_least: bool
    items: Count


class Achieved(Part):
    """The answer to ShowAchieved.

    `quantities` has one line for each unit, `replaced` one for each hazard and unit. `open_items` counts the action
    items that are not verified yet.
    """

    quantities: Annotated[list[Quantity], Field(max_length=1000)]
    replaced: Annotated[list[Replaced], Field(max_length=1000)]
    open_items: Count
