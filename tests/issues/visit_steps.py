"""A round of visits `round-1` to three households and an enterprise, by the women's federation.

A function with an imperative name sends a command and returns the events; one with a gerund as its name only builds a
command. `how` changes who sends it. Exceptions: `start` returns the driver, `make_and_record` sends two commands and returns
ids, `show` asks a question, and `exchange_events` sends no command.
"""

from typing import Any

from microgov.contracts import issues
from microgov.services.chassis.model import Said
from microgov.services.issues.handlers import service
from microgov.services.issues.questions.visits import list_visits, show_visit
from microgov.testing.service_driver import ServiceDriver, driver_of

FEDERATION: dict[str, Any] = {"by": "p-fed", "role": "womens_federation"}
PROBLEM_LINE = issues.ProblemLine(title="楼道灯", text="三楼的灯坏了。")
SERVICE_LINE = issues.ServiceLine(text="想学手机。")
CONTACTS = [
    issues.Contact(contact="h-1", kind="household", place="yuanbu-south"),
    issues.Contact(contact="h-2", kind="household", place="yuanbu-south"),
    issues.Contact(contact="h-3", kind="household", place="yuanbu"),
    issues.Contact(contact="works", kind="enterprise", place="yuanbu"),
]


def opening(**changed: Any) -> issues.OpenVisitRound:
    """The command that opens a round, with these fields changed."""
    return issues.OpenVisitRound.model_validate(
        {"title": "三月走亲", "place": "yuanbu", "contacts": CONTACTS, **changed}
    )


def start(**rules: dict[str, Any]) -> ServiceDriver:
    """A service with the open round `round-1`."""
    driver = driver_of(service, **rules)
    driver.say(opening(), "round-1", **FEDERATION)
    return driver


def visit_id(driver: ServiceDriver, contact: str = "h-1") -> str:
    """The id of the visit to this contact, as ListVisits shows it."""
    listed = list_visits(issues.ListVisits(most=200), driver.s).visits
    return next(one.visit for one in listed if one.contact == contact)


def show(driver: ServiceDriver, contact: str = "h-1") -> issues.VisitShown:
    """The answer to ShowVisit about the visit to this contact."""
    return show_visit(issues.ShowVisit(visit=visit_id(driver, contact)), driver.s)


def attempt_visit(driver: ServiceDriver, result: str, contact: str = "h-1", **how: Any) -> list[Said]:
    """The visit is attempted: nobody answers (`no_answer`), or it is refused (`refused`)."""
    return driver.say(
        issues.AttemptVisit.model_validate({"result": result}),
        visit_id(driver, contact),
        **{**FEDERATION, **how},
    )


def make_visit(driver: ServiceDriver, contact: str = "h-1", person: str = "p-1", **how: Any) -> list[Said]:
    """The visit takes place; the visitor meets this person."""
    return driver.say(issues.MakeVisit(person=person), visit_id(driver, contact), **{**FEDERATION, **how})


def record_lists(
    driver: ServiceDriver, problems: int = 1, services: int = 1, contact: str = "h-1", **how: Any
) -> list[Said]:
    """The visitor records the two lists of the visit: `problems` lines in one and `services` lines in the other."""
    lists = issues.RecordVisitLists(problems=[PROBLEM_LINE] * problems, services=[SERVICE_LINE] * services)
    return driver.say(lists, visit_id(driver, contact), **{**FEDERATION, **how})


def make_and_record(driver: ServiceDriver, problems: int = 1, services: int = 1) -> list[str]:
    """The visit takes place and both lists are recorded; returns the ids of the issues and orders, line by line."""
    make_visit(driver)
    (event, *_), *_ = record_lists(driver, problems, services)
    assert isinstance(event, issues.VisitListsRecorded)
    return [line.entity for line in event.lines]


def giving_feedback(*lines: int) -> issues.GiveVisitFeedback:
    """The command that gives feedback on these lines."""
    return issues.GiveVisitFeedback(lines=[issues.LineAnswer(line=line, text="已告知。") for line in lines])


def give_feedback(driver: ServiceDriver, *lines: int, contact: str = "h-1") -> list[Said]:
    """The visitor gives feedback on these lines."""
    return driver.say(giving_feedback(*lines), visit_id(driver, contact), **FEDERATION)


def exchange_events(issue_side: ServiceDriver, matching_side: ServiceDriver) -> None:
    """Each service folds the events that the other has emitted since the last exchange.

    What matching emits in answer to issues is folded by issues in the same call; what issues emits in answer waits for the
    next call.
    """
    for m in issue_side.log:
        matching_side.fold(m)
    issue_side.log.clear()
    for m in matching_side.log:
        issue_side.fold(m)
    matching_side.log.clear()
