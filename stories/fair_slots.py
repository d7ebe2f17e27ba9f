"""The slots of the haircut fair 理发便民日, and which order is served in which."""

from datetime import datetime, timedelta

from microgov.contracts import matching
from microgov.stories.story import Story

SLOTS, PLACES, ORDERS = 12, 3, 40
"""How many slots the offer has, how many places each slot, and how many orders come."""
CANCELLED_SLOT, ADDED_SLOT = "s12", "s13"
MOVED_UP = ((1, 37), (2, 38))
"""By number: who cancels, and who gets that place from the waiting list."""
LEFT_OVER = (39, 40)
"""By number: who is still on a waiting list when all slots are full."""


def begins_at(name: str, start: datetime) -> datetime:
    """When a slot such as `s07` begins: there are six a day, on the hour, and the added slot is the last."""
    n = int(name[1:]) - 1
    return start + timedelta(days=7 + n // 6, hours=n % 6)


def make_slot(s: Story, name: str, start: datetime, capacity: int = PLACES) -> matching.Slot:
    """A slot of half an hour, with `capacity` places."""
    begins = begins_at(name, start)
    ends = begins + timedelta(minutes=30)
    return matching.Slot(slot=name, starts=begins, ends=ends, place=s.id("yuan"), capacity=capacity)


def wanted_slot(n: int) -> str:
    """The slot that order number `n` asks for."""
    return f"s{(n - 1) % SLOTS + 1:02}"


def orders_by_slot(start: datetime) -> dict[str, list[int]]:
    """The numbers of the orders that are served, by slot, in the order of time."""
    found: dict[str, list[int]] = {}
    for n in range(len(MOVED_UP) + 1, SLOTS * PLACES + 1):
        found.setdefault(ADDED_SLOT if wanted_slot(n) == CANCELLED_SLOT else wanted_slot(n), []).append(n)
    for out, up in MOVED_UP:
        found[wanted_slot(out)].append(up)
    return dict(sorted(found.items(), key=lambda pair: begins_at(pair[0], start)))
