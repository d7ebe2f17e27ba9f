"""The rows of a service after a message of a recording."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.replay.feeding import feed, prepare, scratch_engine
from microgov.services.chassis.replay.state import stored_columns
from microgov.services.chassis.service import Service

Row = dict[str, Any]


def rows_after(
    service: Service,
    recording: Recording,
    upto: int | None = None,
    progress: Callable[[int], None] = lambda count: None,
) -> dict[str, list[Row]]:
    """By table, all rows after the message at this sequence (None: after the last one), ordered by their keys.

    Values are those that the database holds: a time in microseconds since 1970 (UTC), a list as JSON text. `progress` is
    called with how many messages were folded.
    """
    made = scratch_engine()
    prepare(made, service)
    for _ in feed(service, recording, made, progress, upto=upto):
        pass
    found: dict[str, list[Row]] = {}
    with made.connect() as c:
        for name, table in sorted(service.base.metadata.tables.items()):
            keys = list(table.primary_key.columns)
            rows = c.execute(sa.select(*stored_columns(table)).order_by(*keys)).mappings()
            if some := [dict(row) for row in rows]:
                found[name] = some
    made.dispose()
    return found


def keys_of(service: Service, table: str) -> list[str]:
    """The names of the columns of a table's primary key."""
    return [str(column.name) for column in service.base.metadata.tables[table].primary_key.columns]
