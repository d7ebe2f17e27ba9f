"""Finds messages of a recording by their id, in bounded memory."""

import sqlite3
import weakref
from collections.abc import Iterator, Mapping, Sequence

from microgov.services.chassis import memory
from microgov.services.chassis.log import Stored, id_of

FEW = 10_000
"""Up to how many messages are indexed in memory."""
BUILDING_KB, LOOKING_UP_KB = 4_000, 1_000
"""How much of the database is kept in memory: while it is made, and later, when few messages are looked up."""


def index_of(messages: Sequence[Stored]) -> Mapping[str, Stored]:
    """Each message by its id; of several with one id the first."""
    if len(messages) <= FEW:
        return {id_of(m): m for m in reversed(messages[:])}
    return _DiskIndex(messages)


class _DiskIndex(Mapping[str, Stored]):
    """The messages in a temporary database, most of which is a file that ends with the process. Making it takes a pass."""

    def __init__(self, messages: Sequence[Stored]) -> None:
        self._c = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._c.close)
        for pragma in (f"cache_size=-{BUILDING_KB}", "journal_mode=OFF", "synchronous=OFF"):
            self._c.execute(f"PRAGMA {pragma}")
        self._c.execute(
            "CREATE TABLE message (n INTEGER PRIMARY KEY, id TEXT, seq INTEGER, subject TEXT, data BLOB)"
        )
        rows = ((id_of(m), *m) for m in messages)
        self._c.executemany("INSERT INTO message (id, seq, subject, data) VALUES (?, ?, ?, ?)", rows)
        self._c.execute("CREATE INDEX by_id ON message (id)")
        for pragma in (f"cache_size=-{LOOKING_UP_KB}", "shrink_memory"):
            self._c.execute(f"PRAGMA {pragma}")
        memory.release()

    def __getitem__(self, id: str) -> Stored:
        found = self._c.execute(
            "SELECT seq, subject, data FROM message WHERE id = ? ORDER BY n LIMIT 1", (id,)
        ).fetchone()
        if found is None:
            raise KeyError(id)
        return Stored(*found)

    def __iter__(self) -> Iterator[str]:
        return (id for (id,) in self._c.execute("SELECT DISTINCT id FROM message"))

    def __len__(self) -> int:
        return int(self._c.execute("SELECT count(DISTINCT id) FROM message").fetchone()[0])
