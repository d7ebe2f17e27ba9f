"""The invariants of domain.md §3.3, looked for in the rows of matching and in what it has said."""

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


def rows(s: Session, table: Any) -> list[Any]:
    return list(s.scalars(select(table)))


def violated(s: Session) -> list[str]:
    """The names of those that do not hold now."""
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


def _overfull(slots: Iterable[Slot], given: Iterable[Assignment]) -> bool:
    active = Counter((row.offer, row.slot) for row in given)
    return any(active[slot.offer, slot.slot] > slot.capacity for slot in slots)


def _overlapping(tasks: Iterable[Task]) -> bool:
    timed = sorted((t.person, t.starts, t.ends) for t in tasks if t.starts is not None and t.ends is not None)
    return any(one[0] == other[0] and other[1] < one[2] for one, other in pairwise(timed))


def _without_its_organisation(given: Iterable[Assignment], known: Iterable[Order]) -> bool:
    assigned = {row.order: row.organisation for row in given}
    active = ("assigned", "staffing", "scheduled", "in_service")
    return any(order.state in active and assigned.get(order.id) != order.organisation for order in known)


def _inconsistent_care_team(s: Session) -> bool:
    """A care team that is active has one of each role, who holds it; and no team counts a household that is not its own."""
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
    path = s.get_one(Place, team.place).path
    return seat.team != team.id or any(s.get(RoleHolding, (seat.person, seat.role, place)) for place in path)


def _without_lead(known: Iterable[Order], asked: Iterable[Proposal]) -> bool:
    """Scheduled or in service without its social worker."""
    leading = {p.order for p in asked if p.duty == "lead" and p.state in ACTIVE}
    return any(
        order.lead and order.state in ("scheduled", "in_service") and order.id not in leading
        for order in known
    )


def _counted_twice(lines: Iterable[HoursEntry]) -> bool:
    back = {(line.proposal, line.reverses) for line in lines if line.reverses is not None}
    standing = Counter(
        (line.proposal, line.kind)
        for line in lines
        if line.reverses is None and (line.proposal, line.number) not in back
    )
    return any(many > 1 for many in standing.values())


def _serving_people(order: Order, asked: Iterable[Proposal]) -> int:
    return sum(p.order == order.id and p.state in ACTIVE for p in asked)


def _proposal_of(line: HoursEntry, asked: Iterable[Proposal]) -> Proposal:
    return next(p for p in asked if p.id == line.proposal)


def violated_by(said: Iterable[Any], s: Session) -> list[str]:
    """Those that only what was just said can break: who assigned (I9, I10), a volunteer before the social worker (I6), and
    somebody who is asked, or begins, without what the offer requires on that day (I7)."""
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
            found += _unfit(m.data.person, m.data.order, proposal.ends or m.recordedtime, s)
        if isinstance(m.data, matching.ServiceStarted | matching.PersonCheckedIn):
            found += _unfit(m.data.person, m.subject, m.recordedtime, s)
    return found


def _unfit(person: str, order: str, at: datetime, s: Session) -> list[str]:
    """Without a check or a skill that holds on the wall's day of that time."""
    given, day = s.get(Assignment, order), (at + timedelta(hours=8)).date().isoformat()
    named = [row.wanted for row in rows(s, Requirement) if given is not None and row.offer == given.offer]
    wanted = [one for some in named for one in some if one["kind"] != "language"]
    held = [s.get(Qualified, (person, one["kind"], one["name"])) for one in wanted]
    return ["I7" for one in held if one is None or (one.valid_until is not None and one.valid_until < day)]
