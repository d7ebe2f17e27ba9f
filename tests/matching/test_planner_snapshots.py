"""The snapshot that the planner gets of providers: where they live, what they can do, when they are available."""

from datetime import timedelta

import pytest

from microgov.contracts import matching
from microgov.contracts.directory import PersonRegistered, PlaceDefined
from microgov.testing.service_driver import START, ServiceDriver, names
from tests.matching import order_steps, planning_steps, provider_steps, serving_steps


def place_on_map(driver: ServiceDriver, place: str, latitude: int, longitude: int) -> None:
    """The service folds the place again, with a position (WGS 84) in millionths of a degree."""
    path = {"yuanbu-south": ["yuanbu-south", "yuanbu", "donghu"], "elsewhere": ["elsewhere", "donghu"]}[place]
    where = {"latitude": latitude, "longitude": longitude, "crs": "wgs84"}
    driver.hear(
        PlaceDefined.model_validate({"kind": "compound", "name": place, "path": path, "pin": where}), place
    )


@pytest.mark.rule(
    "3.4", "the way, the qualifications required on the day and the weekly availability of providers count"
)
def test_the_registered_provider_with_the_shorter_way_is_suggested() -> None:
    driver = order_steps.start(capacity=3)
    place_on_map(driver, "yuanbu-south", 30_420_000, 120_300_000)
    place_on_map(driver, "elsewhere", 30_420_000, 120_310_000)
    driver.hear(PersonRegistered(person="p-6", household="h-3", place="elsewhere", language="en"), "p-6")
    for person in ("p-5", "p-6"):
        provider_steps.register(driver, person, languages=["mandarin"])
    order_steps.place_and_screen(driver)

    (one,) = planning_steps.plan(driver).suggestions

    assert one.provider == "p-5"
    assert [(part.name, part.metres) for part in one.why] == [("distance", 0)]
    assert one.runner_up is not None
    assert one.runner_up.provider == "p-6"
    assert 900 < one.runner_up.cost < 1000


@pytest.mark.rule(
    "3.4", "the way, the qualifications required on the day and the weekly availability of providers count"
)
def test_a_provider_without_a_qualification_required_on_that_day_is_not_suggested() -> None:
    driver = order_steps.start()
    wanted = [provider_steps.HEALTH, matching.Qualification(kind="language", name="wenzhou")]
    driver.say(order_steps.offering(order_steps.slot("x"), requires=wanted), "offer-2", by="p-rep")
    driver.say(matching.PublishOffer(), "offer-2", by="p-branch")
    for person, spoken in (("p-5", "wenzhou"), ("p-6", "wenzhou"), ("p-7", "mandarin")):
        provider_steps.register(driver, person, languages=[spoken])
    for person, days in (("p-5", 9), ("p-6", 20), ("p-7", 20)):
        provider_steps.verify(driver, person, (START + timedelta(days=days)).date().isoformat())
    placing = matching.PlaceOrder(offer="offer-2", slot="x", text="x", channel="app")
    driver.say(placing, "order-1", by="p-1")
    driver.say(matching.ScreenOrder(accepted=True, reason="x"), "order-1", by="p-branch")

    (one,) = planning_steps.plan(driver).suggestions
    assert {one.provider, one.runner_up.provider if one.runner_up else None} == {"p-6", "org-1"}
    for revoked in ("p-6", "p-5"):
        driver.say(
            matching.RevokeQualification(qualification=provider_steps.HEALTH, reason="x"),
            revoked,
            by="p-branch",
            role="branch",
        )
    driver.say(
        matching.RevokeQualification(qualification=provider_steps.HEALTH, reason="x"),
        "p-7",
        by="p-branch",
        role="branch",
    )
    assert [one.rule for one in planning_steps.plan(driver).unplaced] == ["qualification"]


