"""An emergency, step by step: accepted, acted upon at once, and deliberated afterwards."""

from typing import Any

from microgov.contracts import issues
from microgov.testing.service_driver import ServiceDriver
from tests.issues import issue_steps

DISPATCH = issues.DispatchEmergency(owner="water-crew", action="先关总阀，再抢修。")


def start_accepted(**rules: dict[str, Any]) -> ServiceDriver:
    """A service with an accepted issue `veg-1`, which is not triaged."""
    driver = issue_steps.start(**rules)
    issue_steps.submit(driver)
    driver.say(issues.AcceptIssue(), "veg-1", by="p-branch")
    return driver


def dispatch(driver: ServiceDriver) -> list[Any]:
    """The branch sends somebody at once; returns the events."""
    return driver.say(DISPATCH, "veg-1", by="p-branch")


def deliberate(driver: ServiceDriver) -> None:
    """A topic about the emergency, up to the confirmed minutes."""
    driver.say(issues.OpenDeliberation(topic="topic-1", title="怎么避免再发生"), "veg-1", by="p-branch")
    driver.say(issues.ProposeOption(option="opt-fence", text="换管", channel="app"), "topic-1", by="p-1")
    driver.say(issue_steps.convening(driver), "topic-1", by="p-branch")
    opening = issues.OpenBallot.model_validate(
        {"session": "s-1", "kind": "one_of", "closes_at": driver.now.replace(day=4)}
    )
    driver.say(opening, "b-1", by="p-branch")
    for person in ("p-1", "p-2", "p-3"):
        driver.say(issue_steps.voting(), "b-1", by=person)
    driver.wait(days=3)
    driver.say(issues.DraftMinutes(text="记录"), "s-1", by="p-branch")
    for person in ("p-1", "p-2"):
        driver.say(issues.ConfirmMinutes(channel="app"), "s-1", by=person)


RULES_IN_WORKING_DAYS: dict[str, Any] = {
    "calendar": {"years": [issue_steps.YEAR]},
    "afterwards": {"working_days": 3},
}
"""Rules by which an emergency must be deliberated within three working days."""
