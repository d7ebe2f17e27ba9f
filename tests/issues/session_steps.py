"""Sessions in a room, on the topic `topic-1`: the session is `s-room`, residents come and hold roles.

A function with an imperative name sends commands; one with a gerund or noun as its name builds a command or a part of one.
"""

from datetime import timedelta
from typing import Any

from microgov.contracts import issues
from microgov.contracts.directory import RoleGranted
from microgov.contracts.fields import Role
from microgov.testing.service_driver import ServiceDriver, refusal
from tests.issues import issue_steps


def attendance(**people: str) -> issues.RecordAttendance:
    """The command that records attendance: keywords are people (`p_1` for p-1), values their classes."""
    there = [{"person": person.replace("_", "-"), "role": role} for person, role in people.items()]
    return issues.RecordAttendance.model_validate({"attendees": there}, strict=False)


def grant_role(
    driver: ServiceDriver, person: str, role: str, place: str = "yuanbu-south", **how: Any
) -> None:
    """The service folds the event of the directory by which the person gets the role at the place."""
    driver.hear(RoleGranted(person=person, role=Role(role), place=place, **how), person)


def convening(
    driver: ServiceDriver, kind: str = "residents_council", session: str = "s-room", **values: Any
) -> issues.ConveneSession:
    """The command that convenes a session in a room for three hours from now."""
    window = {"opens_at": driver.now, "closes_at": driver.now + timedelta(hours=3)}
    return issues.ConveneSession.model_validate({"session": session, "kind": kind, **window, **values})


def start_convened(kind: str = "residents_council", **rules: Any) -> ServiceDriver:
    """A service with a session `s-room` of this kind, convened under these rules of procedure."""
    driver = (
        issue_steps.start(procedure={"kinds": [procedure(kind, **rules)]}) if rules else issue_steps.start()
    )
    issue_steps.propose(driver)
    driver.say(convening(driver, kind), "topic-1", by="p-branch")
    return driver


def procedure(kind: str, **values: Any) -> dict[str, Any]:
    """The rules of procedure of one kind of session, in which a property company has no vote."""
    invited = [{"role": "resident"}, {"role": "delegate"}, {"role": "property_company", "votes": False}]
    return {"kind": kind, "convened_by": ["branch"], "invited": invited, **values}


def attend(driver: ServiceDriver, *numbers: int) -> None:
    """The residents p-1, p-2, … of these numbers come."""
    driver.say(attendance(**{f"p_{n}": "resident" for n in numbers}), "s-room", by="p-branch")


def start_opened(*numbers: int, **rules: Any) -> ServiceDriver:
    """A service with an opened session `s-room`, at which the residents of these numbers are present."""
    driver = start_convened(**rules)
    attend(driver, *numbers)
    driver.say(issues.OpenSession(), "s-room", by="p-branch")
    return driver


def opening_ballot(driver: ServiceDriver, secret: bool = False, kind: str = "one_of") -> issues.OpenBallot:
    """The command that opens a ballot for an hour."""
    values = {
        "session": "s-room",
        "kind": kind,
        "closes_at": driver.now + timedelta(hours=1),
        "secret": secret,
    }
    return issues.OpenBallot.model_validate(values)


def tally_line(option: str, agree: int) -> dict[str, Any]:
    """The line of a hand count in which so many agree with the option."""
    return {"option": option, "agree": agree, "disagree": 0, "passed": 0}


def code_and_field(
    driver: ServiceDriver, command: Any, subject: str = "s-room", **how: Any
) -> tuple[str, str]:
    """The error code and the field with which the command of the branch is refused."""
    refused = refusal(driver, command, subject, **{"by": "p-branch", **how})
    return refused.code, refused.field


def hand_count(*counts: tuple[str, int, int, int], **changed: Any) -> issues.RecordHandCount:
    """The command that records a hand count: option, agree, disagree and pass in each of `counts`."""
    tally = [
        dict(zip(("option", "agree", "disagree", "passed"), one, strict=True))
        for one in counts or HANDS_BY_OPTION
    ]
    values = {"session": "s-1", "kind": "one_of", "people": 7, "tally": tally, "witnesses": ["p-5", "p-6"]}
    return issues.RecordHandCount.model_validate(values | changed)


HANDS_BY_OPTION = (("opt-fence", 5, 0, 0), ("opt-flowers", 2, 0, 0))
"""For each option: how many agree, how many disagree, how many pass."""


def raising_disagreement(*parties: list[str], **values: Any) -> issues.RaiseDisagreement:
    """The command that raises a disagreement: a position for each list of parties."""
    positions = [{"text": f"这样{n}", "parties": one} for n, one in enumerate(parties or (["p-1"], ["p-4"]))]
    return issues.RaiseDisagreement.model_validate(
        {"topic": "topic-1", "title": "围不围", "positions": positions, **values}
    )
