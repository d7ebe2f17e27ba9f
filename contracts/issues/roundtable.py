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

Prompt = Annotated[Literal["needs", "ideas"], Field(examples=["needs"])]
"""问需 or 问计."""
Every = Annotated[int, Field(ge=1, le=366, examples=[30])]


class SetUpRoundTable(Command, roles=LIAISON, creates=True):
    """Sets up the round table (the subject) of a place: a sitting every `every_days` days from `first_at` on."""

    place: PlaceId
    name: Text
    every_days: Every
    first_at: Time


class RoundTableSetUp(Event):
    """A round table exists; `RoundTableDue` follows at each of its dates."""

    place: PlaceId
    name: Text
    every_days: Every
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
    """What a person contributed to one of the prompts; `issue` is the one that it concerns or has become."""

    prompt: Prompt
    text: FreeText
    person: PersonId | None = None
    issue: EntityId | None = None


class HoldRoundTable(Command, roles=LIAISON):
    """Records a sitting of the round table (the subject): who was there, and what was contributed."""

    present: Annotated[list[PersonId], Field(min_length=1, max_length=200)]
    contributions: Annotated[list[Contribution], Field(max_length=100)]


class RoundTableHeld(Event):
    """A sitting took place, the one with this number, with so many `needs` and `ideas`."""

    place: PlaceId
    number: Positive
    present: Annotated[list[PersonId], Field(min_length=1, max_length=200)]
    contributions: Annotated[list[Contribution], Field(max_length=100)]
    needs: Count
    ideas: Count


class ShowRoundTable(Question, roles=READERS):
    """Asks for a round table with its sittings, the last first, and its place's disagreements."""

    round_table: EntityId
    after: LogSeq = 0


class SittingShown(Part):
    """One sitting of a round table."""

    number: Positive
    at: Time
    present: Count
    needs: Count
    ideas: Count


class RoundTableShown(Part):
    """The answer to ShowRoundTable.

    `raised` disagreements arose in round tables of its place, of which `settled` are settled.
    """

    round_table: EntityId
    place: PlaceId
    name: Text
    state: Word
    every_days: Every
    next_at: Time | None = None
    sittings: Annotated[list[SittingShown], Field(max_length=100)]
    raised: Count
    settled: Count
