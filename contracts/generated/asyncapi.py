"""The AsyncAPI document: the channels of the broker, the messages on each, and their schemas."""

import json
import re
from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from microgov.contracts.generated.example import example, whole_example
from microgov.contracts.generated.schema import SchemaWithDefaults, with_bounds
from microgov.contracts.message import Envelope, Incoming, Message, envelope_of, incoming_of
from microgov.contracts.receipt import Receipt

REFERENCE = "#/components/schemas/{model}"


class Channel(NamedTuple):
    """A channel of the broker: its address, what this system does there (`receive` or `send`), and its description."""

    address: str
    action: str
    description: str


CHANNELS = {
    "in": Channel(
        "in.{publisher}.{tenant}.{owner}.{name}.{version}", "receive", "What a publisher sends to the door."
    ),
    "receipt": Channel(
        "receipt.{publisher}.{tenant}",
        "send",
        "What became of each message that a publisher sent: accepted, rejected or refused.",
    ),
    "out": Channel(
        "out.{publisher}.{tenant}.{owner}.{name}.{version}",
        "send",
        "Copies of the events that a publisher follows, about its own matters.",
    ),
    "log": Channel(
        "log.{tenant}.{writer}.{owner}.{name}.{version}",
        "send",
        "All commands and events of a tenant in one order.",
    ),
}
PARAMETERS = {
    "publisher": "the name of the program outside",
    "tenant": "the name of the sub-district",
    "writer": "the writer under whose numbering the message is in the log",
    "owner": "the service that owns the message",
    "name": "the name of the message",
    "version": "the version of the message, `v` and a number",
}


def asyncapi(messages: tuple[type[Message], ...]) -> dict[str, Any]:
    """The AsyncAPI 3.0 document, from the point of view of this system: it receives `in` and sends the other channels."""
    logged = [cls for cls in messages if cls.KIND != "question"]
    sendable = [cls for cls in logged if cls.ROLES]
    references, definitions = _schemas(logged, sendable)
    components: dict[str, dict[str, Any]] = {
        "in": {f"in.{cls.TYPE}": _message(cls, Incoming) for cls in sendable},
        "log": {cls.TYPE: _message(cls, Envelope) for cls in logged},
        "receipt": {"receipt": _receipt(references)},
    }
    names = {name: list(found) for name, found in components.items()}
    names["out"] = [cls.TYPE for cls in logged if cls.KIND == "event"]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "microgov",
            "version": "1.0.0",
            "license": {"name": "Apache-2.0"},
            "description": "Micro-governance of a sub-district: commands in, receipts and events out, one log.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {name: _channel(name, names[name]) for name in CHANNELS},
        "operations": {
            f"{channel.action}_{name}": {
                "action": channel.action,
                "channel": {"$ref": f"#/channels/{name}"},
                "summary": channel.description,
            }
            for name, channel in CHANNELS.items()
        },
        "components": {
            "messages": components["in"] | components["log"] | components["receipt"],
            "schemas": _without_discriminator(definitions),
        },
    }


def _schemas(logged: list[type[Message]], sendable: list[type[Message]]) -> tuple[Any, dict[str, Any]]:
    """pydantic's reference to the schema of each model, and the schemas by name.

    Envelopes differ only in their `data`. So there is one schema for each of the two envelopes, without `data`, instead of
    two for each message: the document is a third as long.
    """
    models: list[type[BaseModel]] = [Receipt, incoming_of(sendable[0]), envelope_of(logged[0])]
    references, definitions = models_json_schema(
        [(model, "validation") for model in (*models, *logged)],
        ref_template=REFERENCE,
        schema_generator=SchemaWithDefaults,
    )
    found = definitions["$defs"]
    for name, model in (("Incoming", models[1]), ("Envelope", models[2])):
        found[name] = found.pop(references[model, "validation"]["$ref"].rsplit("/", 1)[1])
        del found[name]["properties"]["data"]
        found[name]["title"] = name
    sent = [REFERENCE.format(model="Incoming"), *(references[cls, "validation"]["$ref"] for cls in sendable)]
    return references, _bounded(found, sent)


def _receipt(references: Any) -> dict[str, Any]:
    return {
        "name": "receipt",
        "summary": summary(Receipt),
        "contentType": "application/json",
        "payload": references[(Receipt, "validation")],
        "examples": [{"payload": example(Receipt)}],
    }


def _bounded(schemas: dict[str, Any], sent: list[Any]) -> dict[str, Any]:
    """The schemas by name; those of `sent`, and all to which they refer, show the bounds which the door checks."""
    reached: set[str] = set()
    while sent:
        names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(sent))) - reached
        reached |= names
        sent = [schemas[name] for name in sorted(names)]
    return {name: with_bounds(schema, name in reached) for name, schema in schemas.items()}


def _channel(name: str, messages: list[str]) -> dict[str, Any]:
    channel = CHANNELS[name]
    return {
        "address": channel.address,
        "description": channel.description,
        "messages": {message: {"$ref": f"#/components/messages/{message}"} for message in messages},
        "parameters": {
            key: {"description": text} for key, text in PARAMETERS.items() if f"{{{key}}}" in channel.address
        },
    }


def _message(cls: type[Message], envelope: type[BaseModel]) -> dict[str, Any]:
    model = incoming_of(cls) if envelope is Incoming else envelope_of(cls)
    own = {"type": {"const": cls.TYPE}, "data": _reference(cls.__name__)}
    return {
        "name": cls.TYPE,
        "title": cls.__name__,
        "summary": summary(cls),
        "payload": {"allOf": [_reference(envelope.__name__), {"properties": own}]},
        "examples": [{"payload": whole_example(model, cls)}],
    }


def _reference(model: str) -> dict[str, str]:
    return {"$ref": REFERENCE.format(model=model)}


def _without_discriminator(value: Any) -> Any:
    """Removes the `discriminator` which pydantic writes for OpenAPI: in AsyncAPI the word means something else."""
    if isinstance(value, dict):
        return {
            key: _without_discriminator(inner)
            for key, inner in value.items()
            if not (key == "discriminator" and isinstance(inner, dict) and "propertyName" in inner)
        }
    return [_without_discriminator(inner) for inner in value] if isinstance(value, list) else value


def summary(cls: type[BaseModel]) -> str:
    """The first line of the docstring of a model, or else its name in words."""
    own = cls.__dict__.get("__doc__") or ""
    return (
        own.strip().split("\n")[0]
        or "".join(f" {c.lower()}" if c.isupper() else c for c in cls.__name__).strip()
    )
