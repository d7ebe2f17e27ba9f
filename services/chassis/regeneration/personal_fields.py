"""Which strings of a message are references or texts: the types of its fields say so.

A field's pattern (`contracts/fields.py`) says what it may hold. Names of types, numbers, times and dates stay as they are,
and so do the codes that the system itself knows.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from microgov.contracts.directory import Pin
from microgov.contracts.fields import ENTITY, LINE, TOKEN, UUID, WORD, FreeTextMark, SystemWords
from microgov.contracts.rules import SECTIONS
from microgov.contracts.terms import CLOCKS, DEADLINES, FORMS, KINDS, ROLES, STAGES, STATES, TERMS

Kind = Literal["reference", "name", "text", "word", "base64", "hex", "stays"]
"""`reference`: names a person, an entity, a place, a program or a message. `name`: a title or a name that people wrote, by
which a service may order its rows. `text`: any other text. `word`: a code, of the system or of a sub-district. `base64`,
`hex`: bytes that stand for something outside, such as a sealed choice or a photograph. `stays`: none of these.
"""
Change = Callable[[Kind, str], str]
NOWHERE = {"latitude": 0, "longitude": 0}
"""The position of every place in a redacted recording."""
_KINDS: Mapping[str, Kind] = {
    ENTITY: "reference",
    TOKEN: "reference",
    UUID: "reference",
    LINE: "name",
    WORD: "word",
    r"^[A-Za-z0-9_-]{43}$": "base64",
    r"^[A-Za-z0-9_-]{1,1024}={0,2}$": "base64",
    r"^[0-9a-f]{64}$": "hex",
    **dict.fromkeys(
        (
            r"^[a-z][a-z0-9-]{0,31}$",  # a service
            r"^[a-z][a-z0-9_]{0,63}\.[a-z][a-z0-9_]{0,63}\.v[1-9][0-9]{0,3}$",  # a type of message
            r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",  # a date
            r"^[0-9]{19}$",  # a number of a writer
            r"^[a-z]+/[a-z0-9.+-]+$",  # the type of a file
            r"^[2-9A-HJKMNP-Z]{6}$",  # a code that a service has made
        ),
        "stays",
    ),
}
"""What a string is, by the pattern of its field; `text` if it is none of these."""


@cache
def words_of_the_system() -> frozenset[str]:
    """The codes that the system knows: those that have a word in `contracts/terms.py`, and those of the default rules."""
    tables = (*TERMS.values(), ROLES, STAGES, FORMS, STATES, CLOCKS, DEADLINES, KINDS)
    rules = (to_jsonable_python(rules()) for rules in SECTIONS)
    return frozenset({*chain.from_iterable(tables), *(word for one in rules for word in _words_in(one))})


def _words_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _words_in(one)
    elif isinstance(value, str):
        yield value


class _Field(NamedTuple):
    """What the strings of a field are; those of `words` are part of the contract and stay."""

    kind: Kind = "text"
    words: frozenset[str] = frozenset()


def changed(model: BaseModel, change: Change) -> dict[str, Any]:
    """The model as JSON values, without the fields that are None, with all its references and texts changed."""
    return {
        key: _changed(value, field, change)
        for name, key, field in _fields(type(model))
        if (value := getattr(model, name)) is not None
    }


def _changed(value: Any, field: _Field, change: Change) -> Any:
    if isinstance(value, Pin):  # a position on the map names the place
        return {**to_jsonable_python(value), **NOWHERE}
    if isinstance(value, BaseModel):
        return changed(value, change)
    if isinstance(value, list | tuple):
        return [_changed(one, field, change) for one in value]
    if type(value) is str and not _stays(value, field):
        return change(field.kind, value)
    return to_jsonable_python(value)


def _stays(value: str, field: _Field) -> bool:
    known = field.kind == "word" and value in words_of_the_system()
    return known or field.kind == "stays" or value in field.words


@cache
def _fields(cls: type[BaseModel]) -> Sequence[tuple[str, str, _Field]]:
    return [
        (name, one.serialization_alias or one.alias or name, _field(one.annotation, one.metadata))
        for name, one in cls.model_fields.items()
    ]


def _field(annotation: Any, metadata: Sequence[Any]) -> _Field:
    words: set[str] = set()
    kinds: list[Kind] = []
    for kind, literals in _strings(annotation, metadata):
        words |= literals
        kinds += [kind] if kind is not None else []
    return _Field(kinds[0] if kinds else "stays" if words else "text", frozenset(words))


def _strings(annotation: Any, metadata: Sequence[Any]) -> Iterator[tuple[Kind | None, set[str]]]:
    """What the strings in a value of this annotation are: a kind, or words that the contract names."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _strings(arguments[0], [*arguments[1:], *metadata])
    elif origin in (Union, UnionType):
        for one in arguments:
            yield from _strings(one, metadata)
    elif origin in (list, tuple):
        for one in arguments:
            yield from _strings(one, ())
    elif origin is Literal:
        yield None, {one for one in arguments if isinstance(one, str)}
    elif annotation is str:
        every = [inner for one in metadata for inner in (one, *getattr(one, "metadata", ()))]
        free = any(isinstance(one, FreeTextMark) for one in every)
        pattern = next((found for one in every if (found := getattr(one, "pattern", None))), "")
        words = {word for one in every if isinstance(one, SystemWords) for word in one.words}
        yield "text" if free else _KINDS.get(pattern, "text"), words
