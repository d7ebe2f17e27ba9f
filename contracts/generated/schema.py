"""The JSON schema of the data of each message."""

from typing import Any

from microgov.contracts.bounds import SCHEMA_KEY
from microgov.contracts.message import Message


def schema(cls: type[Message]) -> dict[str, Any]:
    """The JSON schema of the data of a message; asyncapi.json describes the envelope around it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:microgov:{cls.TYPE}",
        **with_bounds(cls.model_json_schema(), bool(cls.ROLES)),
    }


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
