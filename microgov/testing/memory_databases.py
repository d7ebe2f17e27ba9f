"""SQLite databases in memory; tables are created once for each service and then copied, which is faster."""

from functools import cache
from typing import Any

from sqlalchemy import Engine, MetaData, create_engine
from sqlalchemy.pool import StaticPool

from microgov.services.chassis.service import Service
from microgov.services.chassis.store.quarantine_tables import folding_tables


def database(service: Service) -> Engine:
    """A database with the tables of a service and of its fold."""
    folding_tables(service.base.metadata)
    return copied(_tables(service.base.metadata, len(service.base.metadata.tables)))


def copied(content: bytes) -> Engine:
    """A database with this content, as `content` returned it."""
    made = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    driver: Any = made.raw_connection().driver_connection
    driver.deserialize(content)
    return made


def content(of: Engine) -> bytes:
    """The bytes of a database in memory."""
    driver: Any = of.raw_connection().driver_connection
    found: bytes = driver.serialize()
    return found


@cache
def _tables(metadata: MetaData, _: int) -> bytes:
    """The bytes of a database with empty tables; cached by the number of tables, since a test may add one."""
    made = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(made)
    return content(made)