@pytest.mark.rule(
    "3.4", "the way, the qualifications required on the day and the weekly availability of providers count"
)
def test_a_provider_who_is_not_available_then_is_not_suggested() -> None:
    driver = order_steps.start()
    provider_steps.register(driver, "p-5")
    provider_steps.register(driver, "p-6")
    starts = order_steps.STARTS + timedelta(hours=8)  # local time is UTC+8
    opens = starts.hour * 60
    for person, weekday in (("p-5", starts.isoweekday()), ("p-6", starts.isoweekday() % 7 + 1)):
        driver.say(
            provider_steps.setting_availability(weekday, opens, opens + 120),
            person,
            by="p-branch",
            role="branch",
        )
    order_steps.place_and_screen(driver)

    (one,) = planning_steps.plan(driver).suggestions
    assert {one.provider, one.runner_up.provider if one.runner_up else None} == {"p-5", "org-1"}

    off = provider_steps.setting_availability(
        starts.isoweekday(), opens, opens + 120, (starts.date().isoformat(),)
    )
    driver.say(off, "p-5", by="p-branch", role="branch")
    (one,) = planning_steps.plan(driver).suggestions
    assert (one.provider, one.runner_up) == ("org-1", None)


def test_the_order_that_has_waited_longest_goes_first() -> None:
    driver = order_steps.start(capacity=1)
    order_steps.place_and_screen(driver, "order-z")
    driver.wait(days=3)
    order_steps.place_and_screen(driver, "order-a", by="p-2")

    found = planning_steps.plan(driver)

    assert [one.order for one in found.suggestions] == ["order-z"]
    assert [(one.order, one.rule) for one in found.unplaced] == [("order-a", "slot_full")]


@pytest.mark.rule(
    "3.4", "an order that the branch screens as urgent goes first; how many people it needs counts"
)
def test_an_order_screened_as_urgent_goes_first() -> None:
    driver = order_steps.start(capacity=1)
    order_steps.place_and_screen(driver, "order-a")
    driver.wait(days=3)
    order_steps.place_order(driver, "order-z", by="p-2")
    said = driver.say(
        matching.ScreenOrder(accepted=True, reason="x", urgency="urgent"), "order-z", by="p-branch"
    )[0].event

    found = planning_steps.plan(driver)

    assert isinstance(said, matching.OrderAccepted)
    assert said.urgency == "urgent"
    assert [one.order for one in found.suggestions] == ["order-z"]


@pytest.mark.rule(
    "3.4", "an order that the branch screens as urgent goes first; how many people it needs counts"
)
def test_an_order_screened_as_needing_two_and_a_lead_is_planned_and_assigned_so() -> None:
    driver = order_steps.start()
    for person, role in (("p-5", "volunteer"), ("p-6", "volunteer"), ("p-7", "social_worker")):
        provider_steps.register(driver, person, roles=[role])
    order_steps.place_order(driver)
    both = matching.Staffing(people=2, lead=True)
    driver.say(matching.ScreenOrder(accepted=True, reason="x", staffing=both), "order-1", by="p-branch")

    found = planning_steps.plan(driver)
    assert [one.provider for one in found.suggestions] in (["p-5", "p-7"], ["org-1"])
    order_steps.assign_order(driver)
    driver.say(matching.AcceptAssignment(), "order-1", by="p-rep")
    serving_steps.make_social_worker(driver)
    serving_steps.ask(driver, "p-7", duty="lead")
    serving_steps.ask(driver, "p-5")
    lead = names(order_steps.accept_proposal(driver, "p-7", "order-1-p-7"))
    second = names(order_steps.accept_proposal(driver, "p-5", "order-1-p-5"))
    assert (lead, second) == (["ProposalAccepted"], ["ProposalAccepted", "OrderStaffed"])


@pytest.mark.rule("3.4", "a provider who is in a plan already stays in it (`plan --so-far FILE`)")
def test_a_provider_in_the_plan_so_far_stays_in_it() -> None:
    driver = order_steps.start()
    for person in ("p-5", "p-6"):
        provider_steps.register(driver, person)
    order_steps.place_and_screen(driver)

    (one,) = planning_steps.plan(driver).suggestions
    (other,) = planning_steps.plan(driver, so_far=[{"order": "order-1", "provider": "p-6"}]).suggestions

    assert one.provider == "p-5"
    assert other.provider == "p-6"
    assert [(part.name, part.metres) for part in other.why][-1] == ("stability", -300)


def test_a_provider_with_a_conflict_is_not_suggested() -> None:
    driver = order_steps.start()
    provider_steps.register(driver, "p-5", conflicts=["p-1"])
    order_steps.place_and_screen(driver)

    (one,) = planning_steps.plan(driver).suggestions

    assert (one.provider, one.runner_up) == ("org-1", None)
