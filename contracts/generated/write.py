"""What follows from the message classes: schemas, AsyncAPI, the table of messages; the same classes, the same bytes."""

import json
import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from microgov.contracts.bounds import MARK
from microgov.contracts.fields import EVERYBODY
from microgov.contracts.generated.example import example, fields_of
from microgov.contracts.message import Envelope, Incoming, Message, envelope_of, incoming_of
from microgov.contracts.receipt import Receipt
from microgov.contracts.registry import every_message

FOLDER = Path(__file__).parents[1]
REFERENCE = "#/components/schemas/{model}"
CHANNELS = {
    "in": ("in.{publisher}.{tenant}.{owner}.{name}.{version}", "receive", "What a publisher sends."),
    "receipt": ("receipt.{publisher}.{tenant}", "send", "What became of each message that a publisher sent."),
    "out": (
        "out.{publisher}.{tenant}.{owner}.{name}.{version}",
        "send",
        "Copies of what became of its matters.",
    ),
    "log": (
        "log.{tenant}.{writer}.{owner}.{name}.{version}",
        "send",
        "All that was asked and all that became true.",
    ),
}
PARAMETERS = {
    "publisher": "the program outside, as the broker knows it",
    "tenant": "the sub-district",
    "writer": "the loop that put it into the log",
    "owner": "whose message it is",
    "name": "of the message",
    "version": "v and a number",
}


def files() -> dict[Path, str]:
    """Every generated file and what must stand in it."""
    messages = every_message()
    made = {FOLDER / "generated" / "schemas" / f"{cls.TYPE}.json": _json(schema(cls)) for cls in messages}
    made[FOLDER / "generated" / "asyncapi.json"] = _json(asyncapi(messages))
    made[FOLDER / "MESSAGES.md"] = table(messages)
    return made


def schema(cls: type[Message]) -> dict[str, Any]:
    """Of the message's data; the envelope is described in asyncapi.json."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:microgov:{cls.TYPE}",
        **with_bounds(cls.model_json_schema(), bool(cls.ROLES)),
    }


def with_bounds(node: Any, sent: bool) -> Any:
    """A schema for who sends shows what the door asks, too; one for who reads does not: the log may hold what is older."""
    if isinstance(node, list):
        return [with_bounds(one, sent) for one in node]
    if not isinstance(node, dict):
        return node
    asked = node.get(MARK, {}) if sent else {}
    return {**{key: with_bounds(inner, sent) for key, inner in node.items() if key != MARK}, **asked}


def asyncapi(messages: tuple[type[Message], ...]) -> dict[str, Any]:
    """AsyncAPI 3.0, from the house's point of view: it receives `in`, it sends the others."""
    said = [cls for cls in messages if cls.KIND != "question"]
    asked = [cls for cls in said if cls.ROLES]
    events = [cls for cls in said if cls.KIND == "event"]
    models: list[type[BaseModel]] = [
        Receipt,
        *(incoming_of(cls) for cls in asked),
        *(envelope_of(cls) for cls in said),
    ]
    references, definitions = models_json_schema(
        [(model, "validation") for model in models], ref_template=REFERENCE
    )
    of_channel: dict[str, dict[str, Any]] = {
        "in": {f"in.{cls.TYPE}": _message(cls, Incoming, references) for cls in asked},
        "log": {cls.TYPE: _message(cls, Envelope, references) for cls in said},
        "receipt": {
            "receipt": {
                "name": "receipt",
                "summary": _line(Receipt),
                "contentType": "application/json",
                "payload": references[(Receipt, "validation")],
                "examples": [{"payload": example(Receipt)}],
            }
        },
        "out": {cls.TYPE: None for cls in events},
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "microgov",
            "version": "1.0.0",
            "license": {"name": "Apache-2.0"},
            "description": "Micro-governance of a sub-district: commands in, receipts and events out, one log.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {name: _channel(name, list(of_channel[name])) for name in CHANNELS},
        "operations": {
            f"{action}_{name}": {"action": action, "channel": {"$ref": f"#/channels/{name}"}, "summary": text}
            for name, (_, action, text) in CHANNELS.items()
        },
        "components": {
            "messages": of_channel["in"] | of_channel["log"] | of_channel["receipt"],
            "schemas": _plain(
                _bounded(definitions["$defs"], [references[incoming_of(cls), "validation"] for cls in asked])
            ),
        },
    }


