"""What of an event's data a publisher is told: everything but what people wrote (`FreeText`), however deep it stands."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from microgov.contracts.fields import FreeTextMark

Plan = Mapping[str, "Plan | None"]
"""Field → None where it is left out, else the plan of what stands inside of it."""


@cache
def free_text_mask(model: type[BaseModel]) -> Plan:
    """What is left out of this model's data."""
    found: dict[str, Plan | None] = {}
    for name, field in model.model_fields.items():
        if any(isinstance(mark, FreeTextMark) for mark in (*field.metadata, *_marks(field.annotation))):
            found[name] = None
        elif inner := {
            key: value for one in _models(field.annotation) for key, value in free_text_mask(one).items()
        }:
            found[name] = inner
    return found


def without_free_text(data: Any, by: Plan) -> Any:
    """The data without what the plan leaves out."""
    if isinstance(data, list):
        return [without_free_text(one, by) for one in data]
    if not isinstance(data, dict):
        return data
    return {
        name: without_free_text(value, inner) if (inner := by.get(name)) is not None else value
        for name, value in data.items()
        if name not in by or by[name] is not None
    }


def _marks(annotation: Any) -> Iterator[Any]:
    """What is noted on the types inside of an annotation, outside of models."""
    if get_origin(annotation) is Annotated:
        yield from annotation.__metadata__
    for part in get_args(annotation):
        yield from _marks(part)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models inside of an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
