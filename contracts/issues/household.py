"""The household file 家庭档案 of those who were visited (domain.md §2.4): by consent, minimal, and never in the log.

It is kept, read and erased by request; the log learns that it was, by whom and why, and nothing of what is in it.
"""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import OPERATORS, EntityId, FreeText, LogSeq, Part, PersonId, Word
from microgov.contracts.message import Event, Question

ENTRIES = ("members", "needs", "care", "language", "good_times", "note")
"""What a file may say: how many they are, what they need, who cares for whom, in which language, when to come."""
Why = Annotated[
    Literal["visit", "service", "care", "correction", "withdrawn_consent", "retention"],
    Field(examples=["visit"]),
]


class FileEntry(Part):
    name: Word
    text: FreeText


class KeepHouseholdFile(Question, roles=OPERATORS):
    """Puts down the whole file, in place of what was there; `consented_by` is somebody of the household."""

    household: EntityId
    by: PersonId
    consented_by: PersonId
    entries: Annotated[
        list[FileEntry],
        Field(
            min_length=1, max_length=len(ENTRIES), examples=[[{"name": "needs", "text": "奶奶走路不便。"}]]
        ),
    ]
    after: LogSeq = 0


class ReadHouseholdFile(Question, roles=OPERATORS):
    """Shows the file; that it was read stands in the log."""

    household: EntityId
    by: PersonId
    why: Why
    after: LogSeq = 0


class EraseHouseholdFile(Question, roles=OPERATORS):
    """Takes the file away, as when they withdraw their consent."""

    household: EntityId
    by: PersonId
    why: Why
    after: LogSeq = 0


class HouseholdFileShown(Part):
    """The answer to all three; of an erased one without entries."""

    household: EntityId
    kept_by: PersonId
    consented_by: PersonId
    entries: Annotated[list[FileEntry], Field(max_length=len(ENTRIES))]


class HouseholdFileKept(Event):
    """The edge reports: somebody has put a file down, with somebody's consent."""

    by: PersonId
    consented_by: PersonId


class HouseholdFileRead(Event):
    """The edge reports: somebody has read the file of the household (the subject)."""

    by: PersonId
    why: Why


class HouseholdFileErased(Event):
    by: PersonId
    why: Why
