"""A search in the log, for questions whose answer is not in tables. Its result is one page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from microgov.contracts.fields import Part
from microgov.services.chassis.log import Log, Stored

MOST_READ = 100_000
"""A page ends after this many messages of the types have been read, wanted or not: about a second of reading."""
PAGE = 1000


@dataclass(frozen=True)
class Search:
    """A search that a question's function may return in place of a Part. It finds the first `most` messages of these types,
    from the sequence `first` on, for which `wanted` is true.

    `to_part` makes the answer from these messages and from the sequence at which the next page starts (None: this was the
    last page). `place` is the place that the answer is about.
    """

    place: str
    types: Sequence[str]
    wanted: Callable[[Stored], bool]
    first: int
    most: int
    to_part: Callable[[Sequence[Stored], int | None], Part]

    async def run(self, log: Log, reading: int = MOST_READ) -> Part:
        """Reads at most `reading` messages of the log, until its end or until the page is full. Raises Again if the
        connection is lost.
        """
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
