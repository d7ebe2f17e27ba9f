"""The story of the hospital on both databases: who leads, who is the substitute, and whose hours are entered."""

import pytest

from microgov.client import simulated_clock
from microgov.contracts import matching
from microgov.stories.hospital import hospital
from tests.journeys.conftest import RunningTenant
from tests.journeys.story_checks import check_completeness, play


@pytest.mark.rig
async def test_the_social_worker_leads_and_a_substitute_assists(running: RunningTenant) -> None:
    client = running.client

    await play(client, hospital("h", await simulated_clock.now(client), client.tenant))

    way = await client.ask("matching", matching.ShowOrder(order="h-way"))
    assert (way["state"], way["closing"], way["person"], way["stars"]) == ("closed", "fulfilled", "h-lin", 5)
    states = {one["person"]: one["state"] for one in way["proposals"]}
    assert states == {"h-lin": "completed", "h-he": "released", "h-wu": "completed"}
    hours = {
        who: await client.ask("matching", matching.ShowHours(person=f"h-{who}"))
        for who in ("lin", "he", "wu")
    }
    assert {who: (one["minutes"], one["strikes"]) for who, one in hours.items()} == {
        "lin": (120, 0),
        "he": (0, 1),
        "wu": (140, 0),
    }
    work = (await client.ask("matching", matching.ShowWorkload(community="h-community")))["workload"]
    assert (work[0]["lead"], work[0]["assist"], work[0]["people"]) == (120, 140, 2)
    await check_completeness(running, least=15)
