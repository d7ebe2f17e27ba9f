"""Reads breakages.yaml: ways to break the services, and what a replay has to say about each."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml


class Breakage(NamedTuple):
    """A breakage: its name, what is replaced in which file (file, old, new), and what the report must say."""

    name: str
    edits: tuple[tuple[str, str, str], ...]
    cause: str | None
    kind: str | None
    says: tuple[str, ...]
    unseen: str | None
    databases: str


def _breakage(one: dict[str, Any]) -> Breakage:
    edits = tuple((edit["file"], edit["old"], edit["new"]) for edit in one["edits"])
    expected = (one.get("cause"), one.get("kind"), tuple(one.get("says", ())), one.get("unseen"))
    return Breakage(one["name"], edits, *expected, one.get("databases", "memory"))


BREAKAGES = tuple(map(_breakage, yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))))
