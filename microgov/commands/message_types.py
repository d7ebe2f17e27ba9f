"""The types of messages as a person names them: VoteCast, vote_cast, issues.vote_cast.v1."""

from collections.abc import Iterable
from difflib import get_close_matches

from microgov.client.connection import Misuse
from microgov.contracts.message import Message
from microgov.contracts.registry import every_message


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


def known(option: str, given: str, among: Iterable[type[Message]], star: bool = False) -> list[str]:
    """The full names that are meant; `star`: * can be given, too. Raises Misuse where nothing is meant."""
    if star and given == "*":
        return ["*"]
    types = {cls.TYPE: cls.__name__ for cls in among}
    found = [full for full in types if is_of(given, full)]
    if found:
        return found
    parts = given.split(".")
    near = get_close_matches(camel(parts[1] if len(parts) > 1 else given), types.values(), 3)
    zh, en = (f"是否指 {'、'.join(near)}？", f" Is it {' or '.join(near)}?") if near else ("", "")
    forms = "owner.name.vN, *" if star else "owner.name.vN"
    raise Misuse(
        f"{option} {given}：没有这种消息。{zh}可写类名（如 VoteCast）或 {forms}；全部见 contracts/MESSAGES.md。",
        f"{option} {given}: there is no such message.{en} "
        f"Give its class (such as VoteCast) or {forms}; contracts/MESSAGES.md lists all.",
    )
