"""Questions about visits and their rounds (never stored)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import (
    READERS,
    Count,
    EntityId,
    LogSeq,
    Part,
    PersonId,
    PlaceId,
    Text,
    Time,
    Word,
)
from microgov.contracts.issues.listing import PageSize
from microgov.contracts.issues.visit import MAX_LINES, ContactKind, LineFate
from microgov.contracts.message import Question


class ShowVisitRound(Question, roles=READERS):
    """Asks for one round, with how much of its contact list has been visited."""

    round: EntityId
    after: LogSeq = 0


class VisitRoundShown(Part):
    """The answer to ShowVisitRound.

    `contacts` counts the lines of the contact list: `made` of them were visited, and the last attempt at the others
    ended with `refused` or `no_answer`, if there was one. `closed` visits of those made are over.
    """

    round: EntityId
    title: Text
    place: PlaceId
    opened_by: PersonId
    contacts: Count
    made: Count
    refused: Count
    no_answer: Count
    closed: Count


class ShowVisit(Question, roles=READERS):
    """Asks for one visit with the state of every line of its lists."""

    visit: EntityId
    after: LogSeq = 0


class VisitListed(Part):
    """A visit.

    `result` is that of the last attempt, or `made`; `refusals` counts the refusals among the `attempts`.
    """

    visit: EntityId
    round: EntityId
    contact: EntityId
    kind: ContactKind
    place: PlaceId
    state: Word
    result: Word | None = None
    attempts: Count
    refusals: Count


class VisitShown(VisitListed):
    """The answer to ShowVisit; `visitor` met `person`."""

    planned_at: Time
    made_at: Time | None = None
    person: PersonId | None = None
    visitor: PersonId | None = None
    lines: Annotated[list[LineFate], Field(max_length=2 * MAX_LINES)]


class ListVisits(Question, roles=READERS):
    """Asks for the visits that meet all given conditions, in the order of their ids.

    `community` is a place and stands for everything inside it. `after_id` is `next` of the previous page.
    """

    round: EntityId | None = None
    state: Word | None = None
    community: PlaceId | None = None
    after_id: EntityId | None = None
    most: PageSize = 50
    after: LogSeq = 0


class VisitsListed(Part):
    """The answer to ListVisits; `next` is given if there are more."""

    visits: Annotated[list[VisitListed], Field(max_length=200)]
    next: EntityId | None = None
