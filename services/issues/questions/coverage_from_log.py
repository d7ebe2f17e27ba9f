"""Coverage of visits computed from a log alone; tests compare it with the service's own count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from microgov.contracts import issues
from microgov.contracts.message import Envelope


@dataclass
class Call:
    """A contact to be visited: place, planning time, and result (that of the last attempt, or `made`)."""

    place: str
    at: datetime
    result: str = ""


def apply_visit(m: Envelope[Any], calls: dict[str, Call]) -> bool:
    """Applies a message about a visit to `calls` (by visit); returns False if the message is about something else."""
    if isinstance(m.data, issues.VisitPlanned):
        calls[m.subject] = Call(m.data.place, m.recordedtime)
    elif isinstance(m.data, issues.VisitAttempted):
        calls[m.subject].result = m.data.result
    elif isinstance(m.data, issues.VisitMade):
        calls[m.subject].result = "made"
    else:
        return False
    return True


def coverage(calls: Sequence[Call], asked: issues.ShowRates) -> issues.RateShown:
    """The rate that `services/issues/questions/rates.py` counts, computed from these visits."""
    listed = [one.result for one in calls if asked.from_ <= one.at < asked.to]
    return issues.RateShown(
        rate="visit_coverage",
        numerator=listed.count("made"),
        denominator=len(listed),
        excluded=[],
        unreachable=listed.count("no_answer"),
        refused=listed.count("refused"),
    )
