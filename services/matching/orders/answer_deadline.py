"""The deadline for an answer to an assignment or a proposal: never later than the start of the service (domain.md §3.2)."""

from datetime import datetime

from sqlalchemy.orm import Session

from microgov.contracts.rules import BehaviourRules
from microgov.services.chassis.model import AnyMessage
from microgov.services.matching.model import rules_in_force
from microgov.services.matching.offers.slot import Slot


def answer_deadline(until: datetime, slot: Slot | None, m: AnyMessage, s: Session) -> datetime:
    """The earlier one of `until` and the start of the slot.

    A start that has passed does not count; before behaviour 3 no start counts.
    """
    if slot is None or slot.starts <= m.recordedtime or not rules_in_force(s, BehaviourRules).tells_all:
        return until
    return min(until, slot.starts)
