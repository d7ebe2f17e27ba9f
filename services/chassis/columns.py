"""Column types whose stored form is the same text or whole number on SQLite and PostgreSQL, so that digests agree.

A time is stored as whole microseconds since 1970 in UTC, a structure as canonical JSON; text is sorted by bytes. There are
no floats: quantities are whole numbers with a unit.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, registry

from microgov.contracts.message import canonical
from microgov.services.chassis.frozen import frozen

UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def micros(value: datetime) -> int:
    """Whole microseconds since 1970, UTC."""
    return (value - UNIX_EPOCH) // MICROSECOND


def instant(value: int) -> datetime:
    """The time (UTC) that is this many microseconds after the start of 1970."""
    return UNIX_EPOCH + timedelta(microseconds=value)


class UtcTime(sa.types.TypeDecorator[datetime]):
    """A datetime with a time zone, stored as microseconds since 1970 (UTC)."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else instant(value)


class Json(sa.types.TypeDecorator[Any]):
    """Lists and dictionaries, stored as canonical JSON text. They are read frozen: assign a new value to change one."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else canonical(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else frozen(json.loads(value))


Utf8 = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


_FOLDED: dict[Any, Any] = {
    str: Utf8,
    int: sa.BigInteger,
    datetime: UtcTime,
    list[Any]: Json,
    dict[str, Any]: Json,
}


_COLUMNS: dict[type[Any], frozenset[str]] = {}


class _State:
    """A descriptor that makes the ORM's state of a row on first access, because the rows of a fold never need it."""

    def __get__(self, row: Any, owner: Any) -> Any:
        if row is None:
            return self
        manager = owner._sa_class_manager
        return row.__dict__.setdefault("_sa_instance_state", manager._state_constructor(row, manager))


class _Tables(DeclarativeBase):
    """Common base of FoldedBase and KeptBase. Every abstract class that derives from one of the two gets its own
    metadata, which holds one service's tables.
    """

    __abstract__ = True

    def __init__(self, **values: Any) -> None:
        """Sets the values directly: a new row has no history, so the ORM need not track them."""
        cls = type(self)
        known = _COLUMNS.get(cls) or _COLUMNS.setdefault(
            cls, frozenset(one.key for one in cls.__mapper__.column_attrs)
        )
        if not known.issuperset(values):
            raise TypeError(f"{cls.__name__} has no column {', '.join(sorted(values.keys() - known))}")
        self.__dict__.update(values)

    def __init_subclass__(cls, **keywords: Any) -> None:
        own = vars(cls)
        if own.get("__abstract__") and "type_annotation_map" not in own and "__row_of__" not in own:
            types = vars(cls.__bases__[0])["type_annotation_map"]
            cls.registry = cls._sa_registry = registry(type_annotation_map=types)
            cls.metadata = cls.registry.metadata
        super().__init_subclass__(**keywords)
        if "__mapper__" in own:
            type.__setattr__(cls, "__init__", _Tables.__init__)  # replaces SQLAlchemy's wrapper
            type.__setattr__(cls, "_sa_instance_state", _State())


class FoldedBase(_Tables):
    """Base of tables that only the fold writes, that are rebuilt from the log, and that are part of the digest.

    A service derives its own from it: `class Base(FoldedBase): __abstract__ = True`.
    """

    __abstract__ = True
    type_annotation_map = _FOLDED


class KeptBase(_Tables):
    """Base of tables that are never rebuilt and always backed up."""

    __abstract__ = True
    type_annotation_map = {**_FOLDED, bytes: sa.LargeBinary}  # noqa: RUF012  # SQLAlchemy reads a plain class attribute
