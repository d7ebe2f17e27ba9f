"""The planner's answers about the current rows, and assignments that follow them."""

from datetime import timedelta

import pytest

from microgov.contracts import matching
from microgov.services.chassis.model import Refused
from microgov.testing.service_driver import change_rules, names, refusal
from tests.matching import order_steps, planning_steps


def test_the_planner_suggests_the_organisation_of_the_offer_and_gives_its_reasons() -> None:
    driver = order_steps.start()
    order_steps.place_and_screen(driver)

    made = planning_steps.plan(driver)

    (one,) = made.suggestions
    assert (one.order, one.organisation, one.provider, one.offer, one.slot) == (
        "order-1",
        "org-1",
        "org-1",
        "offer-1",
        "am",
    )
    assert [(part.name, part.metres) for part in one.why] == [("unknown", 1000), ("unnamed", 500)]
    assert one.cost == 1500
    assert made.orders == 1
    assert made.unplaced == []
    assert one.runner_up is None
    assert one.suggested_from == matching.SuggestedFrom(order=2, organisation=1, offer=2)


def test_asking_for_a_plan_changes_nothing_and_is_for_branch_and_operator() -> None:
    driver = order_steps.start()
    order_steps.place_and_screen(driver)
    before = len(driver.log)

    planning_steps.plan(driver)

    assert len(driver.log) == before
    assert driver.s.pending() == []
    assert {"branch", "operator"} == matching.PlanOrders.ROLES


def test_a_suggestion_is_assigned_like_any_order() -> None:
    driver = order_steps.start()
    order_steps.place_and_screen(driver)
    (one,) = planning_steps.plan(driver).suggestions

    event = driver.say(planning_steps.following(one), "order-1", by="p-branch")[0].event

    assert isinstance(event, matching.OrderAssigned)
    assert event.followed_suggestion
    assert planning_steps.plan(driver).orders == 0, "it is assigned"


@pytest.mark.rule("3.4", "only the branch assigns, a stale suggestion is refused")
def test_a_stale_suggestion_is_refused_with_what_changed() -> None:
    driver = order_steps.start()
    order_steps.place_and_screen(driver)
    order_steps.place_and_screen(driver, "order-2", by="p-2")
    first, second = planning_steps.plan(driver).suggestions[0], planning_steps.plan(driver).unplaced[0]
    assert (second.order, second.rule) == ("order-2", "slot_full")
    order_steps.assign_order(driver, "order-2")

    refused = refusal(driver, planning_steps.following(first), "order-1", by="p-branch")

    assert (refused.code, refused.field) == ("suggestion_stale", "data.suggested_from")
    assert "am" in refused.words.zh
    assert "the slot am (no free place)" in refused.words.en
    said = driver.say(
        planning_steps.following(first).model_copy(update={"suggested_from": None}), "order-1", by="p-branch"
    )
    assert names(said) == ["OrderWaitlisted"], "without `suggested_from` the order goes to the waiting list"


@pytest.mark.parametrize("what", ["order", "organisation", "offer"])
def test_every_version_that_a_suggestion_names_is_checked(what: str) -> None:
    driver = order_steps.start()
    order_steps.place_and_screen(driver)
    (one,) = planning_steps.plan(driver).suggestions
    old = one.suggested_from.model_copy(update={what: 0})

    refused = refusal(
        driver,
        planning_steps.following(one.model_copy(update={"suggested_from": old})),
        "order-1",
        by="p-branch",
    )

    assert refused.code == "suggestion_stale"
    assert f"the {what}" in refused.words.en
    assert "版本 0" in refused.words.zh


def test_one_assignment_leaves_the_other_suggestions_of_a_plan_valid() -> None:
    driver = order_steps.start(capacity=2)
    order_steps.place_and_screen(driver)
    order_steps.place_and_screen(driver, "order-2", by="p-2")

    for one in planning_steps.plan(driver).suggestions:
        assert names(driver.say(planning_steps.following(one), one.order, by="p-branch")) == ["OrderAssigned"]


def test_a_provider_who_served_the_beneficiary_before_is_preferred() -> None:
    driver = order_steps.start(capacity=3)
    order_steps.bring_to_done(driver)
    driver.say(matching.RateOrder(stars=5, channel="app"), "order-1", by="p-1")
    order_steps.place_and_screen(driver, "order-2")
    order_steps.place_and_screen(driver, "order-3", by="p-2")
    driver.now = order_steps.STARTS + timedelta(days=1)

    known, other = planning_steps.plan(driver).suggestions

    assert (known.provider, known.organisation) == ("p-5", "org-1")
    assert [(part.name, part.metres) for part in known.why] == [
        ("unknown", 1000),
        ("fairness", 50),
        ("continuity", -200),
    ]
    assert known.runner_up is not None
    assert known.runner_up.provider == "org-1"
    assert other.provider == "org-1"
    assert other.runner_up is not None
    assert other.runner_up.code == "busy"
    assert "order-2" in other.runner_up.why_not.zh


