"""A round of visits, step by step: three households and an enterprise; each function returns what was said."""

from typing import Any

from microgov.contracts import issues
from microgov.services.chassis.model import Said
from microgov.services.issues.handlers import service
from microgov.services.issues.visits.visit import Visit
from tests.support.service_driver import Talk, neighbourhood

FEDERATION: dict[str, Any] = {"by": "p-fed", "role": "womens_federation"}
PROBLEM, SERVICE = (
    issues.ProblemLine(title="楼道灯", text="三楼的灯坏了。"),
    issues.ServiceLine(text="想学手机。"),
)
CONTACTS = [
    issues.Contact(contact="h-1", kind="household", place="yuanbu-south"),
    issues.Contact(contact="h-2", kind="household", place="yuanbu-south"),
    issues.Contact(contact="h-3", kind="household", place="yuanbu"),
    issues.Contact(contact="works", kind="enterprise", place="yuanbu"),
]


def opening(**changed: Any) -> issues.OpenVisitRound:
    return issues.OpenVisitRound.model_validate(
        {"title": "三月走亲", "place": "yuanbu", "contacts": CONTACTS, **changed}
    )


def start(**rules: dict[str, Any]) -> Talk:
    """The round is open."""
    talk = neighbourhood(service, **rules)
    talk.say(opening(), "round-1", **FEDERATION)
    return talk


def visit(talk: Talk, contact: str = "h-1") -> str:
    """The id of the visit to this contact."""
    return next(str(row.id) for row in talk.rows(Visit) if row.contact == contact)


def attempt(talk: Talk, result: str, contact: str = "h-1", **how: Any) -> list[Said]:
    return talk.say(
        issues.AttemptVisit.model_validate({"result": result}), visit(talk, contact), **{**FEDERATION, **how}
    )


def make(talk: Talk, contact: str = "h-1", person: str = "p-1", **how: Any) -> list[Said]:
    return talk.say(issues.MakeVisit(person=person), visit(talk, contact), **{**FEDERATION, **how})


def record(talk: Talk, problems: int = 1, services: int = 1, contact: str = "h-1", **how: Any) -> list[Said]:
    lists = issues.RecordVisitLists(problems=[PROBLEM] * problems, services=[SERVICE] * services)
    return talk.say(lists, visit(talk, contact), **{**FEDERATION, **how})


def listed(talk: Talk, problems: int = 1, services: int = 1) -> list[str]:
    """Visited, both lists recorded; the ids of the issues and orders, line by line."""
    make(talk)
    (event, *_), *_ = record(talk, problems, services)
    assert isinstance(event, issues.VisitListsRecorded)
    return [line.entity for line in event.lines]


def feedback(*lines: int) -> issues.GiveVisitFeedback:
    return issues.GiveVisitFeedback(lines=[issues.LineAnswer(line=line, text="已告知。") for line in lines])


def tell(talk: Talk, *lines: int, contact: str = "h-1") -> list[Said]:
    return talk.say(feedback(*lines), visit(talk, contact), **FEDERATION)
