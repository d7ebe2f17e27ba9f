"""The fold's session for tests: one session for all messages of a test, as if they were one batch."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.engine import Engine

from microgov.services.chassis.store.fold_session.session import FoldSession


class DriverSession(FoldSession):
    """A session whose rows `flush` writes after each message; afterwards it reads what other sessions have written."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine.connect())
        self.engine = engine

    def get_bind(self, *_: Any, **__: Any) -> Engine:
        """The engine, so that SQLAlchemy can use this object like one of its own sessions."""
        return self.engine

    def add_all(self, instances: Iterable[object]) -> None:
        """Adds each of the instances."""
        for instance in instances:
            self.add(instance)

    def flush(self, objects: Any = None) -> None:
        """Writes the rows, and forgets which rows were not found, so that they are queried again."""
        if not self.conn.in_transaction():  # `write` uses the driver itself, so SQLAlchemy begins none
            self.conn.begin()
        self.write()
        for row_set in self.row_sets.values():
            row_set.rows = {key: row for key, row in row_set.rows.items() if row is not None}
            row_set.families.clear()
            row_set.widths.clear()

    def commit(self) -> None:
        """Commits, so that other connections see the rows."""
        self.flush()
        self.conn.commit()

    def close(self) -> None:
        """Returns the connection to the pool."""
        super().close()
        self.conn.close()

    def pending(self) -> list[str]:
        """The tables with rows that have not been written yet."""
        row_sets = self.row_sets.values()
        return [one.plan.bulk.title for one in row_sets if one.added or one.deleted or one.changed()]
