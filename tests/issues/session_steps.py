"""Sessions in a room: people who hold roles, and the steps of a session."""

from datetime import timedelta
from typing import Any

from microgov.contracts import issues
from microgov.contracts.directory import RoleGranted
from microgov.contracts.fields import Role
from tests.issues import issue_steps
from tests.support.service_driver import Talk


def came(**people: str) -> issues.RecordAttendance:
    """The attendance of people (p_1 is p-1), each in a class."""
    there = [{"person": person.replace("_", "-"), "role": role} for person, role in people.items()]
    return issues.RecordAttendance.model_validate({"attendees": there}, strict=False)


def grant(talk: Talk, person: str, role: str, place: str = "yuanbu-south", **how: Any) -> None:
    talk.hear(RoleGranted(person=person, role=Role(role), place=place, **how), person)


def convening(
    talk: Talk, kind: str = "residents_council", session: str = "s-room", **values: Any
) -> issues.ConveneSession:
    window = {"opens_at": talk.now, "closes_at": talk.now + timedelta(hours=3)}
    return issues.ConveneSession.model_validate({"session": session, "kind": kind, **window, **values})


def convened(kind: str = "residents_council", **rules: Any) -> Talk:
    """A session of the kind on the topic `topic-1`, under these rules of procedure."""
    talk = issue_steps.start(procedure={"kinds": [rule(kind, **rules)]}) if rules else issue_steps.start()
    issue_steps.propose(talk)
    talk.say(convening(talk, kind), "topic-1", by="p-branch")
    return talk


def rule(kind: str, **values: Any) -> dict[str, Any]:
    invited = [{"role": "resident"}, {"role": "delegate"}, {"role": "property_company", "votes": False}]
    return {"kind": kind, "convened_by": ["branch"], "invited": invited, **values}


def attend(talk: Talk, *numbers: int) -> None:
    talk.say(came(**{f"p_{n}": "resident" for n in numbers}), "s-room", by="p-branch")


def opened(*numbers: int, **rules: Any) -> Talk:
    talk = convened(**rules)
    attend(talk, *numbers)
    talk.say(issues.OpenSession(), "s-room", by="p-branch")
    return talk


def opening(talk: Talk, secret: bool = False, kind: str = "one_of") -> issues.OpenBallot:
    values = {"session": "s-room", "kind": kind, "closes_at": talk.now + timedelta(hours=1), "secret": secret}
    return issues.OpenBallot.model_validate(values)


def line(option: str, agree: int) -> dict[str, Any]:
    """Hands for an option."""
    return {"option": option, "agree": agree, "disagree": 0, "passed": 0}
