"""Parses message types as a person types them: VoteCast, vote_cast or issues.vote_cast.v1."""

from collections.abc import Iterable
from difflib import get_close_matches

from microgov.client.connection import Misuse
from microgov.contracts.message import Message
from microgov.contracts.registry import every_message


def class_name(name: str) -> str:
    """The class name of a message name: VoteCast for vote_cast."""
    return "".join(part.capitalize() for part in name.split("_"))


def is_type(given: str, full: str) -> bool:
    """Whether `given`, in any of the three forms, means the type `full` (owner.name.vN)."""
    name = full.split(".")[1]
    return given in (full, name, class_name(name))


def storable() -> list[type[Message]]:
    """All message classes that a log can hold, which excludes questions."""
    return [cls for cls in every_message() if cls.KIND != "question"]


def full_types(option: str, given: str, among: Iterable[type[Message]], star: bool = False) -> list[str]:
    """The full names of the types that `given` means; with `star`, `*` is accepted, too. Raises Misuse if there is none."""
    if star and given == "*":
        return ["*"]
    types = {cls.TYPE: cls.__name__ for cls in among}
    found = [full for full in types if is_type(given, full)]
    if found:
        return found
    parts = given.split(".")
    near = get_close_matches(class_name(parts[1] if len(parts) > 1 else given), types.values(), 3)
    zh, en = (f"是否指 {'、'.join(near)}？", f" Is it {' or '.join(near)}?") if near else ("", "")
    forms = "owner.name.vN, *" if star else "owner.name.vN"
    raise Misuse(
        f"{option} {given}：没有这种消息。{zh}可写类名（如 VoteCast）或 {forms}；全部见 contracts/MESSAGES.md。",
        f"{option} {given}: there is no such message.{en} "
        f"Give its class (such as VoteCast) or {forms}; contracts/MESSAGES.md lists all.",
    )
