"""The fold's session, for tests that talk to a service for long: one for many messages, as if they were of one batch."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.engine import Engine

from microgov.services.chassis.store.session import FoldSession


class DriverSession(FoldSession):
    """`flush` after each message, and what another session writes is seen from then on."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine.connect())
        self.engine = engine

    def get_bind(self, *_: Any, **__: Any) -> Engine:
        """The engine, for others to connect to."""
        return self.engine

    def add_all(self, instances: Iterable[object]) -> None:
        """One after the other."""
        for instance in instances:
            self.add(instance)

    def flush(self, objects: Any = None) -> None:
        """Writes; what was missing is asked for again."""
        if not self.conn.in_transaction():  # rows are written past SQLAlchemy, which would begin none
            self.conn.begin()
        self.write()
        for row_set in self.row_sets.values():
            row_set.rows = {key: row for key, row in row_set.rows.items() if row is not None}
            row_set.families.clear()
            row_set.widths.clear()

    def commit(self) -> None:
        """Others see it."""
        self.flush()
        self.conn.commit()

    def close(self) -> None:
        """Gives the connection back."""
        super().close()
        self.conn.close()

    def pending(self) -> list[str]:
        """The tables in which something waits to be written."""
        row_sets = self.row_sets.values()
        return [one.plan.bulk.title for one in row_sets if one.added or one.deleted or one.changed()]
