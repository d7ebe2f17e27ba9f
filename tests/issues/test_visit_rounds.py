"""Rounds of visits 入户联企走亲: who opens one, and its frozen list of households and enterprises."""

from typing import Any

import pytest

from microgov.contracts import issues
from microgov.contracts.validation.incoming import incoming
from microgov.contracts.validation.strict_json import MAX_BYTES
from microgov.testing.service_driver import refusal
from tests.issues import visit_steps


def test_a_round_freezes_its_contact_list_of_households_and_enterprises() -> None:
    driver = visit_steps.start()

    opened, *planned = [m.data for m in driver.log]

    assert (opened.households, opened.enterprises) == (3, 1)
    assert [(one.contact, one.kind, one.place) for one in planned] == [
        ("h-1", "household", "yuanbu-south"),
        ("h-2", "household", "yuanbu-south"),
        ("h-3", "household", "yuanbu"),
        ("works", "enterprise", "yuanbu"),
    ]
    assert (
        refusal(driver, visit_steps.opening(), "round-1", **visit_steps.FEDERATION).code == "already_exists"
    )


def household(place: str) -> dict[str, str]:
    """The household h-9 as a contact at this place."""
    return {"contact": "h-9", "kind": "household", "place": place}


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        (
            {"contacts": [*visit_steps.CONTACTS, visit_steps.CONTACTS[0]]},
            "contact_twice",
            "data.contacts.4.contact",
        ),
        ({"contacts": [household("nowhere")]}, "unknown_place", "data.contacts.0.place"),
        ({"contacts": [household("elsewhere")]}, "outside_round", "data.contacts.0.place"),
        ({"place": "nowhere"}, "unknown_place", "data.place"),
    ],
)
def test_an_invalid_contact_list_is_refused(changed: dict[str, Any], code: str, field: str) -> None:
    driver = visit_steps.start()

    refused = refusal(driver, visit_steps.opening(**changed), "round-2", **visit_steps.FEDERATION)

    assert (refused.code, refused.field) == (code, field)


def test_a_round_plans_a_visit_to_each_of_120_contacts() -> None:
    driver = visit_steps.start()
    many = [
        {"contact": f"{kind}-{n}", "kind": kind, "place": "yuanbu"}
        for kind, count in (("household", 100), ("enterprise", 20))
        for n in range(count)
    ]

    said = driver.say(visit_steps.opening(contacts=many), "round-2", **visit_steps.FEDERATION)

    assert said[0].event == issues.VisitRoundOpened(
        title="三月走亲", place="yuanbu", households=100, enterprises=20
    )
    assert len({one.subject for one in said[1:]}) == 120


def test_the_longest_contact_list_fits_into_one_message_at_the_door() -> None:
    longest = [
        {"contact": f"{n:064}", "kind": "enterprise", "place": "p" * 64} for n in range(issues.MAX_CONTACTS)
    ]

    assert (
        len(incoming(visit_steps.opening(contacts=longest), id="a-1", source="/x", subject="r" * 64))
        < MAX_BYTES
    )
