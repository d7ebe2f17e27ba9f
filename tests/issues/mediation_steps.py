"""A mediation `m-1` of the issue `veg-1` between p-1 and p-3, step by step; p-8, a dasao, mediates.

Functions named `start…` begin with a new service; the others send a command and return its events.
Every free text is `SECRET`, which may appear in no event.
"""

from datetime import timedelta
from typing import Any

from microgov.contracts import issues
from microgov.testing.service_driver import ServiceDriver
from tests.issues import issue_steps

SECRET = "只在屋里说的话"


CONSENT = issues.ConsentToMediation(channel="app")


HOLD = issues.HoldMediation(note=SECRET)


FAIL = issues.FailMediation(reason=SECRET, rights_told=True)


def start_requested(parties: tuple[str, ...] = ("p-1", "p-3"), **rules: Any) -> ServiceDriver:
    """A service with a routed issue and a mediation that these parties are asked to consent to."""
    driver = issue_steps.start(**rules)
    issue_steps.triage(driver)
    driver.say(issues.RouteIssue(owner="o-1", rule="by_hand"), "veg-1", by="p-branch")
    request(driver, parties)
    return driver


def request(driver: ServiceDriver, parties: tuple[str, ...], mediation: str = "m-1") -> list[Any]:
    """p-1 requests a mediation between these parties."""
    asking = {
        "mediation": mediation,
        "parties": list(parties),
        "instrument": "informal",
        "reason": SECRET,
        "channel": "app",
    }
    return driver.say(issues.RequestMediation.model_validate(asking), "veg-1", by="p-1")


def start_agreed(**rules: Any) -> ServiceDriver:
    """A service with a mediation that both parties have consented to."""
    driver = start_requested(**rules)
    for party in ("p-1", "p-3"):
        driver.say(CONSENT, "m-1", by=party)
    return driver


def start_in_session(**rules: Any) -> ServiceDriver:
    """A service with an agreed mediation, of which p-8, the mediator, has held the first session."""
    driver = start_agreed(**rules)
    assign_mediator(driver)
    driver.say(HOLD, "m-1", by="p-8", role="dasao")
    return driver


def assign_mediator(driver: ServiceDriver, mediator: str = "p-8") -> list[Any]:
    """The branch names the mediator."""
    return driver.say(issues.AssignMediator(mediator=mediator), "m-1", by="p-branch")


def settle(driver: ServiceDriver, by: str = "p-8", days: int = 10) -> list[Any]:
    """The mediator records a settlement, to be performed within so many days."""
    settling = issues.SettleMediation(
        facts=SECRET, terms=[SECRET, SECRET], performance=SECRET, perform_by=driver.now + timedelta(days=days)
    )
    return driver.say(settling, "m-1", by=by, role="dasao")


def follow_up(driver: ServiceDriver, performed: bool, by: str = "p-social") -> list[Any]:
    """A social worker records whether the settlement was performed."""
    return driver.say(
        issues.FollowUpMediation(performed=performed, note=SECRET), "m-1", by=by, role="social_worker"
    )
