"""Databases in memory: what was made once is copied."""

from functools import cache
from typing import Any

from sqlalchemy import Engine, MetaData, create_engine
from sqlalchemy.pool import StaticPool

from microgov.services.chassis.service import Service
from microgov.services.chassis.store.quarantine_tables import folding_tables


def database(service: Service) -> Engine:
    """In memory, with the service's tables and those of its fold, which are made once and copied."""
    folding_tables(service.base.metadata)
    return copied(_tables(service.base.metadata, len(service.base.metadata.tables)))


def copied(content: bytes) -> Engine:
    """A database of its own in memory."""
    made = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    driver: Any = made.raw_connection().driver_connection
    driver.deserialize(content)
    return made


def content(of: Engine) -> bytes:
    """What a database in memory holds."""
    driver: Any = of.raw_connection().driver_connection
    found: bytes = driver.serialize()
    return found


@cache
def _tables(metadata: MetaData, _: int) -> bytes:
    """With a table that was added since, there are more to be made."""
    made = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(made)
    return content(made)
