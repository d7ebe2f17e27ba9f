"""Checks of the invariants of domain.md §3.3, on the rows of matching and on the messages that it emitted."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from microgov.contracts import matching
from microgov.services.matching.care_teams.care_team import CaredFor, CareSeat, CareTeam
from microgov.services.matching.model import Place
from microgov.services.matching.offers.requirement import Requirement
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.orders import life as orders
from microgov.services.matching.orders.assignments import Assignment
from microgov.services.matching.orders.order import Order
from microgov.services.matching.registry.organisations import Organisation
from microgov.services.matching.registry.role_holding import RoleHolding
from microgov.services.matching.serving.hours import HoursEntry
from microgov.services.matching.serving.proposals import Proposal
from microgov.services.matching.serving.qualification import Qualified
from microgov.services.matching.serving.tasks import Task

ACTIVE = ("accepted", "checked_in")
"""The states of a proposal whose person serves or is going to."""


def rows(s: Session, table: Any) -> list[Any]:
    """All rows of a table."""
    return list(s.scalars(select(table)))


def violated(s: Session) -> list[str]:
    """The names of the invariants that the rows violate now."""
    slots, given, asked, tasks = (rows(s, table) for table in (Slot, Assignment, Proposal, Task))
    lines, known = rows(s, HoursEntry), {order.id: order for order in rows(s, Order)}
    found = {
        "I1": _overfull(slots, given),
        "I2": _overlapping(tasks),
        "I3": _without_its_organisation(given, known.values()),
        "I4": any(
            known[p.order].state in orders.LIFE.final and p.state in ("proposed", *ACTIVE) for p in asked
        ),
        "I5": _inconsistent_care_team(s),
        "I6": _without_lead(known.values(), asked),
        "I8": _counted_twice(lines),
        "tasks": {(p.person, p.id) for p in asked if p.state in ACTIVE}
        != {(t.person, t.proposal) for t in tasks},
        "staffed": any(
            order.staffed != _serving_people(order, asked)
            for order in known.values()
            if order.state in STAFFED
        ),
        "hours": any(line.minutes and _proposal_of(line, asked).state != "completed" for line in lines),
    }
    return [name for name, bad in found.items() if bad]


STAFFED = ("staffing", "scheduled")
"""The states of an order in which its column `staffed` is kept."""


def _overfull(slots: Iterable[Slot], given: Iterable[Assignment]) -> bool:
    """A slot has more active assignments than places."""
    active = Counter((row.offer, row.slot) for row in given)
    return any(active[slot.offer, slot.slot] > slot.capacity for slot in slots)


def _overlapping(tasks: Iterable[Task]) -> bool:
    """One person has two tasks at the same time."""
    timed = sorted((t.person, t.starts, t.ends) for t in tasks if t.starts is not None and t.ends is not None)
    return any(one[0] == other[0] and other[1] < one[2] for one, other in pairwise(timed))


def _without_its_organisation(given: Iterable[Assignment], known: Iterable[Order]) -> bool:
    """An active order has no assignment to its organisation."""
    assigned = {row.order: row.organisation for row in given}
    active = ("assigned", "staffing", "scheduled", "in_service")
    return any(order.state in active and assigned.get(order.id) != order.organisation for order in known)


def _inconsistent_care_team(s: Session) -> bool:
    """An active care team lacks a role or has one whose holder lost it, or a team's counts differ from its rows."""
    seats, cared = rows(s, CareSeat), Counter(row.team for row in rows(s, CaredFor))
    return any(
        team.households != cared[team.id]
        or team.filled != sum(seat.team == team.id for seat in seats)
        or (
            team.state == "active"
            and (team.filled != 3 or not all(_holds_role(seat, team, s) for seat in seats))
        )
        for team in rows(s, CareTeam)
    )


def _holds_role(seat: CareSeat, team: CareTeam, s: Session) -> bool:
    """Whether the seat is of another team, or its person still holds the role at the team's place or one around it."""
    path = s.get_one(Place, team.place).path
    return seat.team != team.id or any(s.get(RoleHolding, (seat.person, seat.role, place)) for place in path)


def _without_lead(known: Iterable[Order], asked: Iterable[Proposal]) -> bool:
    """An order that needs a social worker is scheduled or in service without one."""
    leading = {p.order for p in asked if p.duty == "lead" and p.state in ACTIVE}
    return any(
        order.lead and order.state in ("scheduled", "in_service") and order.id not in leading
        for order in known
    )


def _counted_twice(lines: Iterable[HoursEntry]) -> bool:
    """Two lines of hours stand for one task and one kind of hours."""
    back = {(line.proposal, line.reverses) for line in lines if line.reverses is not None}
    standing = Counter(
        (line.proposal, line.kind)
        for line in lines
        if line.reverses is None and (line.proposal, line.number) not in back
    )
    return any(many > 1 for many in standing.values())


def _serving_people(order: Order, asked: Iterable[Proposal]) -> int:
    """How many people have agreed to serve the order."""
    return sum(p.order == order.id and p.state in ACTIVE for p in asked)


def _proposal_of(line: HoursEntry, asked: Iterable[Proposal]) -> Proposal:
    """The proposal that the line of hours belongs to."""
    return next(p for p in asked if p.id == line.proposal)


def violated_by(said: Iterable[Any], s: Session) -> list[str]:
    """The invariants that only the messages just emitted can violate.

    I9 and I10: who assigned; I6: a volunteer before the social worker; I7: somebody who is asked, or begins, lacks on
    that day what the offer requires.
    """
    found = []
    for m in said:
        if isinstance(m.data, matching.OrderAssigned):
            assigned = [
                s.get_one(Organisation, one) for one in (m.data.organisation, *(m.data.partners or []))
            ]
            if m.role != "branch":
                found.append("I10")
            if any(m.authid in one.representatives for one in assigned) and not m.data.own_organisation:
                found.append("I9")
        if isinstance(m.data, matching.ProposalAccepted):
            proposal, order = s.get_one(Proposal, m.subject), s.get_one(Order, m.data.order)
            if order.lead and proposal.duty != "lead" and order.state in STAFFED and order.person is None:
                found.append("I6")
        if isinstance(m.data, matching.PersonProposed):
            proposal = s.get_one(Proposal, m.subject)
            found += _unqualified(m.data.person, m.data.order, proposal.ends or m.recordedtime, s)
        if isinstance(m.data, matching.ServiceStarted | matching.PersonCheckedIn):
            found += _unqualified(m.data.person, m.subject, m.recordedtime, s)
    return found


def _unqualified(person: str, order: str, at: datetime, s: Session) -> list[str]:
    """`I7` for each required check or skill that the person does not hold on the local day (UTC+8) of that time."""
    given, day = s.get(Assignment, order), (at + timedelta(hours=8)).date().isoformat()
    named = [row.wanted for row in rows(s, Requirement) if given is not None and row.offer == given.offer]
    wanted = [one for some in named for one in some if one["kind"] != "language"]
    held = [s.get(Qualified, (person, one["kind"], one["name"])) for one in wanted]
    return ["I7" for one in held if one is None or (one.valid_until is not None and one.valid_until < day)]