def test_a_wish_is_suggested_to_an_organisation_filed_at_its_place_without_an_offer() -> None:
    driver = order_steps.start()
    filing = matching.FileOrganisation(
        name="远方社", status="filed", domains=[], places=["elsewhere"], representatives=["p-rep"]
    )
    driver.say(filing, "org-far", by="p-office", role="office")
    driver.say(matching.PlaceOrder(text="想学书法", channel="app"), "wish-1", by="p-1")
    driver.say(matching.ScreenOrder(accepted=True, reason="x"), "wish-1", by="p-branch")

    (one,) = planning_steps.plan(driver).suggestions

    assert (one.organisation, one.offer, one.slot) == ("org-1", None, None)
    assert names(driver.say(planning_steps.following(one), "wish-1", by="p-branch")) == ["OrderAssigned"]


def test_an_order_for_an_offer_with_slots_gets_the_first_slot_with_room() -> None:
    driver = order_steps.start()
    for n in (1, 2, 3):
        placing = matching.PlaceOrder(offer="offer-1", text="x", channel="app")
        driver.say(placing, f"order-{n}", by=f"p-{n}")
        driver.say(matching.ScreenOrder(accepted=True, reason="x"), f"order-{n}", by="p-branch")

    made = planning_steps.plan(driver)

    assert [one.slot for one in made.suggestions] == ["am", "pm"]
    assert [one.order for one in made.unplaced] == ["order-3"]


def test_a_place_promised_to_a_promoted_order_is_suggested_for_no_other_order() -> None:
    driver = order_steps.start()
    for n in (1, 2):
        order_steps.place_and_screen(driver, f"order-{n}", by=f"p-{n}")
        order_steps.assign_order(driver, f"order-{n}")
    driver.say(matching.DeclineAssignment(reason="没人"), "order-1", by="p-rep")

    made = planning_steps.plan(driver)

    assert [one.order for one in made.suggestions] == ["order-2"]
    assert [one.order for one in made.unplaced] == ["order-1"]


def test_a_plan_is_read_page_by_page_and_of_one_place() -> None:
    driver = order_steps.start(capacity=9)
    for n in (1, 2, 3):
        order_steps.place_and_screen(driver, f"order-{n}", by=f"p-{n}")

    first = planning_steps.plan(driver, most=2)
    rest = planning_steps.plan(driver, most=2, after_id=first.next)

    assert [one.order for one in first.suggestions] == ["order-1", "order-2"]
    assert first.next == "order-2"
    assert [one.order for one in rest.suggestions] == ["order-3"]
    assert rest.next is None
    assert rest.orders == 3
    assert planning_steps.plan(driver, "elsewhere").orders == 0
    with pytest.raises(Refused, match="unknown_place"):
        planning_steps.plan(driver, "nowhere")


def test_the_weights_come_from_the_rules() -> None:
    driver = order_steps.start()
    order_steps.place_and_screen(driver)
    change_rules(driver, "planning", unknown_metres=7, unnamed_metres=0)

    assert planning_steps.plan(driver).suggestions[0].cost == 7


def test_a_paused_offer_is_not_suggested_but_its_organisation_is() -> None:
    driver = order_steps.start()
    order_steps.place_and_screen(driver)
    driver.say(matching.PauseOffer(), "offer-1", by="p-branch", role="branch")
    assert order_steps.offer(driver).state == "paused"

    (one,) = planning_steps.plan(driver).suggestions

    assert (one.organisation, one.offer, one.slot) == ("org-1", None, None)
    assert names(driver.say(planning_steps.following(one), "order-1", by="p-branch")) == ["OrderAssigned"]


def test_both_engines_answer_and_a_missing_engine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = order_steps.start()
    order_steps.place_and_screen(driver)

    assert (
        planning_steps.plan(driver, engine="optimal").suggestions == planning_steps.plan(driver).suggestions
    )
    monkeypatch.setitem(__import__("sys").modules, "highspy", None)
    with pytest.raises(Refused, match="engine_missing"):
        planning_steps.plan(driver, engine="optimal")


def test_a_job_counts_for_30_days_and_only_a_completed_service_is_remembered() -> None:
    driver = order_steps.start(capacity=3)
    order_steps.bring_to_staffing(driver)
    order_steps.propose_person(driver, "p-6")
    order_steps.accept_proposal(driver, "p-6")
    driver.say(matching.FailOrder(reason="没来"), "order-1", by="p-branch", role="branch")
    order_steps.place_and_screen(driver, "order-2", by="p-2")
    order_steps.assign_order(driver, "order-2")
    driver.say(matching.AcceptAssignment(), "order-2", by="p-rep")
    order_steps.propose_person(driver, "p-6", "order-2", "prop-2")
    order_steps.accept_proposal(driver, "p-6", "prop-2")
    driver.say(matching.CheckIn(channel="app"), "order-2", by="p-6")
    driver.say(matching.ReportDone(minutes=40, note="x"), "order-2", by="p-rep")
    driver.say(matching.PlaceOrder(text="再来一次", channel="app"), "again", by="p-1")
    driver.say(matching.ScreenOrder(accepted=True, reason="x"), "again", by="p-branch")

    def why(days: int) -> list[tuple[str, int]]:
        at = order_steps.STARTS + timedelta(days=days)
        return [
            (part.name, part.metres)
            for part in planning_steps.plan(driver, at=at.isoformat()).suggestions[0].why
        ]

    assert why(29) == [("unknown", 1000), ("fairness", 50)]
    assert why(31) == [("unknown", 1000)]
