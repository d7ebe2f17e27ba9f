"""Rates of issues, always computed twice: from the rows and from the log."""

from datetime import timedelta

from microgov.contracts import issues
from microgov.services.issues.questions import rates_from_log
from microgov.services.issues.questions.rates import show_rates
from microgov.testing.service_driver import START, ServiceDriver

WHOLE_TIME = {"from_": START - timedelta(days=9), "to": START + timedelta(days=999)}
"""A window around everything that happens in a test."""


def ask_rates(driver: ServiceDriver, **window: object) -> dict[str, issues.RateShown]:
    """The rates by name within the window; asserts that the rows and the log give the same rates."""
    question = issues.ShowRates.model_validate({**WHOLE_TIME, **window})
    found = show_rates(question, driver.s).rates
    assert rates_from_log.rates(driver.everything, question) == found
    assert tuple(one.rate for one in found) == issues.RATES
    return {one.rate: one for one in found}


def figures(rate: issues.RateShown) -> tuple[int, int, dict[str, int], int]:
    """Numerator, denominator, number excluded by reason, number unreachable."""
    return (
        rate.numerator,
        rate.denominator,
        {one.reason: one.count for one in rate.excluded},
        rate.unreachable,
    )


def answer_survey(
    driver: ServiceDriver,
    person: str,
    contacted: bool = True,
    solved: bool = True,
    satisfied: bool = True,
    **how: str,
) -> None:
    """The person answers the survey about the closed issue."""
    answers = issues.AnswerSurvey(contacted=contacted, solved=solved, satisfied=satisfied, channel="app")
    driver.say(answers, "veg-1", by=person, **how)  # type: ignore[arg-type]  # roles and people
