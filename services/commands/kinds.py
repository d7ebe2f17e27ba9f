"""The types of messages as a person names them: VoteCast, vote_cast, issues.vote_cast.v1."""

from collections.abc import Iterable
from difflib import get_close_matches

from contracts.message import Message
from contracts.registry import every_message
from services.here import Misuse

FORMS = "VoteCast, vote_cast, issues.vote_cast.v1"


def camel(name: str) -> str:
    """vote_cast is the class VoteCast."""
    return "".join(part.capitalize() for part in name.split("_"))


def is_of(given: str, full: str) -> bool:
    """Whether a person who says `given` means this type."""
    name = full.split(".")[1]
    return given in (full, name, camel(name))


def storable() -> list[type[Message]]:
    """All that a log can hold: questions never stand in one."""
    return [cls for cls in every_message() if cls.KIND != "question"]


def known(option: str, given: str, among: Iterable[type[Message]]) -> list[str]:
    """The full names that are meant. Raises Misuse where there are none."""
    types = {cls.__name__: cls.TYPE for cls in among}
    found = [full for full in types.values() if is_of(given, full)]
    if found:
        return found
    parts = given.split(".")
    near = get_close_matches(camel(parts[1] if len(parts) > 1 else given), types, 3)
    zh, en = (f"是否指 {'、'.join(near)}？", f" Is it {' or '.join(near)}?") if near else ("", "")
    raise Misuse(
        f"{option} {given}：没有这种消息。{zh}可写 {FORMS}；全部类型见 contracts/MESSAGES.md。",
        f"{option} {given}: there is no such message.{en} It is written {FORMS}; contracts/MESSAGES.md lists them all.",
    )
