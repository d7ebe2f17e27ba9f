"""All rows of a class under one parent, for example the options of a topic or the co-signatures of an issue."""

from typing import Any, NamedTuple, TypeVar

from sqlalchemy.orm import Session

T = TypeVar("T")


class KeyPrefix(NamedTuple):
    """Used in `reads` in place of a key: names every row whose primary key begins with `parent` (a tuple if it has several
    values).
    """

    parent: Any


def rows_under(s: Session, cls: type[T], *parents: Any) -> list[T]:
    """The rows of the class whose primary key begins with one of these parents (which must all have the same number of
    values), ordered by key; pending rows are included.
    """
    rows: list[T] = s.family(cls, parents)  # type: ignore[attr-defined]  # of the FoldSession, which imports this file
    return rows
