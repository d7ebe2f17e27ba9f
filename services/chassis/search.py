"""An answer that stands in the log, not in tables: what to look for, found page by page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from microgov.contracts.fields import Part
from microgov.services.chassis.log import Log, Stored

MOST_READ = 100_000
"""A page ends after so many messages of the types, found or not: about a second's reading."""
PAGE = 1000


@dataclass(frozen=True)
class Search:
    """Returned by an answer in place of a Part: the first `most` wanted messages of these types from a sequence on.

    `told` makes the Part of them and of the sequence to go on from (None: that was all); `place` is where it is about.
    """

    place: str
    types: Sequence[str]
    wanted: Callable[[Stored], bool]
    first: int
    most: int
    told: Callable[[Sequence[Stored], int | None], Part]

    async def run(self, log: Log, reading: int = MOST_READ) -> Part:
        """Reads the log to its end, or until there is a page. Raises Again where the connection is cut."""
        reader = await log.read(self.first - 1, self.types)
        found: list[Stored] = []
        try:
            while await reader.behind():
                for stored in await reader.batch(min(PAGE, reading), 1.0):
                    reading -= 1
                    found += [stored] if self.wanted(stored) else []
                    if len(found) == self.most or not reading:
                        return self.told(found, stored.seq + 1)
            return self.told(found, None)
        finally:
            await reader.close()
