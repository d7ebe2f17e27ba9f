"""The question what a service's rows add up to, which compares a running service with a replay of its log."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import OPERATORS, Format, LogSeq, Part, Word
from microgov.contracts.log import Service
from microgov.contracts.message import Question

OWNER = "log"


class AskState(Question, roles=OPERATORS):
    """Asks for the state of a service's folded rows, and up to which message of the log they were folded."""


class TableState(Part):
    """One table that has rows. `sum` is the sum of the hashes of its rows, as 16 hexadecimal digits."""

    table: Word
    sum: Annotated[str, Format(r"^[0-9a-f]{16}$"), Field(max_length=16, examples=["c65f3bed5f2de574"])]


class StateShown(Part):
    """The answer to AskState. `position` is the sequence of the last folded message; the rows are those after it."""

    service: Service
    position: LogSeq
    tables: Annotated[list[TableState], Field(max_length=500)]
