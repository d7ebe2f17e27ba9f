"""Sessions in a room: people who hold roles, and the steps of a session."""

from datetime import timedelta
from typing import Any

from microgov.contracts import issues
from microgov.contracts.directory import RoleGranted
from microgov.contracts.fields import Role
from tests.issues import issue_steps
from tests.support.service_driver import ServiceDriver, refusal


def attendance(**people: str) -> issues.RecordAttendance:
    """The attendance of people (p_1 is p-1), each in a class."""
    there = [{"person": person.replace("_", "-"), "role": role} for person, role in people.items()]
    return issues.RecordAttendance.model_validate({"attendees": there}, strict=False)


def grant_role(
    driver: ServiceDriver, person: str, role: str, place: str = "yuanbu-south", **how: Any
) -> None:
    driver.hear(RoleGranted(person=person, role=Role(role), place=place, **how), person)


def convening(
    driver: ServiceDriver, kind: str = "residents_council", session: str = "s-room", **values: Any
) -> issues.ConveneSession:
    window = {"opens_at": driver.now, "closes_at": driver.now + timedelta(hours=3)}
    return issues.ConveneSession.model_validate({"session": session, "kind": kind, **window, **values})


def start_convened(kind: str = "residents_council", **rules: Any) -> ServiceDriver:
    """A session of the kind on the topic `topic-1`, under these rules of procedure."""
    driver = (
        issue_steps.start(procedure={"kinds": [procedure(kind, **rules)]}) if rules else issue_steps.start()
    )
    issue_steps.propose(driver)
    driver.say(convening(driver, kind), "topic-1", by="p-branch")
    return driver


def procedure(kind: str, **values: Any) -> dict[str, Any]:
    invited = [{"role": "resident"}, {"role": "delegate"}, {"role": "property_company", "votes": False}]
    return {"kind": kind, "convened_by": ["branch"], "invited": invited, **values}


def attend(driver: ServiceDriver, *numbers: int) -> None:
    driver.say(attendance(**{f"p_{n}": "resident" for n in numbers}), "s-room", by="p-branch")


def start_opened(*numbers: int, **rules: Any) -> ServiceDriver:
    driver = start_convened(**rules)
    attend(driver, *numbers)
    driver.say(issues.OpenSession(), "s-room", by="p-branch")
    return driver


def opening_ballot(driver: ServiceDriver, secret: bool = False, kind: str = "one_of") -> issues.OpenBallot:
    values = {
        "session": "s-room",
        "kind": kind,
        "closes_at": driver.now + timedelta(hours=1),
        "secret": secret,
    }
    return issues.OpenBallot.model_validate(values)


def tally_line(option: str, agree: int) -> dict[str, Any]:
    """Hands for an option."""
    return {"option": option, "agree": agree, "disagree": 0, "passed": 0}


def code_and_field(
    driver: ServiceDriver, command: Any, subject: str = "s-room", **how: Any
) -> tuple[str, str]:
    refused = refusal(driver, command, subject, **{"by": "p-branch", **how})
    return refused.code, refused.field


def hand_count(*counts: tuple[str, int, int, int], **changed: Any) -> issues.RecordHandCount:
    tally = [
        dict(zip(("option", "agree", "disagree", "passed"), one, strict=True))
        for one in counts or HANDS_BY_OPTION
    ]
    values = {"session": "s-1", "kind": "one_of", "people": 7, "tally": tally, "witnesses": ["p-5", "p-6"]}
    return issues.RecordHandCount.model_validate(values | changed)


HANDS_BY_OPTION = (("opt-fence", 5, 0, 0), ("opt-flowers", 2, 0, 0))
