"""Questions about many rows: filtered, page by page; whether an offer is full follows from its slots."""

from collections.abc import Callable
from typing import Any

import pytest

from microgov.contracts import matching
from microgov.contracts.message import Question
from microgov.services.chassis.model import Refused
from microgov.services.matching.handlers import service
from microgov.testing.service_driver import ServiceDriver
from tests.matching import order_steps, provider_steps


def answer_to(driver: ServiceDriver, question: Question) -> Any:
    """The service's answer to the question."""
    driver.s.flush()
    return service.questions[type(question)](question, driver.s)


def start_with_offers() -> ServiceDriver:
    """A service with three organisations and two offers, one of them full with two orders on its waiting list."""
    driver = order_steps.start()
    others = {
        "org-2": ("yuanbu-south", "organisation", "dormant"),
        "mill": ("elsewhere", "enterprise", "active"),
    }
    for id, (place, kind, stage) in others.items():
        given = {
            "name": id,
            "status": "registered",
            "domains": [],
            "representatives": ["p-rep"],
            "places": [place],
            "kind": kind,
            "stage": stage,
        }
        driver.say(matching.FileOrganisation.model_validate(given), id, by="p-office", role="office")
    driver.say(order_steps.offering(module="care"), "offer-2", by="p-rep")
    driver.say(matching.CancelSlot(slot="pm", reason="x"), "offer-1", by="p-branch")
    for n in (1, 2, 3):
        order_steps.place_and_screen(driver, f"order-{n}", by=f"p-{n}")
        order_steps.assign_order(driver, f"order-{n}")
    provider_steps.register(driver)
    provider_steps.register(driver, "p-6", organisations=[], languages=["english"])
    provider_steps.verify(driver, "p-6")
    return driver


Cases = tuple[tuple[dict[str, Any], list[str]], ...]
"""Filters of a list, and the ids that it has with them."""
ORGANISATIONS: Cases = (
    ({}, ["mill", "org-1", "org-2"]),
    ({"kind": "enterprise"}, ["mill"]),
    ({"kind": "organisation"}, ["org-1", "org-2"]),
    ({"stage": "dormant"}, ["org-2"]),
    ({"stage": "active"}, ["mill", "org-1"]),
    ({"status": "filed"}, ["org-1"]),
    ({"community": "yuanbu-south"}, ["org-1", "org-2"]),
    ({"community": "yuanbu"}, ["org-1", "org-2"]),
    ({"community": "elsewhere"}, ["mill"]),
    ({"community": "donghu"}, ["mill", "org-1", "org-2"]),
)
PROVIDERS: Cases = (
    ({}, ["p-5", "p-6"]),
    ({"organisation": "org-1"}, ["p-5"]),
    ({"able": "english"}, ["p-6"]),
    ({"able": "health"}, ["p-6"]),
    ({"community": "yuanbu"}, ["p-5", "p-6"]),
    ({"community": "elsewhere"}, []),
)
OFFERS: Cases = (
    ({}, ["offer-1", "offer-2"]),
    ({"state": "published"}, ["offer-1"]),
    ({"module": "care"}, ["offer-2"]),
    ({"free": True}, ["offer-2"]),
    ({"free": False}, ["offer-1"]),
    ({"organisation": "org-2"}, []),
    ({"community": "yuanbu"}, ["offer-1", "offer-2"]),
    ({"community": "yuanbu-south"}, []),
)
ORDERS: Cases = (
    ({}, ["order-1", "order-2", "order-3"]),
    ({"state": "waitlisted"}, ["order-2", "order-3"]),
    ({"organisation": "org-1"}, ["order-1"]),
    ({"beneficiary": "p-2"}, ["order-2"]),
    ({"community": "elsewhere"}, []),
    ({"offer": "offer-1", "community": "yuanbu"}, ["order-1", "order-2", "order-3"]),
)
QUESTIONS: tuple[tuple[type[Any], str, str, Cases], ...] = (
    (matching.ListOrganisations, "organisations", "organisation", ORGANISATIONS),
    (matching.ListProviders, "providers", "person", PROVIDERS),
    (matching.ListOffers, "offers", "offer", OFFERS),
    (matching.ListOrders, "orders", "order", ORDERS),
)
"""The question, the field of its answer with the rows, the field of a row with the id, and the cases."""


