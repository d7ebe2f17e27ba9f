"""Coverage of a round of visits, and lists of visits by round, state and place."""

from typing import Any

import pytest

from microgov.contracts import issues
from microgov.services.chassis.model import Refused
from microgov.services.issues.questions.rates import show_rates
from microgov.services.issues.questions.visits import list_visits
from tests.issues import visit_steps
from tests.issues.rate_steps import WHOLE_TIME, ask_rates


@pytest.mark.rule("2.4", "a round's contact list is frozen, refusals stay in it")
def test_coverage_is_of_the_frozen_list_and_refusals_stay_in_it() -> None:
    driver = visit_steps.start()
    visit_steps.attempt_visit(driver, "no_answer", "h-1")
    visit_steps.make_visit(driver, "h-1")
    visit_steps.attempt_visit(driver, "refused", "h-2")
    visit_steps.attempt_visit(driver, "no_answer", "works")

    rate, south = (
        ask_rates(driver)["visit_coverage"],
        ask_rates(driver, community="yuanbu-south")["visit_coverage"],
    )

    assert (rate.numerator, rate.denominator, rate.refused, rate.unreachable, rate.excluded) == (
        1,
        4,
        1,
        1,
        [],
    )
    assert (south.numerator, south.denominator, south.refused, south.unreachable) == (1, 2, 1, 0)
    later = issues.ShowRates.model_validate({**WHOLE_TIME, "from_": driver.now.replace(year=2027)})
    assert show_rates(later, driver.s).rates[-1].denominator == 0


def test_visits_are_listed_by_round_state_and_place_page_by_page() -> None:
    driver = visit_steps.start()
    driver.say(visit_steps.opening(contacts=visit_steps.CONTACTS[:1]), "round-2", **visit_steps.FEDERATION)
    visit_steps.attempt_visit(driver, "refused", "h-2")

    def found(**wanted: Any) -> list[str]:
        listed, after = list[str](), None
        while True:
            page = list_visits(
                issues.ListVisits.model_validate({"most": 2, **wanted, "after_id": after}), driver.s
            )
            listed += [one.visit for one in page.visits]
            after = page.next
            if after is None:
                return listed

    assert len(found()) == 5
    assert found() == sorted(found())
    assert [len(found(round=name)) for name in ("round-1", "round-2")] == [4, 1]
    assert found(state="attempted") == [visit_steps.visit_id(driver, "h-2")]
    assert len(found(community="yuanbu-south", round="round-1")) == 2
    for name, code in (("state", "unknown_state"), ("round", "not_found"), ("community", "unknown_place")):
        with pytest.raises(Refused) as caught:
            found(**{name: "x"})
        assert (caught.value.code, caught.value.field) == (code, name)
