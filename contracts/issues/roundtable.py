"""Messages about a recurring round table 圆桌议事会 and its two standing prompts (domain.md §2.3)."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import (
    READERS,
    Count,
    EntityId,
    FreeText,
    LogSeq,
    Part,
    PersonId,
    PlaceId,
    Positive,
    Text,
    Time,
    Word,
)
from microgov.contracts.issues.screening import LIAISON
from microgov.contracts.message import Command, Event, Question

ABOUT = "round_table"

Prompt = Annotated[Literal["needs", "ideas"], Field(examples=["needs"])]
"""The two prompts: `needs` 问需, what people need; `ideas` 问计, what they suggest."""
DaysBetween = Annotated[int, Field(ge=1, le=366, examples=[30])]
"""Days from one sitting to the next."""


class SetUpRoundTable(Command, roles=LIAISON, creates=True):
    """Sets up a round table of a place, with a sitting every `every_days` days from `first_at` on; `subject` is its id."""

    place: PlaceId
    name: Text
    every_days: DaysBetween
    first_at: Time


class RoundTableSetUp(Event):
    """A round table exists; `RoundTableDue` follows at each of its dates."""

    place: PlaceId
    name: Text
    every_days: DaysBetween
    first_at: Time


class RoundTableDue(Event):
    """The date of a sitting has come; `next_at` is the date of the next one."""

    place: PlaceId
    name: Text
    next_at: Time


class StopRoundTable(Command, roles=LIAISON):
    """Ends the series: there are no more sittings."""

    reason: FreeText


class RoundTableStopped(Event):
    """The round table has no more sittings."""

    place: PlaceId
    reason: FreeText


class Contribution(Part):
    """What `person` contributed to one of the prompts; `issue` is the issue that it concerns or has become.

    `person` is left out if it is not recorded who contributed it, `issue` if there is none.
    """

    prompt: Prompt
    text: FreeText
    person: PersonId | None = None
    issue: EntityId | None = None


class HoldRoundTable(Command, roles=LIAISON):
    """Records a sitting of a round table (`subject` is its id): who was there, and what was contributed."""

    present: Annotated[list[PersonId], Field(min_length=1, max_length=200)]
    contributions: Annotated[list[Contribution], Field(max_length=100)]


class RoundTableHeld(Event):
    """A sitting took place.

    `number` counts the sittings of the round table; `needs` and `ideas` count the contributions to each prompt.
    """

    place: PlaceId
    number: Positive
    present: Annotated[list[PersonId], Field(min_length=1, max_length=200)]
    contributions: Annotated[list[Contribution], Field(max_length=100)]
    needs: Count
    ideas: Count


class ShowRoundTable(Question, roles=READERS):
    """Asks for a round table with its newest 100 sittings, the latest first, and with what became of disagreements.

    `after` as in ShowIssue.
    """

    round_table: EntityId
    after: LogSeq = 0


class SittingShown(Part):
    """One sitting of a round table; `present`, `needs` and `ideas` are counts of people and contributions."""

    number: Positive
    at: Time
    present: Count
    needs: Count
    ideas: Count


class RoundTableShown(Part):
    """The answer to ShowRoundTable; a round table that is stopped has no `next_at`.

    `raised` counts the disagreements that were raised in sessions of the kind `round_table` (ConveneSession) on topics of
    its place or of places inside it, `settled` those of them that are settled. Such a session is about one topic and is an
    entity of its own; a sitting of this round table is something else.
    """

    round_table: EntityId
    place: PlaceId
    name: Text
    state: Word
    every_days: DaysBetween
    next_at: Time | None = None
    sittings: Annotated[list[SittingShown], Field(max_length=100)]
    raised: Count
    settled: Count
