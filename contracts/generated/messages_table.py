"""The table of all messages, contracts/MESSAGES.md."""

from microgov.contracts.fields import EVERYBODY
from microgov.contracts.generated.example import fields_of
from microgov.contracts.message import Message


def table(messages: tuple[type[Message], ...]) -> str:
    """The page in Markdown: the messages of each owner with kind, senders and fields."""
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
