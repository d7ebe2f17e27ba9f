"""The reviewed list of changes that the gate lets through: `contracts/released/accepted.toml`.

There are two kinds. `said_only_now`: the schema shows what every reader did before, such as the default that a field
always had; the released schema says nothing about it. `door_narrower`: the door rejects what it once accepted, which the
log may still hold. Nothing else can be accepted.
"""

import json
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from microgov.contracts.bounds import SCHEMA_KEY
from microgov.contracts.compatibility.compare import Difference
from microgov.contracts.compatibility.keywords import ABSENT
from microgov.contracts.message import canonical

SAID_ONLY_NOW, DOOR_NARROWER = "said_only_now", "door_narrower"
KINDS = frozenset({SAID_ONLY_NOW, DOOR_NARROWER})


class Place(NamedTuple):
    """A field of a type."""

    type: str
    path: str


class Entry(NamedTuple):
    """An accepted change of a keyword to the value that it has today, at several places, with the reason."""

    kind: str
    keyword: str
    today: Any
    reason: str
    places: tuple[Place, ...]

    def covers(self, type_name: str, found: Difference) -> bool:
        """Whether this difference, of a schema of this type, is accepted."""
        if Place(type_name, found.path) not in self.places or found.keyword != self.keyword:
            return False
        if found.today is ABSENT or canonical(found.today) != canonical(self.today):
            return False
        if self.kind == SAID_ONLY_NOW:
            return found.released is ABSENT
        return self.kind == DOOR_NARROWER and found.keyword == SCHEMA_KEY


def accepted(file: Path) -> list[Entry]:
    """The entries of the file; none if there is no file.

    Raises ValueError, KeyError or tomllib.TOMLDecodeError if an entry is not complete.
    """
    if not file.exists():
        return []
    return [_entry(entry) for entry in tomllib.loads(file.read_text()).get("accepted", [])]


def _entry(given: dict[str, Any]) -> Entry:
    if given["kind"] not in KINDS or not given["reason"].strip():
        raise ValueError(f"accepted.toml: kind is one of {sorted(KINDS)}, reason is a sentence: {given}")
    places = tuple(Place(*place.split(" ")) for place in given["places"])
    return Entry(given["kind"], given["keyword"], json.loads(given["today"]), given["reason"], places)
