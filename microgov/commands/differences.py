"""Prints the difference of two versions of rules: field by field at any depth; for lists without names, lines of YAML."""

from collections.abc import Iterator
from difflib import ndiff
from typing import Any

import yaml

from microgov.commands.base import echo, out

LINE_STYLES = {"+": "green", "-": "red"}
NAME_FIELDS = ("kind", "name", "year", "role")
"""The fields by which the parts of a list are distinguished."""


def differences(before: dict[str, Any], after: dict[str, Any], lang: str | None) -> bool:
    """Prints the differences; returns whether there are any."""
    section = after["section"]
    names = [name for name in after if before.get(name) != after[name]]
    for name in names:
        for line in _lines(f"{section}.{name}", before.get(name), after[name]):
            out.print(line, style=LINE_STYLES.get(line.strip()[0], "bold"))
    if not names:
        echo(f"{section}：没有变化。", f"{section}: nothing changes.", lang)
    return bool(names)


def _lines(path: str, before: Any, after: Any) -> Iterator[str]:
    if before == after:
        return
    old, new = _parts(before), _parts(after)
    if old is not None and new is not None and not _reordered(before, old, new):
        for name in [*old, *(name for name in new if name not in old)]:
            yield from _lines(f"{path}.{name}", old.get(name), new.get(name))
    elif isinstance(before, dict | list) or isinstance(after, dict | list):
        yield f"{path}:"
        yield from (f"    {line}" for line in ndiff(_yaml(before), _yaml(after)) if line[0] in LINE_STYLES)
    else:
        yield f"{path}: {'–' if before is None else before} → {'–' if after is None else after}"


def _reordered(value: Any, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether parts that are in both lists are in another order, which matters where the first that fits decides."""
    return isinstance(value, list) and [name for name in old if name in new] != [
        name for name in new if name in old
    ]


def _parts(value: Any) -> dict[str, Any] | None:
    """The fields of a value, or the parts of a list by their names; None if it has neither."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
        return None
    for key in NAME_FIELDS:
        names = [str(one[key]) for one in value if key in one]
        if len(set(names)) == len(value):
            return dict(zip(names, value, strict=True))
    return None


def _yaml(value: Any) -> list[str]:
    return [] if value is None else yaml.safe_dump(value, sort_keys=False, allow_unicode=True).splitlines()
