"""Which messages of a recording are about an entity, a person or a place."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from microgov.services.chassis.errors import Problem
from microgov.services.chassis.log import Stored, body_of


def contains_id(body: Any, id: str) -> bool:
    """Whether a value in the message is this id."""
    if isinstance(body, dict):
        return any(contains_id(value, id) for value in body.values())
    if isinstance(body, list):
        return any(contains_id(value, id) for value in body)
    return bool(body == id)


def is_about(stored: Stored, id: str) -> bool:
    """Whether the message names this id, as its entity or anywhere in it."""
    return id.encode() in stored.data and contains_id(body_of(stored), id)


def must_be_named(messages: Iterable[Stored], id: str) -> None:
    """Raises Problem if no message names this id; the words name similar ones."""
    subjects: set[str] = set()
    for stored in messages:
        if is_about(stored, id):
            return
        subjects.add(str(body_of(stored).get("subject")))
    near = get_close_matches(id, sorted(subjects), 3)
    zh, en = (f"是否指 {'、'.join(near)}？", f" Is it {' or '.join(near)}?") if near else ("", "")
    raise Problem(
        f"录制中没有 {id}。{zh}用 `microgov log show FILE` 查看其内容。",
        f"The recording names no {id}.{en} `microgov log show FILE` shows what is in it.",
    )
