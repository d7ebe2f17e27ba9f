"""What is asked and said about a recurring round table 圆桌议事会 and its two standing prompts (domain.md §2.3)."""

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
    """The round table (the subject) of a place sits every so many days, from `first_at` on."""

    place: PlaceId
    name: Text
    every_days: Every
    first_at: Time


class RoundTableSetUp(Event):
    place: PlaceId
    name: Text
    every_days: Every
    first_at: Time


class RoundTableDue(Event):
    """It sits today; `next_at` is the time after this."""

    place: PlaceId
    name: Text
    next_at: Time


class StopRoundTable(Command, roles=LIAISON):
    """It does not sit again."""

    reason: FreeText


class RoundTableStopped(Event):
    place: PlaceId
    reason: FreeText


class Contribution(Part):
    """What somebody said to one of the prompts; `issue` is the one that it is about, or has become."""

    prompt: Prompt
    text: FreeText
    person: PersonId | None = None
    issue: EntityId | None = None


class HoldRoundTable(Command, roles=LIAISON):
    """The round table (the subject) has sat: who was there, and what was said to the prompts."""

    present: Annotated[list[PersonId], Field(min_length=1, max_length=200)]
    contributions: Annotated[list[Contribution], Field(max_length=100)]


class RoundTableHeld(Event):
    """Its sitting with this number; so many `needs` and `ideas` were brought."""

    place: PlaceId
    number: Positive
    present: Annotated[list[PersonId], Field(min_length=1, max_length=200)]
    contributions: Annotated[list[Contribution], Field(max_length=100)]
    needs: Count
    ideas: Count


class ShowRoundTable(Question, roles=READERS):
    """A round table with its sittings, the last first, and what its place's round tables settled."""

    round_table: EntityId
    after: LogSeq = 0


class SittingShown(Part):
    number: Positive
    at: Time
    present: Count
    needs: Count
    ideas: Count


class RoundTableShown(Part):
    """The answer to ShowRoundTable: of the disagreements `raised` in round tables at its place, `settled` are settled."""

    round_table: EntityId
    place: PlaceId
    name: Text
    state: Word
    every_days: Every
    next_at: Time | None = None
    sittings: Annotated[list[SittingShown], Field(max_length=100)]
    raised: Count
    settled: Count
