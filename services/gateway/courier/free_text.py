"""Removes fields with text that people wrote (`FreeText`), at any depth, from the data of an event before a publisher gets a
copy.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from microgov.contracts.fields import FreeTextMark

Plan = Mapping[str, "Plan | None"]
"""Field name → None if the field is removed, otherwise the plan for the model inside it."""


@cache
def free_text_mask(model: type[BaseModel]) -> Plan:
    """The plan for this model: which of its fields are removed."""
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
    """The data without what the plan removes."""
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
    """The metadata of `Annotated` types inside an annotation, outside of models."""
    if get_origin(annotation) is Annotated:
        yield from annotation.__metadata__
    for part in get_args(annotation):
        yield from _marks(part)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models inside an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
