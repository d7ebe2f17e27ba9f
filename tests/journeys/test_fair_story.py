"""The story of the haircut fair on both databases: its lists, and that every order is answered."""

from collections import Counter

import pytest

from microgov.client import simulated_clock
from microgov.contracts import matching
from microgov.stories.fair import fair
from tests.journeys.conftest import RunningTenant
from tests.journeys.story_checks import check_completeness, play


@pytest.mark.rig
async def test_every_order_of_the_fair_is_fulfilled_or_cancelled(running: RunningTenant) -> None:
    client = running.client

    await play(client, fair("f", await simulated_clock.now(client), client.tenant))
    orders = (
        await client.ask("matching", matching.ListOrders(offer="f-fair", community="f-community", most=200))
    )["orders"]
    assert Counter((one["state"], one["closing"]) for one in orders) == {
        ("closed", "fulfilled"): 36,
        ("cancelled", "cancelled"): 4,
    }
    full = matching.ListOffers(state="published", free=False, organisation="f-society")
    (offer,) = (await client.ask("matching", full))["offers"]
    assert (offer["slots"], offer["capacity"], offer["taken"], offer["waiting"]) == (13, 36, 36, 0)
    barbers = (await client.ask("matching", matching.ListProviders(able="health", community=client.tenant)))[
        "providers"
    ]
    assert [one["person"] for one in barbers] == ["f-barber1", "f-barber2", "f-barber3"]
    (society,) = (
        await client.ask("matching", matching.ListOrganisations(stage="incubating", community="f-yuan"))
    )["organisations"]
    assert society["organisation"] == "f-society"
    assert (await client.ask("matching", matching.ListWaiting(offer="f-fair")))["waiting"] == []
    await check_completeness(running)
