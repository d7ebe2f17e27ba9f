"""Search in the log returns pages of messages of some types, and reads a limited number of messages for a page."""

from collections.abc import Sequence

from microgov.contracts.fields import Part
from microgov.services.chassis.log import MemoryLog, Stored
from microgov.services.chassis.search import Search


def log_of(count: int) -> MemoryLog:
    """A log in which every third message has another type."""
    kinds = ["issues.other.v1" if n % 3 == 0 else "issues.told.v1" for n in range(1, count + 1)]
    return MemoryLog("t", [Stored(n, f"log.t.issues.{kind}", b"%d" % n) for n, kind in enumerate(kinds, 1)])


class FoundPage(Part):
    """The messages of a page, and the sequence at which the next page starts."""

    seqs: list[int]
    next: int | None


def found_page(found: Sequence[Stored], next: int | None) -> FoundPage:
    return FoundPage(seqs=[m.seq for m in found], next=next)


async def page(log: MemoryLog, first: int, most: int, reading: int = 1000) -> tuple[list[int], int | None]:
    found = await Search("here", ["issues.told.v1"], lambda m: m.seq % 2 == 0, first, most, found_page).run(
        log, reading
    )
    assert isinstance(found, FoundPage)
    return found.seqs, found.next


async def test_a_page_has_the_wanted_messages_and_the_sequence_at_which_the_next_page_starts() -> None:
    log = log_of(20)

    assert await page(log, 1, 100) == ([2, 4, 8, 10, 14, 16, 20], None)
    assert await page(log, 1, 3) == ([2, 4, 8], 9)
    assert await page(log, 9, 3) == ([10, 14, 16], 17)
    assert await page(log, 21, 3) == ([], None)


async def test_a_page_ends_after_a_given_number_of_messages_was_read() -> None:
    log = log_of(20)

    assert await page(log, 1, 100, reading=4) == ([2, 4], 6)
    assert await page(log, 6, 100, reading=4) == ([8, 10], 12)
