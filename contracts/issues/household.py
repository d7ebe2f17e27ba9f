"""The household file 家庭档案 of a visited household (domain.md §2.4): kept by consent, minimal, never in the log.

Questions keep, read and erase it. The log holds that this was done, by whom and, for reading and erasing, why; it holds
nothing of the content.
"""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import OPERATORS, EntityId, FreeText, LogSeq, Part, PersonId, Word
from microgov.contracts.message import Event, Question

ABOUT = "household_file"

ENTRIES = ("members", "needs", "care", "language", "good_times", "note")
"""The entries of a file: members of the household, needs, who cares for whom, language, good times for a visit, a note."""
Purpose = Annotated[
    Literal["visit", "service", "care", "correction", "withdrawn_consent", "retention"],
    Field(examples=["visit"]),
]
"""The reason for which a file is read or erased."""


class FileEntry(Part):
    """One entry of a household file."""

    name: Word
    text: FreeText


class KeepHouseholdFile(Question, roles=OPERATORS):
    """Stores the whole file of a household, replacing what was there.

    `by` is the visitor who stores it, and has made a visit to the household; `consented_by` is the member of the household
    who consents.
    """

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
    """Asks for the file; `by` is the visitor who reads it, `why` the reason. Both are in the log afterwards."""

    household: EntityId
    by: PersonId
    why: Purpose
    after: LogSeq = 0


class EraseHouseholdFile(Question, roles=OPERATORS):
    """Erases the file, for example when the household withdraws its consent; `by` is the visitor who erases it."""

    household: EntityId
    by: PersonId
    why: Purpose
    after: LogSeq = 0


class HouseholdFileShown(Part):
    """The answer to the three questions; after erasing it has no entries."""

    household: EntityId
    kept_by: PersonId
    consented_by: PersonId
    entries: Annotated[list[FileEntry], Field(max_length=len(ENTRIES))]


class HouseholdFileKept(Event):
    """The service's edge reports that `by` has stored the file of the household (`subject`) with consent."""

    by: PersonId
    consented_by: PersonId


class HouseholdFileRead(Event):
    """The service's edge reports that `by` has read the file of the household (`subject`)."""

    by: PersonId
    why: Purpose


class HouseholdFileErased(Event):
    """The service's edge reports that `by` has erased the file of the household (`subject`)."""

    by: PersonId
    why: Purpose
