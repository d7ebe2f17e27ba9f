"""The JSON schema of the data of each message."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core.core_schema import WithDefaultSchema

from microgov.contracts.bounds import SCHEMA_KEY
from microgov.contracts.message import Message


class SchemaWithDefaults(GenerateJsonSchema):
    """pydantic's generator, which also writes the default that a function makes (`default_factory`)."""

    def get_default_value(self, schema: WithDefaultSchema) -> Any:
        factory = schema.get("default_factory")
        if factory is None or schema.get("default_factory_takes_data"):
            return super().get_default_value(schema)
        return factory()  # type: ignore[call-arg]  # the other kind, which takes data, was sorted out above


def schema(cls: type[Message]) -> dict[str, Any]:
    """The JSON schema of the data of a message; asyncapi.json describes the envelope around it."""
    return with_bounds(_whole(cls), bool(cls.ROLES))  # type: ignore[no-any-return]  # a dict from a dict


def schema_of_both_sets(cls: type[Message]) -> dict[str, Any]:
    """The schema of what the log may hold, in which `SCHEMA_KEY` marks what the door checks beyond that.

    A message of this form is released (`contracts/compatibility`). The mark is left out where no program may send the
    message.
    """
    return _whole(cls) if cls.ROLES else with_bounds(_whole(cls), False)


def with_bounds(node: Any, sent: bool) -> Any:
    """The schema with the bounds which the door checks (`SCHEMA_KEY`) written out if `sent`, and removed otherwise.

    Only a sender needs them: the log may hold older messages which do not meet them, so a reader must not rely on them.
    """
    if isinstance(node, list):
        return [with_bounds(item, sent) for item in node]
    if not isinstance(node, dict):
        return node
    bounds = node.get(SCHEMA_KEY, {}) if sent else {}
    return {**{key: with_bounds(inner, sent) for key, inner in node.items() if key != SCHEMA_KEY}, **bounds}


def _whole(cls: type[Message]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:microgov:{cls.TYPE}",
        **cls.model_json_schema(schema_generator=SchemaWithDefaults),
    }
