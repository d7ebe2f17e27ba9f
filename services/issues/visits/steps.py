"""Commands of visitors: attempt a visit, make it, record both lists, give feedback (domain.md §2.4)."""

from collections.abc import Iterator
from typing import cast

from sqlalchemy.orm import Session

from microgov.contracts import issues
from microgov.contracts.fields import STAFF
from microgov.contracts.message import Envelope
from microgov.contracts.rules import IssueRules
from microgov.services.chassis.model import AnyMessage, Refused, Said
from microgov.services.chassis.reference_data import check_within, rules
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.model import Place, Rule
from microgov.services.issues.visits.life import LIFE
from microgov.services.issues.visits.lines import Line
from microgov.services.issues.visits.rounds import VisitRound
from microgov.services.issues.visits.visit import Visit


def _in_scope(m: AnyMessage, s: Session) -> Visit:
    """The visit that the message is about, after a check of the sender's scope."""
    visit = Visit.find(s, m.subject)
    check_within(s, Place, visit.place, m)
    return visit


def _resulted(visit: Visit, result: str, s: Session) -> None:
    """Stores the result of the visit and updates the counters of its round."""
    VisitRound.find(s, visit.round).change_result(visit.result, result)
    visit.result = result


def attempt(m: Envelope[issues.AttemptVisit], s: Session) -> Said:
    """Records a failed attempt: nobody answered (`no_answer`), or the visit was refused (`refused`)."""
    visit, result = _in_scope(m, s), m.data.result
    LIFE.move(visit, m, s)
    _resulted(visit, result, s)
    visit.attempts, visit.refusals = visit.attempts + 1, visit.refusals + (result == "refused")
    return visit.say(issues.VisitAttempted(round=visit.round, result=result, number=visit.attempts))


def make(m: Envelope[issues.MakeVisit], s: Session) -> Said:
    """Records that the visit was made; from now on the contact counts as covered."""
    visit = _in_scope(m, s)
    LIFE.move(visit, m, s)
    _resulted(visit, "made", s)
    visit.person, visit.visitor, visit.made_at = m.data.person, m.authid, m.recordedtime
    return visit.say(issues.VisitMade(round=visit.round, person=m.data.person))


def record(m: Envelope[issues.RecordVisitLists], s: Session) -> Iterator[Said]:
    """Records both lists on behalf of the person met: problems become issues, and services are requested from matching."""
    visit, issue_rules = _in_scope(m, s), rules(s, Rule, IssueRules)
    LIFE.check(visit, type(m.data), m, s)
    ids = Line.names(visit.id, len(m.data.problems) + len(m.data.services))
    for id in ids:
        _must_be_unused(id, s)
    LIFE.move(visit, m, s)
    lines = [Line.put(visit, n, id, n <= len(m.data.problems), s) for n, id in enumerate(ids, 1)]
    person, accepted = visit.person or "", m.role in STAFF and "visit" in issue_rules.staff_channels
    yield visit.say(
        issues.VisitListsRecorded(
            round=visit.round,
            person=person,
            lines=[
                issues.VisitLine.model_validate({"line": one.line, "kind": one.kind, "entity": one.entity})
                for one in lines
            ],
        )
    )
    for id, problem in zip(ids, m.data.problems, strict=False):
        brought = issues.IssueSubmitted(
            title=problem.title, place=visit.place, channel="visit", reporter=person, recorded_by=m.authid
        )
        yield from Issue.begin(id, brought, problem.text, accepted, m, s)
    for id, service in zip(ids[len(m.data.problems) :], m.data.services, strict=True):
        yield Said(
            issues.VisitServiceRequested(
                visit=visit.id,
                person=person,
                offer=service.offer,
                slot=service.slot,
                text=service.text,
                channel="visit",
            ),
            id,
        )


def _must_be_unused(id: str, s: Session) -> None:
    """Raises a refusal if an issue has this id. The id is derived from the visit, so somebody must have chosen it on
    purpose.
    """
    if s.get(Issue, id) is not None:
        raise Refused(
            "already_exists",
            f"编号 {id} 已被另一事项占用，清单无法登记。请告知运营人员。",
            f"Another issue has the id {id} already, so the lists cannot be recorded. Tell the operator.",
        )


def give_feedback(m: Envelope[issues.GiveVisitFeedback], s: Session) -> Iterator[Said]:
    """Records feedback on every line. Once all lines have ended, the visit is closed."""
    visit = _in_scope(m, s)
    LIFE.check(visit, type(m.data), m, s)
    lines = Line.of(visit.id, s)
    _check_every_line({one.line for one in lines}, [one.line for one in m.data.lines])
    LIFE.move(visit, m, s)
    fates = [one.fate(s) for one in lines]
    yield visit.say(issues.VisitFeedbackGiven(round=visit.round, person=cast(str, visit.person), fates=fates))
    if all(one.ended(s) for one in lines):
        LIFE.moved_by(visit, "settled", m, s)
        VisitRound.find(s, visit.round).closed += 1
        yield visit.say(issues.VisitClosed(round=visit.round))


def _check_every_line(there: set[int], given: list[int]) -> None:
    """Raises a refusal unless the feedback names every line of the visit once, and no other."""
    missing, strange = sorted(there - set(given)), sorted(set(given) - there)
    if missing:
        raise Refused(
            "line_missing",
            f"反馈没有说到第 {missing[0]} 行。每一行都要有回音，请补充。",
            f"The feedback says nothing about line {missing[0]}. Every line is answered: add it.",
            "data.lines",
        )
    if strange:
        raise Refused(
            "unknown_line",
            f"这次走访没有第 {strange[0]} 行。请核对。",
            f"This visit has no line {strange[0]}. Check its number.",
            "data.lines",
        )
    if len(given) > len(there):
        raise Refused(
            "line_twice",
            "反馈中有一行出现了两次。请合并。",
            "A line stands in the feedback twice. Say it once.",
            "data.lines",
        )
