"""The number of database statements for a batch does not grow with its messages: rows are loaded for all of them at once."""

from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from microgov.contracts import issues
from microgov.contracts.fields import Role
from microgov.contracts.message import Command
from microgov.services.chassis.fold.fold import Fold
from microgov.services.chassis.log import Stored
from microgov.services.chassis.messages.parsed import Parsed
from microgov.services.chassis.replay.feeding import prepare
from microgov.services.issues.handlers import service
from microgov.services.issues.issue.issue import Issue
from microgov.testing.driver_session import DriverSession
from microgov.testing.service_driver import ServiceDriver, driver_of
from tests.issues import issue_steps

RULES: dict[str, Any] = {
    "calendar": {"years": [issue_steps.YEAR]},
    "clocks": {"dispatch_days": 1, "first_contact_days": 2, "report_back_days": 5},
    "afterwards": {"working_days": 5},
}
STEPS: list[tuple[str, Command]] = [
    ("submitted", issues.AcceptIssue()),
    ("submitted", issues.DeclineIssue(ground="abuse", reason="x")),
    ("accepted", issues.DispatchEmergency(owner="crew", action="x")),
    ("triaged", issues.RouteIssue(owner="crew", rule="by_hand")),
    ("routed", issues.ReturnIssue(reason="x")),
    ("routed", issues.ReferIssue(to="o-1", reason="x")),
    ("routed", issues.EscalateIssue(reason="x")),
    ("in_action", issues.ReportResult(text="x")),
    ("reported", issues.CloseIssue(outcome="resolved")),
]


def statement_count(state: str, command: Command, count: int) -> int:
    """How many statements it takes to fold a batch: this command about each of `count` issues in this state."""
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False})
    prepare(engine, service)
    with DriverSession(engine) as s:
        driver = driver_of(service, s, **RULES)
        for n in range(count):
            driver.say(
                issues.SubmitIssue(title="x", text="x", place="yuanbu-south", channel="app"),
                f"veg-{n}",
                by="p-1",
            )
            issue: Issue = driver.row(Issue, f"veg-{n}")
            issue.state, issue.records = state, 1
        s.commit()
        batch = [_parsed(driver, command, n) for n in range(count)]
    counted: list[str] = []
    with engine.begin() as c:
        sa.event.listen(engine, "before_cursor_execute", lambda *one: counted.append(one[2]))
        drafts, folded = Fold(service, "donghu").fold(c, batch)
    assert folded == count
    assert len(drafts) >= count
    assert b"refused" not in drafts[0].numbered(1).data
    return len(counted)


def _parsed(driver: ServiceDriver, command: Command, n: int) -> Parsed:
    """The command about the n-th issue, as the n-th message read from the log."""
    at: datetime = driver.now
    m: Any = driver.envelope(command, f"veg-{n}", by="p-branch", role=Role.BRANCH, scope="donghu", at=at)
    return Parsed(Stored(n + 1, f"log.donghu.gateway.{m.type}", b"{}"), m)


@pytest.mark.parametrize(
    ("state", "command"), STEPS, ids=lambda one: one if isinstance(one, str) else type(one).__name__
)
def test_a_batch_of_thirty_takes_as_many_statements_as_a_batch_of_three(state: str, command: Command) -> None:
    assert statement_count(state, command, 30) == statement_count(state, command, 3)
