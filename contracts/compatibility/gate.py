"""The gate: compares today's schemas with every released one, and adds a version."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from microgov.contracts.compatibility import advice
from microgov.contracts.compatibility.accepted import Entry, Place, accepted
from microgov.contracts.compatibility.compare import LOG, Difference, differences
from microgov.contracts.compatibility.keywords import ABSENT
from microgov.contracts.compatibility.nodes import Schema, unknown_features
from microgov.contracts.compatibility.releases import ACCEPTED, ReleasedSchema, Releases
from microgov.contracts.fields import Words
from microgov.contracts.generated.schema import schema_of_both_sets
from microgov.contracts.registry import own_messages


class Today(NamedTuple):
    """A schema of today, and whether programs may send the message."""

    schema: Schema
    sent: bool


class Violation(NamedTuple):
    """A change that is refused; `since` is the first released version with the released value."""

    type: str
    path: str
    keyword: str
    of: str
    released: Any
    today: Any
    since: str
    what_to_do: Words

    def as_json(self) -> dict[str, Any]:
        """The violation for programs; a value that is not there is left out."""
        values = {name: value for name, value in self._asdict().items() if value is not ABSENT}
        return {**values, "what_to_do": self.what_to_do.model_dump()}


class Result(NamedTuple):
    """What the gate found: faults of the folder and of the list, and changes that are refused."""

    problems: list[Words]
    violations: list[Violation]

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not (self.problems or self.violations)


def schemas_of_today() -> dict[str, Today]:
    """The schemas of all message classes, in the form in which they are released, by type."""
    return {cls.TYPE: Today(schema_of_both_sets(cls), bool(cls.ROLES)) for cls in own_messages()}


def check(releases: Releases, today: dict[str, Today]) -> Result:
    """Compares today's schemas with all that are released; with none of them if the folder itself is not as it should be."""
    if problems := releases.problems():
        return Result(problems, [])
    entries, used = accepted(releases.folder / ACCEPTED), set[tuple[int, Place]]()
    found: dict[str, Violation] = {}
    for name, versions in releases.schemas().items():
        for one in versions:
            for violation in _of_schema(name, one, today.get(name), entries, used):
                # several released versions may hold the same value: the first is named
                found.setdefault(repr(violation._replace(since="")), violation)
    for name, schema in today.items():
        for violation in _unknown(name, schema.schema, ""):
            found.setdefault(repr(violation), violation)
    return Result(list(_unused(entries, used)), sorted(found.values(), key=lambda one: one[:3]))


def _of_schema(
    name: str,
    released: ReleasedSchema,
    today: Today | None,
    entries: list[Entry],
    used: set[tuple[int, Place]],
) -> Iterator[Violation]:
    if today is None:
        gone = Difference("", "$id", "removed", released.schema["$id"], ABSENT)
        yield _violation(name, gone, released.version)
        return
    unknown = list(_unknown(name, released.schema, released.version))
    yield from unknown
    if unknown or unknown_features(today.schema):
        return
    for found in differences(released.schema, today.schema, today.sent):
        if found.advice is None:
            continue
        covering = [n for n, entry in enumerate(entries) if entry.covers(name, found)]
        used.update((n, Place(name, found.path)) for n in covering)
        if not covering:
            yield _violation(name, found, released.version)


def _violation(name: str, found: Difference, since: str) -> Violation:
    assert found.advice is not None
    return Violation(
        name, found.path, found.keyword, found.of, found.released, found.today, since, found.advice
    )


def _unknown(name: str, schema: Schema, version: str) -> Iterator[Violation]:
    for found in unknown_features(schema):
        released, today = (found.value, ABSENT) if version else (ABSENT, found.value)
        yield Violation(name, found.path, found.keyword, LOG, released, today, version, advice.UNKNOWN)


def _unused(entries: list[Entry], used: set[tuple[int, Place]]) -> Iterator[Words]:
    for n, entry in enumerate(entries):
        for place in entry.places:
            if (n, place) not in used:
                yield Words(
                    zh=f"{ACCEPTED} 中 {place.type} {place.path} 的 {entry.keyword} 没有对应的改动。请删除该行。",
                    en=f"{ACCEPTED}: nothing changes {entry.keyword} of {place.type} {place.path} to this value. "
                    "Remove the line.",
                )
