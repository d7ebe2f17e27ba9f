"""What was achieved is counted from events: verified action items only, by unit and place (domain.md §2.3)."""

import pytest

from microgov.contracts import issues
from microgov.services.chassis.model import Refused
from microgov.services.issues.actions.action_item import Action
from microgov.services.issues.questions.list import show_achieved
from tests.issues import issue_steps

VERIFY = issues.VerifyActionItem(note="看过", channel="visit")


def test_an_item_counts_once_somebody_else_has_verified_it() -> None:
    driver = issue_steps.start()
    item = issue_steps.do_action_item(driver)
    assert show_achieved(issues.ShowAchieved(), driver.s) == issues.Achieved(
        quantities=[], replaced=[], open_items=1
    )

    driver.say(VERIFY, item, by="p-social", role="social_worker")

    six = issues.Quantity(unit="metre", done=6, at_least=True, items=1, issues=1)
    assert show_achieved(issues.ShowAchieved(), driver.s) == issues.Achieved(
        quantities=[six], replaced=[], open_items=0
    )
    assert show_achieved(issues.ShowAchieved(community="yuanbu"), driver.s).quantities == [six]
    assert show_achieved(issues.ShowAchieved(community="elsewhere"), driver.s).quantities == []


def test_a_sum_may_exceed_32_bits() -> None:
    driver = issue_steps.start()
    item = driver.row(Action, issue_steps.do_action_item(driver))
    more = {column.key: getattr(item, column.key) for column in Action.__mapper__.column_attrs}
    driver.s.add_all(
        Action(**{**more, "id": f"more-{n}", "done": 1_000_000_000, "state": "verified"}) for n in range(3)
    )
    driver.s.flush()

    assert show_achieved(issues.ShowAchieved(), driver.s).quantities[0].done == 3_000_000_000


def test_an_unknown_community_is_refused_with_its_field() -> None:
    with pytest.raises(Refused, match="unknown_place") as refused:
        show_achieved(issues.ShowAchieved(community="nowhere"), issue_steps.start().s)
    assert refused.value.field == "community"
