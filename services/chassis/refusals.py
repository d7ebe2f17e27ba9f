"""Refusals that several services raise, each worded once. Their codes and words are part of the interface and in logs, so
they never change.
"""

from collections.abc import Iterable

from microgov.services.chassis.model import Refused


def not_registered(person: str, field: str = "authid") -> Refused:
    """`not_registered`: there is no such person."""
    return Refused(
        "not_registered",
        f"{person} 尚未登记。请先由街道办登记此人。",
        f"{person} is not registered. Have the office register the person first.",
        field,
    )


def unknown_state(state: str, states: Iterable[str]) -> Refused:
    """`unknown_state`: a question filters by a state that does not exist for the entities that it asks for."""
    known = list(states)
    return Refused(
        "unknown_state",
        f"没有状态 {state}。可用：{'、'.join(known)}。",
        f"There is no state {state}. It can be: {', '.join(known)}.",
        "state",
    )


def unknown_community(place: str) -> Refused:
    """`unknown_place`: a question asks about a place that does not exist."""
    return Refused(
        "unknown_place",
        f"没有编号为 {place} 的地点。请核对编号。",
        f"There is no place {place}. Check the id.",
        "community",
    )


def undefined_place(place: str, field: str) -> Refused:
    """`unknown_place`: a command names a place that does not exist."""
    return Refused(
        "unknown_place",
        f"没有编号为 {place} 的地点。请先登记地点。",
        f"There is no place {place}. Define it first.",
        field,
    )


def id_taken(id: str, zh: str, en: str, field: str) -> Refused:
    """`already_exists`: a new entity has the id of an existing one of its kind; `zh` and `en` name that kind."""
    return Refused(
        "already_exists",
        f"{zh}编号 {id} 已被使用。请换一个编号。",
        f"The id {id} is taken. Choose another id for the {en}.",
        field,
    )