def _bounded(schemas: dict[str, Any], sent: list[Any]) -> dict[str, Any]:
    """What is sent, and all that it refers to, with the bounds of the door."""
    reached: set[str] = set()
    while sent:
        names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(sent))) - reached
        reached |= names
        sent = [schemas[name] for name in sorted(names)]
    return {name: with_bounds(schema, name in reached) for name, schema in schemas.items()}


def _channel(name: str, messages: list[str]) -> dict[str, Any]:
    address, _, text = CHANNELS[name]
    return {
        "address": address,
        "description": text,
        "messages": {message: {"$ref": f"#/components/messages/{message}"} for message in messages},
        "parameters": {
            key: {"description": told} for key, told in PARAMETERS.items() if f"{{{key}}}" in address
        },
    }


def _message(cls: type[Message], envelope: Any, references: Any) -> dict[str, Any]:
    model = incoming_of(cls) if envelope is Incoming else envelope_of(cls)
    return {
        "name": cls.TYPE,
        "title": cls.__name__,
        "summary": _line(cls),
        "contentType": "application/cloudevents+json",
        "payload": references[(model, "validation")],
        "examples": [{"payload": whole_example(model, cls)}],
    }


def whole_example(model: type[BaseModel], cls: type[Message]) -> dict[str, Any]:
    """A valid envelope around the message's own example."""
    known = {"specversion": "1.0", "type": cls.TYPE, "data": example(cls)}
    if cls.ROLES:
        known["role"] = sorted(cls.ROLES)[0].value
    names = [name for name, field in fields_of(model) if field.is_required()]
    return {**{name: value for name, value in example(model).items() if name in names}, **known}


def _plain(value: Any) -> Any:
    """pydantic's `discriminator` is OpenAPI's; in AsyncAPI the word means something else."""
    if isinstance(value, dict):
        return {
            key: _plain(inner)
            for key, inner in value.items()
            if not (key == "discriminator" and isinstance(inner, dict) and "propertyName" in inner)
        }
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def table(messages: tuple[type[Message], ...]) -> str:
    """All messages, grouped by owner."""
    lines = [
        "# Messages",
        "",
        "Written by `python -m microgov.contracts` from the classes in this folder; do not edit.",
        "A field with `?` may be left out; *italic* fields are free text that people wrote.",
        "",
    ]
    for owner in sorted({cls.OWNER for cls in messages}):
        lines += [f"## {owner}", "", "| type | kind | who may send it | fields |", "|---|---|---|---|"]
        for cls in (cls for cls in messages if owner == cls.OWNER):
            roles = _senders(cls)
            lines.append(f"| `{cls.TYPE}` | {cls.KIND} | {roles} | {', '.join(_fields(cls)) or '–'} |")
        lines.append("")
    return "\n".join(lines)


def _senders(cls: type[Message]) -> str:
    if not cls.ROLES:
        return "any service" if cls.OWNER == "log" else f"service {cls.OWNER}"
    if cls.ROLES >= EVERYBODY:
        return "everybody"
    return ", ".join(sorted(role.value for role in cls.ROLES))


def _fields(cls: type[Message]) -> list[str]:
    properties = cls.model_json_schema().get("properties", {})
    return [
        (f"*{name}*" if "x-free-text" in str(properties[name]) else name)
        + ("" if field.is_required() else "?")
        for name, field in fields_of(cls)
    ]


def _line(cls: type[BaseModel]) -> str:
    """The first sentence of its docstring, or its name in words."""
    own = cls.__dict__.get("__doc__") or ""
    return (
        own.strip().split("\n")[0]
        or "".join(f" {c.lower()}" if c.isupper() else c for c in cls.__name__).strip()
    )


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
