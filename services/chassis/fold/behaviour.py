"""The number `behaviour` in the section `house` of the rules. A change of this number marks the point of the log from which
on new code decides differently (architecture.md §4.9).

The number only rises. A release stops before it folds a message that sets a number above the highest one that it supports.
Otherwise it would decide, by old rules, matters that newer code has already decided and people have acted upon.
"""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.contracts.directory import ChangeRules, RulesChanged
from microgov.contracts.rules import BehaviourRules
from microgov.contracts.rules import behaviour as newest
from microgov.services.chassis.errors import LogDiffers, Problem
from microgov.services.chassis.messages.parsed import Parsed


class NotKnown(LogDiffers, Problem):
    """The tenant's `behaviour` is higher than this release supports."""

    def __init__(self, where: tuple[str, str], asked: int) -> None:
        Problem.__init__(
            self,
            f"{where[0]}，此处按 behaviour {asked} 决定；本版本只支持到 {highest_known()}。请安装更新的版本。",
            f"{where[1]} the house decides by behaviour {asked}; this release knows {highest_known()}: install a newer one.",
        )


def highest_known() -> int:
    """The highest number that this release supports."""
    return newest.BEHAVIOUR


def is_known(parsed: Parsed) -> bool:
    """Whether this release can fold this message and what follows it."""
    return _asked(parsed) <= highest_known()


def must_be_known(parsed: Parsed) -> None:
    """Raises NotKnown (a LogDiffers) if this release cannot fold this message."""
    if not is_known(parsed):
        at = parsed.stored.seq
        raise NotKnown((f"自日志第 {at} 条起", f"From {at} in the log on"), _asked(parsed))


def must_know_rows(c: Connection, tables: sa.MetaData) -> None:
    """Raises NotKnown (a LogDiffers) if the folded rows hold a number that this release does not support: a newer release
    has folded them.
    """
    rule = tables.tables.get("rule")
    if rule is None:
        return
    content = c.execute(sa.select(rule.c.content).where(rule.c.section == BehaviourRules().section)).scalar()
    asked = BehaviourRules.model_validate(content).behaviour if content else 0
    if asked > highest_known():
        raise NotKnown(("已折叠的部分", "Where it has got to"), asked)


def _asked(parsed: Parsed) -> int:
    data = parsed.m.data
    if (
        parsed.broken
        or not isinstance(data, ChangeRules | RulesChanged)
        or not isinstance(data.content, BehaviourRules)
    ):
        return 0
    return data.content.behaviour
