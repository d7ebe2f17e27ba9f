"""A set of ids that takes some 20 bytes for each; a set of texts takes ten times as much."""

from array import array

SPARE = 3 / 4
"""How full the table may become."""


class IdSet:
    """The 64-bit hashes of the ids that were added, in an open hash table.

    Of a million ids, two have the same hash once in forty million times.
    """

    def __init__(self) -> None:
        self._table = array("Q", [0]) * 1024
        self._count = 0

    def add(self, id: str) -> bool:
        """Adds the id; returns whether it is new."""
        one = _hash(id)
        at = self._place(one)
        if self._table[at]:
            return False
        self._table[at] = one
        self._count += 1
        if self._count > SPARE * len(self._table):
            self._grow()
        return True

    def __contains__(self, id: str) -> bool:
        return bool(self._table[self._place(_hash(id))])

    def _place(self, one: int) -> int:
        """Where the hash stands, or the free place where it would."""
        table, mask = self._table, len(self._table) - 1
        at = one & mask
        while table[at] not in (0, one):
            at = (at + 1) & mask
        return at

    def _grow(self) -> None:
        old, self._table = self._table, array("Q", [0]) * (2 * len(self._table))
        for one in filter(None, old):
            self._table[self._place(one)] = one


def _hash(id: str) -> int:
    """A number above 0: a free place holds 0."""
    return hash(id) & 0xFFFF_FFFF_FFFF_FFFF or 1
