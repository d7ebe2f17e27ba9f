"""What a change of rules changes, field by field; of a nested one, the lines of its YAML that differ."""

from collections.abc import Iterator
from difflib import ndiff
from typing import Any

import yaml

from services.commands.base import out, say

STYLES = {"+": "green", "-": "red"}


def differences(before: dict[str, Any], after: dict[str, Any], lang: str | None) -> bool:
    """Tells them; whether there are any."""
    section = after["section"]
    names = [name for name in after if before.get(name) != after[name]]
    for name in names:
        if isinstance(after[name], dict | list) and name in before:
            out.print(f"{section}.{name}:", style="bold", markup=False)
            for line in _lines(before[name], after[name]):
                out.print(f"    {line}", style=STYLES[line[0]], markup=False)
        else:
            out.print(f"{section}.{name}: {before.get(name, '–')} → {after[name]}", style="bold", markup=False)
    if not names:
        say(f"{section}：没有变化。", f"{section}: nothing changes.", lang)
    return bool(names)


def _lines(before: Any, after: Any) -> Iterator[str]:
    """Those that go (-) and those that come (+)."""
    old, new = (yaml.safe_dump(value, sort_keys=False, allow_unicode=True).splitlines() for value in (before, after))
    yield from (line for line in ndiff(old, new) if line[0] in STYLES)
