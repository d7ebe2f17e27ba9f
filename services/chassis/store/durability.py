"""Checks that a commit survives a power cut. The database itself is asked for its settings, because those in force may
differ from the configured ones.
"""

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from microgov.services.chassis.errors import LogDiffers
from microgov.services.chassis.store.engine import is_postgresql

DURABLE_COMMITS = ("on", "remote_apply", "remote_write", "local")
POSTGRESQL = {"fsync": ("on",), "full_page_writes": ("on",), "synchronous_commit": DURABLE_COMMITS}
SQLITE = {"synchronous": ("2", "3"), "journal_mode": ("wal", "delete", "truncate", "persist")}
"""The values of PRAGMA synchronous: 2 is FULL, 3 is EXTRA."""


def must_be_durable(engine: Engine) -> None:
    """Raises LogDiffers, and says which setting to change, if the database could lose what it has committed."""
    with engine.connect() as c:
        asked = POSTGRESQL if is_postgresql(c) else SQLITE
        wrong = [
            f"{name} is {found}" for name, good in asked.items() if (found := _setting(c, name)) not in good
        ]
    if wrong:
        wanted = "; ".join(f"{name}: {' or '.join(good)}" for name, good in asked.items())
        raise LogDiffers(
            f"This database would lose commits when the power goes ({', '.join(wrong)}): set {wanted}."
        )


def _setting(c: Connection, name: str) -> str:
    ask = sa.text(f"SHOW {name}" if is_postgresql(c) else f"PRAGMA {name}")
    return str(c.execute(ask).scalar()).lower()
