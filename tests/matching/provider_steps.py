"""People who serve: registered, with verified qualifications and times at which they are available."""

from typing import Any

from microgov.contracts import matching
from microgov.services.chassis.model import Said
from microgov.services.matching.questions.show import show_provider
from microgov.testing.service_driver import ServiceDriver

HEALTH = matching.Qualification(kind="check", name="health")


def registering(**values: Any) -> matching.RegisterProvider:
    """The command that registers a provider, with these fields changed."""
    given = {"organisations": ["org-1"], "roles": ["volunteer"], "languages": ["mandarin", "wenzhou"]}
    return matching.RegisterProvider.model_validate_json(
        matching.RegisterProvider.model_validate({**given, **values}, strict=False).model_dump_json()
    )


def show(driver: ServiceDriver, person: str = "p-5") -> matching.ProviderShown:
    """The answer to ShowProvider."""
    return show_provider(matching.ShowProvider(person=person), driver.s)


def register(driver: ServiceDriver, person: str = "p-5", **values: Any) -> list[Said]:
    """The branch registers the person; returns the events."""
    return driver.say(registering(**values), person, by="p-branch", role="branch")


def verify(
    driver: ServiceDriver,
    person: str = "p-5",
    until: str | None = None,
    by: str = "p-branch",
    wanted: matching.Qualification = HEALTH,
) -> list[Said]:
    """Somebody verifies a qualification of the person, valid up to and including the day `until`; returns the events."""
    return driver.say(
        matching.VerifyQualification(qualification=wanted, valid_until=until), person, by=by, role="branch"
    )


def setting_availability(
    weekday: int = 6, opens: int = 540, closes: int = 720, days_off: tuple[str, ...] = ()
) -> matching.SetAvailability:
    """The command that sets one weekly window (minutes of the local day) and the days off."""
    window = matching.Weekly(weekday=weekday, from_minute=opens, to_minute=closes)
    return matching.SetAvailability(weekly=[window], days_off=list(days_off))