@pytest.mark.parametrize(
    ("question", "many", "one", "cases"), QUESTIONS, ids=[many for _, many, _, _ in QUESTIONS]
)
def test_a_list_has_what_is_asked_for_page_by_page(
    question: Callable[..., Question], many: str, one: str, cases: Cases
) -> None:
    driver = start_with_offers()

    for wanted, expected in cases:
        answer = answer_to(driver, question(**wanted))
        assert ([getattr(row, one) for row in getattr(answer, many)], answer.next) == (expected, None), wanted
    first = answer_to(driver, question(most=1))
    second = answer_to(driver, question(most=200, after_id=first.next))
    assert [getattr(row, one) for row in (*getattr(first, many), *getattr(second, many))] == cases[0][1]


@pytest.mark.parametrize(
    "question",
    [matching.ListOffers(state="asleep"), matching.ListOrders(state="asleep")],
    ids=lambda q: q.NAME,
)
def test_an_unknown_state_is_refused(question: Question) -> None:
    with pytest.raises(Refused, match="unknown_state"):
        answer_to(start_with_offers(), question)


def test_an_unknown_community_is_refused() -> None:
    for question in (
        matching.ListOrganisations,
        matching.ListProviders,
        matching.ListOffers,
        matching.ListOrders,
    ):
        with pytest.raises(Refused, match="unknown_place"):
            answer_to(start_with_offers(), question(community="nowhere"))


@pytest.mark.rule("3.2", "*full* is derived, never a state")
def test_full_is_derived_and_a_cancelled_slot_has_no_place() -> None:
    driver = start_with_offers()

    listed = answer_to(driver, matching.ListOffers()).offers
    shown = answer_to(driver, matching.ShowOffer(offer="offer-1"))

    assert [(one.capacity, one.taken, one.waiting, one.full) for one in listed] == [
        (1, 1, 2, True),
        (0, 0, 0, False),
    ]
    assert [(slot.slot, slot.capacity) for slot in shown.slots] == [("am", 1), ("pm", 0)]
    assert shown.full
    driver.say(
        matching.AddSlots(slots=[order_steps.slot("late")]), "offer-1", by="p-rep", role="organisation"
    )
    assert not answer_to(driver, matching.ShowOffer(offer="offer-1")).full


def test_the_waiting_list_is_in_order_and_page_by_page() -> None:
    driver = start_with_offers()

    first = answer_to(driver, matching.ListWaiting(offer="offer-1", most=1))
    second = answer_to(driver, matching.ListWaiting(offer="offer-1", slot="am", after_key=first.next))

    assert [(one.order, one.number, one.beneficiary) for one in first.waiting] == [("order-2", 1, "p-2")]
    assert [(one.order, one.number, one.promoted) for one in second.waiting] == [("order-3", 2, False)]
    with pytest.raises(Refused, match="unknown_slot"):
        answer_to(driver, matching.ListWaiting(offer="offer-1", slot="night"))


def test_answers_about_an_organisation_and_a_provider_show_their_details() -> None:
    driver = start_with_offers()
    driver.say(provider_steps.setting_availability(), "p-6", by="p-6", role="resident")

    organisation = answer_to(driver, matching.ShowOrganisation(organisation="org-1"))
    provider, other = (
        answer_to(driver, matching.ShowProvider(person="p-6")),
        answer_to(driver, matching.ShowProvider(person="p-5")),
    )

    assert (organisation.kind, organisation.stage, organisation.offers) == ("organisation", "active", 1)
    assert (provider.availability, other.availability, len(provider.qualifications)) == (
        "weekly",
        "unknown",
        1,
    )
    driver.say(matching.WithdrawAvailability(), "p-6", by="p-6", role="resident")
    assert answer_to(driver, matching.ShowProvider(person="p-6")).availability == "withdrawn"
