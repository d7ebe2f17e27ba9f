"""All generated files: schemas, AsyncAPI, the table of messages. The same classes give the same bytes."""

import json
from pathlib import Path
from typing import Any

from microgov.contracts.generated.asyncapi import asyncapi
from microgov.contracts.generated.messages_table import table
from microgov.contracts.generated.schema import schema
from microgov.contracts.registry import own_messages

FOLDER = Path(__file__).parents[1]


def files() -> dict[Path, str]:
    """The path of every generated file, with its text."""
    messages = own_messages()
    texts = {
        FOLDER / "generated" / "schemas" / f"{cls.TYPE}.json": json_text(schema(cls)) for cls in messages
    }
    texts[FOLDER / "generated" / "asyncapi.json"] = json_text(asyncapi(messages))
    texts[FOLDER / "MESSAGES.md"] = table(messages)
    return texts


def json_text(value: Any) -> str:
    """The value as the text of a generated file."""
    return json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
