"""All rows of a class that stand under one parent: the options of a topic, the co-signatures of an issue."""

from typing import Any, NamedTuple, TypeVar

from sqlalchemy.orm import Session

T = TypeVar("T")


class KeyPrefix(NamedTuple):
    """In place of a key: every row whose primary key begins with `parent` (of several values: a tuple); for `reads`."""

    parent: Any


def rows_under(s: Session, cls: type[T], *parents: Any) -> list[T]:
    """The rows whose primary key begins with one of these (all of one width), by key; pending ones included."""
    rows: list[T] = s.family(cls, parents)  # type: ignore[attr-defined]  # of the FoldSession, which imports this file
    return rows
