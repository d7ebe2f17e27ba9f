"""The messages of a recording as a sequence that is read anew by each pass: a recording may be larger than the memory."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import overload

from microgov.services.chassis.log import Stored
from microgov.services.chassis.recording.damage import BadRecording, unchecked_message
from microgov.services.chassis.recording.lines import lines_of

Identity = tuple[int, int, int]


class Messages(Sequence[Stored]):
    """The messages that each call of `make` yields. Reading one of them by its index takes a pass."""

    def __init__(self, make: Callable[[], Iterator[Stored]]) -> None:
        self._make = make

    def __iter__(self) -> Iterator[Stored]:
        return self._make()

    @cached_property
    def _count(self) -> int:
        return sum(1 for _ in self)

    def __len__(self) -> int:
        return self._count

    def __bool__(self) -> bool:
        return next(iter(self), None) is not None

    @overload
    def __getitem__(self, at: int) -> Stored: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Stored, ...]: ...
    def __getitem__(self, at: int | slice) -> Stored | tuple[Stored, ...]:
        """One message, or a part as a tuple."""
        if isinstance(at, slice):
            first, end, step = at.indices(len(self))
            return tuple(islice(self, first, end, step)) if step > 0 else tuple(self)[at]
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        return next(islice(self, at % len(self), None))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(self) != len(other):
            return False
        return all(one == another for one, another in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # like a list


class FileMessages(Messages):
    """The messages of a file that was checked. `last` is the last one, if there is any."""

    def __init__(self, path: Path, count: int, last: Stored | None) -> None:
        super().__init__(self._read)
        self._path, self._count, self.last = path, count, last
        self._identity = _identity(path)

    def __bool__(self) -> bool:
        return self._count > 0

    def _read(self) -> Iterator[Stored]:
        """Raises BadRecording if the file is not the one that was checked."""
        if _identity(self._path) != self._identity:
            raise BadRecording(f"{self._path}: the file was changed while it was read. Try again.")
        yield from map(unchecked_message, islice(lines_of(self._path), 1, self._count + 1))

    @overload
    def __getitem__(self, at: int) -> Stored: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Stored, ...]: ...
    def __getitem__(self, at: int | slice) -> Stored | tuple[Stored, ...]:
        """The last message is known without a pass."""
        return self.last if at == -1 and self.last is not None else super().__getitem__(at)


def _identity(path: Path) -> Identity:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
