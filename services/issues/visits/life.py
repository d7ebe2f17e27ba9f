"""State machine of a visit as one table, with its guards (domain.md §2.4)."""

from typing import Any

from sqlalchemy.orm import Session

from microgov.contracts.issues import (
    AttemptVisit,
    GiveVisitFeedback,
    MakeVisit,
    OpenVisitRound,
    RecordVisitLists,
    VisitAttempted,
    VisitClosed,
    VisitFeedbackGiven,
    VisitListsRecorded,
    VisitMade,
    VisitPlanned,
)
from microgov.services.chassis.model import SAME, AnyMessage, Guard, Life, Transition, each
from microgov.services.issues.model import Person

PERSON_REGISTERED = Guard(
    "not_registered",
    "见到的人尚未登记。请先由街道办登记此人。",
    "Whoever was met is not registered. Have the office register the person first.",
    lambda visit, m, s: s.get(Person, m.data.person) is not None,
    "data.person",
)


def _at_home(visit: Any, m: AnyMessage, s: Session) -> bool:
    """Whether the person met belongs to the visited household; always true for an enterprise."""
    met = s.get(Person, m.data.person)
    return visit.kind != "household" or (met is not None and met.household == visit.contact)


PERSON_OF_HOUSEHOLD = Guard(
    "not_of_this_household",
    "见到的人不是这一户的。请核对，或先由街道办更正其户。",
    "Whoever was met is not of this household. Check the person, or have the office correct their household.",
    _at_home,
    "data.person",
)

STATES = {
    "planned": ("待走访", "planned"),
    "attempted": ("未走访到", "attempted"),
    "made": ("已走访", "made"),
    "listed": ("已记清单", "recorded with its lists"),
    "answered": ("已反馈", "answered with feedback"),
    "closed": ("已办结", "closed"),
}

LIFE = Life(
    "visit",
    "走访",
    STATES,
    {
        (None, OpenVisitRound): Transition("planned", VisitPlanned),
        **each(("planned", "attempted"), AttemptVisit, Transition("attempted", VisitAttempted)),
        **each(
            ("planned", "attempted"),
            MakeVisit,
            Transition("made", VisitMade, (PERSON_REGISTERED, PERSON_OF_HOUSEHOLD)),
        ),
        ("made", RecordVisitLists): Transition("listed", VisitListsRecorded),
        ("listed", GiveVisitFeedback): Transition("answered", VisitFeedbackGiven),
        ("answered", GiveVisitFeedback): Transition(SAME, VisitFeedbackGiven),
        ("answered", "settled"): Transition("closed", VisitClosed),
    },
    frozenset({"closed"}),
)
