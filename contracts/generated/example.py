"""A valid example of every message, composed of the examples of its field types."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from microgov.contracts.fields import Role
from microgov.contracts.message import Message


def fields_of(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """The fields of a model: pairs of name and pydantic's FieldInfo."""
    yield from model.model_fields.items()


def example(model: type[BaseModel]) -> dict[str, Any]:
    """A valid example of the model, composed of the examples of its field types."""
    return {
        name: _example(field.annotation, field.examples)
        for name, field in fields_of(model)
        if _is_included(field)
    }


def whole_example(model: type[BaseModel], cls: type[Message]) -> dict[str, Any]:
    """A valid envelope of the model `model` around an example of the message `cls`."""
    known = {"specversion": "1.0", "type": cls.TYPE, "data": example(cls)}
    if cls.ROLES:
        known["role"] = sorted(cls.ROLES)[0].value
    names = [name for name, field in fields_of(model) if field.is_required()]
    return {**{name: value for name, value in example(model).items() if name in names}, **known}


def _is_included(field: FieldInfo) -> bool:
    return field.is_required() or field.examples is not None or field.default is not None


def _example(annotation: Any, examples: list[Any] | None) -> Any:
    if examples:
        return examples[0]
    for metadata in getattr(annotation, "__metadata__", ()):
        if getattr(metadata, "examples", None):
            return metadata.examples[0]
    arguments = get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return example(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Role):
        return annotation.RESIDENT.value
    return _example_of_arguments(annotation, arguments)


def _example_of_arguments(annotation: Any, arguments: tuple[Any, ...]) -> Any:
    origin = getattr(annotation, "__origin__", None)
    if origin is Literal:
        return arguments[0]
    if origin in (tuple, list, frozenset):
        return [_example(arguments[0], None)]
    if origin in (dict, Mapping):
        return {_example(arguments[0], None): _example(arguments[1], None)}
    if arguments:
        return _example(arguments[0], None)
    return {bool: True, int: 1, str: "text"}[annotation]
