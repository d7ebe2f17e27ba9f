"""A search in the log, for questions whose answer is not in tables; the result comes in pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from microgov.contracts.fields import Part
from microgov.services.chassis.log import Log, Stored

MOST_READ = 100_000
"""A page ends after this many messages of the types, found or not: about a second of reading."""
PAGE = 1000


@dataclass(frozen=True)
class Search:
    """What a question's function returns in place of a Part: finds the first `most` messages of these types, from the
    sequence `first` on, that `wanted` accepts.

    `to_part` makes the Part from them and from the sequence to continue at (None: that was all); `place` is the place that
    it is about.
    """

    place: str
    types: Sequence[str]
    wanted: Callable[[Stored], bool]
    first: int
    most: int
    to_part: Callable[[Sequence[Stored], int | None], Part]

    async def run(self, log: Log, reading: int = MOST_READ) -> Part:
        """Reads the log until its end, or until the page is full. Raises Again if the connection is cut."""
        reader = await log.read(self.first - 1, self.types)
        found: list[Stored] = []
        try:
            while await reader.behind():
                for stored in await reader.batch(min(PAGE, reading), 1.0):
                    reading -= 1
                    found += [stored] if self.wanted(stored) else []
                    if len(found) == self.most or not reading:
                        return self.to_part(found, stored.seq + 1)
            return self.to_part(found, None)
        finally:
            await reader.close()
