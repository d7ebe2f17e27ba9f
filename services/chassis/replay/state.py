"""The state of a service as one number for each table: the sum of the hashes of its rows.

A sum does not depend on the order of the rows, and it can be kept up while rows change: a replay knows it after every
message, without reading the tables.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.services.chassis.service import Service
from microgov.services.chassis.store.fold_session.identity_map import RowPlan
from microgov.services.chassis.store.quarantine_tables import folding_tables

Values = tuple[Any, ...]
_MODULUS = 1 << 64


def row_hash(table: str, names: Sequence[str], values: Sequence[Any]) -> int:
    """The hash of a row: 64 bits of the sha256 of its table, the names of its columns and its stored values."""
    plain = [int(value) if isinstance(value, bool) else value for value in values]
    row = orjson.dumps([table, dict(zip(names, plain, strict=True))], option=orjson.OPT_SORT_KEYS)
    return int.from_bytes(hashlib.sha256(row).digest()[:8])


def shown(total: int) -> str:
    """A sum as 16 hexadecimal digits."""
    return f"{total % _MODULUS:016x}"


def table_sums(c: Connection, service: Service) -> dict[str, str]:
    """The sums of all folded tables that have rows, by reading them."""
    folding_tables(service.base.metadata)  # adds them if nothing was folded in this process
    sums = {name: _scanned(c, table) for name, table in sorted(service.base.metadata.tables.items())}
    return {name: shown(total) for name, total in sums.items() if total}


def _scanned(c: Connection, table: sa.Table) -> int:
    names = [str(column.name) for column in table.columns]
    rows = c.execute(sa.select(*stored_columns(table)), execution_options={"yield_per": 1000})
    return sum(row_hash(table.name, names, row) for row in rows) % _MODULUS


def stored_columns(table: sa.Table) -> list[sa.Label[Any]]:
    """The columns of a table, to select their values as the database holds them."""
    return [sa.type_coerce(column, _stored_type(column)).label(column.name) for column in table.columns]


def _stored_type(column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    kind = column.type
    return kind.impl_instance if isinstance(kind, sa.types.TypeDecorator) else kind


def state_digest(sums: Mapping[str, str]) -> str:
    """One digest of all tables."""
    return hashlib.sha256(orjson.dumps(dict(sums), option=orjson.OPT_SORT_KEYS)).hexdigest()


class StateTrace:
    """The sums of a service's tables while a replay folds its messages.

    The fold's session calls `changed` for the rows that it writes; `committed` ends a transaction and returns what has
    changed, `rolled_back` forgets it. `rows`: the rows that the last transaction wrote, by table.
    """

    def __init__(self, service: Service) -> None:
        self.scanned = folding_tables(service.base.metadata)
        self.sums: dict[str, int] = {}
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self._pending: dict[str, int] = {}

    def changed(self, plan: RowPlan, before: Sequence[Values], after: Sequence[Values]) -> None:
        """Notes that rows of one class were written: their values before and after."""
        bulk, table = plan.bulk, plan.bulk.table.name
        old, new = bulk.stored(before), bulk.stored(after)
        delta = sum(row_hash(table, bulk.names, one) for one in new)
        delta -= sum(row_hash(table, bulk.names, one) for one in old)
        self._pending[table] = self._pending.get(table, 0) + delta
        self.rows.setdefault(table, []).extend(dict(zip(bulk.names, one, strict=True)) for one in new)

    def begun(self) -> None:
        """Begins a transaction."""
        self._pending, self.rows = {}, {}

    def committed(self, c: Connection, scan: bool) -> dict[str, str]:
        """Ends a transaction, before its commit; returns the sums of the tables that have changed. With `scan` the tables of
        quarantined and held messages are read, which are written without the session.
        """
        new = {name: (self.sums.get(name, 0) + delta) % _MODULUS for name, delta in self._pending.items()}
        new |= {table.name: _scanned(c, table) for table in self.scanned} if scan else {}
        found = {name: shown(total) for name, total in new.items() if total != self.sums.get(name, 0)}
        self.sums |= new
        return found

    def shown(self) -> dict[str, str]:
        """The present sums of the tables that have rows."""
        return {name: shown(total) for name, total in sorted(self.sums.items()) if total}
