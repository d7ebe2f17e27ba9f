"""The number `behaviour` of the house: what it decides anew from which point in its log on (architecture.md §4.9).

It rises only. A release that meets a number above the one it knows refuses to run, before it folds that message: it would
decide by old rules what was decided, and acted upon, by new ones.
"""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.contracts import rules
from microgov.contracts.directory import ChangeRules, RulesChanged
from microgov.contracts.rules import HouseRules
from microgov.services.chassis.errors import LogDiffers, Problem
from microgov.services.chassis.messages.parsed import Parsed


class NotKnown(LogDiffers, Problem):
    """The house is ahead of this release."""

    def __init__(self, where: tuple[str, str], asked: int) -> None:
        Problem.__init__(
            self,
            f"{where[0]}，此处按 behaviour {asked} 决定；本版本只支持到 {known()}。请安装更新的版本。",
            f"{where[1]} the house decides by behaviour {asked}; this release knows {known()}: install a newer one.",
        )


def known() -> int:
    """The highest number that this release knows."""
    return rules.BEHAVIOUR


def is_known(parsed: Parsed) -> bool:
    """Whether this release can fold what follows from that message on."""
    return _asked(parsed) <= known()


def must_be_known(parsed: Parsed) -> None:
    """Raises LogDiffers where it cannot."""
    if not is_known(parsed):
        at = parsed.stored.seq
        raise NotKnown((f"自日志第 {at} 条起", f"From {at} in the log on"), _asked(parsed))


def must_know_rows(c: Connection, tables: sa.MetaData) -> None:
    """Raises LogDiffers where a newer release has folded these rows by a number that this one does not know."""
    rule = tables.tables.get("rule")
    if rule is None:
        return
    content = c.execute(sa.select(rule.c.content).where(rule.c.section == HouseRules().section)).scalar()
    asked = HouseRules.model_validate(content).behaviour if content else 0
    if asked > known():
        raise NotKnown(("已折叠的部分", "Where it has got to"), asked)


def _asked(parsed: Parsed) -> int:
    data = parsed.m.data
    if (
        parsed.broken
        or not isinstance(data, ChangeRules | RulesChanged)
        or not isinstance(data.content, HouseRules)
    ):
        return 0
    return data.content.behaviour
