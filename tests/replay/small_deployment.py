"""A small deployment in memory for tests: a compound, its people, an issue and a ballot."""

from datetime import UTC, datetime, timedelta

from microgov.contracts import directory, issues
from microgov.contracts.fields import Role
from microgov.services.chassis.log import Stored
from microgov.testing.deployment.memory_deployment import MemoryDeployment

TENANT, START = "donghu", datetime(2026, 3, 2, 8, tzinfo=UTC)
OPTIONS = ("fence", "flowers")


def deployment_of(*people: str, **how: object) -> MemoryDeployment:
    """A deployment with a compound in which these people live, and one of the party branch."""
    deployment = MemoryDeployment(TENANT, start=START, **how)  # type: ignore[arg-type]  # the tests' own keywords
    deployment.set_rules()
    for place, kind, parent in ((TENANT, "sub_district", None), ("yuan", "compound", TENANT)):
        command = directory.DefinePlace.model_validate({"kind": kind, "name": place, "parent": parent})
        deployment.send(command, place, "office", Role.OFFICE)
    for person in ("branch", *people):
        home = directory.RegisterPerson(household=f"h-{person}", place="yuan")
        deployment.send(home, person, "office", Role.OFFICE)
    return deployment


def submit(deployment: MemoryDeployment, issue: str = "patch") -> list[Stored]:
    said = issues.SubmitIssue(title="菜地", text="菜地没人管。", place="yuan", channel="app")
    return deployment.send(said, issue, "wang", Role.RESIDENT)


def types(some: list[Stored]) -> list[str]:
    return [stored.subject.split(".")[4] for stored in some]


def ballot_held(deployment: MemoryDeployment, secret: bool) -> None:
    """An issue whose session has a ballot of two days."""
    triage = issues.TriageIssue(
        theme="greening", scale="small", urgency="ordinary", reach="compound", form="micro_topic"
    )
    submit(deployment)
    for command in (issues.AcceptIssue(), triage, issues.OpenDeliberation(topic="topic", title="菜地")):
        deployment.send(command, "patch", "branch")
    for option in OPTIONS:
        proposed = issues.ProposeOption(option=option, text=option, channel="app")
        deployment.send(proposed, "topic", "branch", Role.BRANCH)
    convened = issues.ConveneSession(
        session="session", kind="micro_topic", opens_at=START, closes_at=START + timedelta(days=3)
    )
    deployment.send(convened, "topic", "branch", Role.BRANCH)
    closes = START + timedelta(days=2)
    deployment.send(
        issues.OpenBallot(session="session", kind="one_of", closes_at=closes, secret=secret),
        "ballot",
        "branch",
    )
