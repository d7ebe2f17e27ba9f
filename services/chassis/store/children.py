"""All rows of a class that stand under one parent: the options of a topic, the co-signatures of an issue."""

from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

T = TypeVar("T")


class Under(NamedTuple):
    """In place of a key: every row whose primary key begins with `parent` (of several values: a tuple); for `reads`."""

    parent: Any


def under(s: Session, cls: type[T], *parents: Any) -> list[T]:
    """The rows whose primary key begins with one of these (all of one width), by key; pending ones included."""
    found = getattr(s, "family", None)
    if found is not None:
        rows: list[T] = found(cls, parents)
        return rows
    keys = sa.inspect(cls).primary_key
    begins = [parent if isinstance(parent, tuple) else (parent,) for parent in parents]
    first = sa.tuple_(*keys[: len(begins[0])]).in_(begins) if begins else sa.false()
    return list(s.scalars(sa.select(cls).where(first).order_by(*keys)))
