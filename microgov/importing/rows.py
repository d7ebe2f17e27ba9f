"""Turns a row of a sheet into messages, in order; each is sent only if its content does not exist yet.

The id of an entity is in its row or derived from its name, so that a file can be imported again.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from microgov.contracts import matching
from microgov.contracts.message import Message, Question, canonical
from microgov.contracts.validation.incoming import check
from microgov.contracts.validation.invalid_message import InvalidMessage
from microgov.importing import columns
from microgov.importing.columns import Row

Answer = Mapping[str, Any]


@dataclass(frozen=True)
class RowPart:
    """A message of a row.

    From the service's answer, `exists` decides whether the message's content exists already, and `differs` names the columns
    that have other values there.
    """

    type: str
    data: dict[str, Any]
    exists: Callable[[Answer], bool]
    differs: Callable[[Answer], list[str]]
    columns: Mapping[str, str] = field(default_factory=dict)
    """The column of a message field, for fields that do not come from the column of the same name."""


@dataclass(frozen=True)
class Entry:
    """The messages for one row, or for several rows of one offer; `question` asks whether the entity exists."""

    line: int
    id: str
    question: Question
    parts: Sequence[RowPart]
    by: str
    role: str

    def body(self, part: RowPart, id: str) -> bytes:
        """The bytes of the message. Raises InvalidMessage for what the door would reject."""
        raw = canonical(
            {
                "specversion": "1.0",
                "id": id,
                "source": "/import",
                "type": part.type,
                "subject": self.id,
                "authid": self.by,
                "role": self.role,
                "data": part.data,
            }
        )
        check(raw)
        return raw


def column(part: RowPart, name: str) -> str:
    """The column from which a field of a message came."""
    path = name.removeprefix("data.").split(".")
    inner = next((step for step in reversed(path) if step in part.columns), path[0])
    return part.columns.get(inner, inner)


def derived_id(prefix: str, *what: str) -> str:
    """An id derived from the parts of a name."""
    return f"{prefix}-{hashlib.sha256('/'.join(what).encode()).hexdigest()[:16]}"


def _without_none(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _type(message: type[Message]) -> str:
    return message.TYPE


def _differing_fields(
    wanted: Mapping[str, Any], among: Iterable[str] | None = None
) -> Callable[[Answer], list[str]]:
    """A function that names the fields with other values in the answer; the order of lists does not matter."""

    def differs(answer: Answer) -> list[str]:
        return [
            name
            for name in (among or wanted)
            if name in wanted and _plain(answer.get(name)) != _plain(wanted[name])
        ]

    return differs


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) and all(isinstance(one, str) for one in value) else value


def organisation(line: int, rows: Sequence[Row], by: str) -> Entry:
    """The entry of one organisation, from one row."""
    row = rows[0]
    id = columns.cell(row, "id") or derived_id("org", columns.cell(row, "name") or "")
    enterprises = columns.cell_items(row, "enterprises")
    data = _without_none(
        **{name: columns.cell(row, name) for name in ("name", "status", "kind", "stage")},
        **{name: columns.cell_items(row, name) for name in ("domains", "places", "representatives")},
        enterprises=enterprises or None,
    )
    asked = _checked(matching.ShowOrganisation, "id", organisation=id)
    return Entry(
        line,
        id,
        asked,
        [RowPart(_type(matching.FileOrganisation), data, bool, _differing_fields(data))],
        by,
        "office",
    )


def provider(line: int, rows: Sequence[Row], by: str) -> Entry:
    """The entry of one provider, from one row: registration, qualifications, availability."""
    row = rows[0]
    person = columns.cell(row, "person") or ""
    data = {name: columns.cell_items(row, name) for name in ("organisations", "roles", "languages")}
    data |= _without_none(conflicts=columns.cell_items(row, "conflicts") or None)
    parts = [RowPart(_type(matching.RegisterProvider), data, bool, _differing_fields(data))]
    parts += [_verified(what, until) for what, until in columns.qualifications(row, "qualifications")]
    week, days = columns.week(row, "availability"), columns.cell_items(row, "days_off")
    if week:
        time = {"weekly": week, "days_off": days}
        where = {"weekly": "availability"}
        parts.append(
            RowPart(
                _type(matching.SetAvailability),
                time,
                lambda a: a.get("availability") not in (None, "unknown"),
                lambda a: [where.get(name, name) for name in _differing_fields(time)(a)],
                where,
            )
        )
    return Entry(line, person, _checked(matching.ShowProvider, "person", person=person), parts, by, "office")


def _verified(what: dict[str, str], until: str | None) -> RowPart:
    def found(answer: Answer) -> list[Any]:
        return [one for one in answer.get("qualifications", ()) if one["qualification"] == what]

    def differs(answer: Answer) -> list[str]:
        return ["qualifications"] if any(one.get("valid_until") != until for one in found(answer)) else []

    data = _without_none(qualification=what, valid_until=until)
    where = {"qualification": "qualifications", "valid_until": "qualifications"}
    return RowPart(
        _type(matching.VerifyQualification), data, lambda answer: bool(found(answer)), differs, where
    )


def offer(line: int, rows: Sequence[Row], by: str) -> Entry:
    """The entry of one offer, from consecutive rows, one for each slot."""
    row = rows[0]
    id = offer_id(row)
    slots = [_slot(one) for one in rows if columns.cell(one, "slot")]
    requires = [what for what, _ in columns.qualifications(row, "requires")]
    names = ("organisation", "title", "module", "place")
    data = _without_none(
        **{name: columns.cell(row, name) for name in names}, slots=slots, requires=requires or None
    )
    where = {"slot": "slot", "starts": "starts", "ends": "ends", "place": "place", "capacity": "capacity"}

    def differs(answer: Answer) -> list[str]:
        plain = _differing_fields(data, names)(answer)
        plain += [] if _pairs(answer["requires"]) == _pairs(requires) else ["requires"]
        exists = {one["slot"]: one for one in answer["slots"]}
        return plain + sorted(
            {name for slot in slots for name in _slot_differs(slot, exists.get(slot["slot"]))}
        )

    part = RowPart(_type(matching.SubmitOffer), data, bool, differs, where)
    return Entry(
        line,
        id,
        _checked(matching.ShowOffer, "id", offer=id),
        [part],
        columns.cell(row, "representative") or by,
        "organisation",
    )


def offer_id(row: Row) -> str:
    """The id in the row, or one derived from organisation and title."""
    given = columns.cell(row, "id")
    return given or derived_id(
        "offer", columns.cell(row, "organisation") or "", columns.cell(row, "title") or ""
    )


def _slot(row: Row) -> dict[str, Any]:
    texts = {name: columns.cell(row, name) for name in ("slot", "starts", "ends")}
    place = columns.cell(row, "slot_place") or columns.cell(row, "place")
    return _without_none(**texts, place=place, capacity=columns.number(row, "capacity"))


def _slot_differs(slot: dict[str, Any], exists: dict[str, Any] | None) -> list[str]:
    if exists is None:
        return ["slot"]
    times = [name for name in ("starts", "ends") if not columns.same_time(slot[name], exists[name])]
    others = [("place", "slot_place"), ("capacity", "capacity")]
    return times + [head for name, head in others if slot[name] != exists[name]]


def _pairs(qualifications: Iterable[Mapping[str, str]]) -> list[tuple[str, str]]:
    return sorted((one["kind"], one["name"]) for one in qualifications)


def _checked(question: Callable[..., Question], head: str, **names: str) -> Question:
    """The question with the id; raises InvalidMessage for an id that is not allowed."""
    try:
        return question(**names)
    except ValueError as error:
        (id,) = names.values()
        raise InvalidMessage(
            "bad_format",
            head,
            f"编号“{id}”只能用小写字母、数字和连字符，最多 64 个。",
            f"The id “{id}” may have small letters, digits and hyphens, 64 at most.",
        ) from error


ENTRY_BUILDERS: dict[str, Callable[[int, Sequence[Row], str], Entry]] = {
    "organisations": organisation,
    "providers": provider,
    "offers": offer,
}
