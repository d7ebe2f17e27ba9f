"""All rows of a class that stand under one parent: the options of a topic, the co-signatures of an issue."""

from operator import eq
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

T = TypeVar("T")


class Under(NamedTuple):
    """In place of a key: every row whose primary key begins with `parent` (of several values: a tuple); for `reads`."""

    parent: Any


def under(s: Session, cls: type[T], parent: Any) -> list[T]:
    """The rows whose primary key begins with `parent`, by key; pending ones included."""
    found = getattr(s, "family", None)
    if found is not None:
        rows: list[T] = found(cls, parent)
        return rows
    keys, begins = sa.inspect(cls).primary_key, parent if isinstance(parent, tuple) else (parent,)
    return list(s.scalars(sa.select(cls).where(*map(eq, keys, begins)).order_by(*keys)))
