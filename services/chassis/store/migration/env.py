"""Alembic's environment script for every service; it runs on the connection that store/migrate.py passes in."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.types import TypeDecorator


def stored_type(kind: str, thing: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Writes the stored type into the migration, so that the migration does not depend on today's code."""
    if kind == "type" and isinstance(thing, TypeDecorator):
        return f"sa.{type(thing.impl_instance).__name__}()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    render_item=stored_type,
)
with context.begin_transaction():
    context.run_migrations()
