"""The digest of a service's state."""

import hashlib
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.contracts.message import canonical
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.quarantine_tables import folding_tables


def digest(c: Connection, service: Service) -> str:
    """The sha256 over all folded tables that have rows: each table's name, columns and rows (as stored, ordered by primary
    key) as canonical JSON.
    """
    folding_tables(service.base.metadata)  # adds them if nothing was folded in this process
    total = hashlib.sha256()
    for name, table in sorted(service.base.metadata.tables.items()):
        columns = sorted(table.columns, key=lambda column: column.name)
        keys = list(table.primary_key.columns)
        plain = [sa.type_coerce(column, _stored_type(column)).label(column.name) for column in columns]
        heading = canonical([name, [column.name for column in columns]])
        for row in c.execute(sa.select(*plain).order_by(*keys)):
            total.update(heading)
            # The heading is part of the digest only if there are rows: an added, empty table changes no older digest.
            heading = b""
            total.update(orjson.dumps([int(v) if isinstance(v, bool) else v for v in row]))
    return total.hexdigest()


def _stored_type(column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    kind = column.type
    return kind.impl_instance if isinstance(kind, sa.types.TypeDecorator) else kind
