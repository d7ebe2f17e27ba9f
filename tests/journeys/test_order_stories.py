"""The shorter stories of orders on both databases: who served, who could not, and who was notified."""

import pytest

from microgov.client import simulated_clock
from microgov.contracts import matching
from microgov.stories.advice import advice
from microgov.stories.dialect import dialect
from microgov.stories.joint import joint
from microgov.stories.wish import wish
from tests.journeys.conftest import RunningTenant
from tests.journeys.story_checks import check_completeness, play


async def recipients(running: RunningTenant, notice_type: str) -> list[str]:
    """Who got notices of this type, in the order of the log."""
    data = [one["data"] for one in await running.deployment.everything()]
    return [one["recipient"] for one in data if one.get("notice_type") == notice_type and "recipient" in one]


@pytest.mark.rig
async def test_the_stories_dialect_advice_wish_and_joint_end_as_they_should(running: RunningTenant) -> None:
    client = running.client

    await play(client, dialect("d", await simulated_clock.now(client), client.tenant))
    await play(client, advice("a", await simulated_clock.now(client), client.tenant))
    await play(client, wish("w", await simulated_clock.now(client), client.tenant))

    await play(client, joint("j", await simulated_clock.now(client), client.tenant))
    orders = ("d-visit", "a-advice", "w-clock")
    visit, counsel, clock = [
        await client.ask("matching", matching.ShowOrder(order=order)) for order in orders
    ]
    assert (visit["state"], visit["person"], visit["stars"]) == ("closed", "d-lin", 5)
    assert {one["person"]: one["state"] for one in visit["proposals"]} == {
        "d-chen": "declined",
        "d-lin": "completed",
    }
    assert (counsel["closing"], counsel["person"], counsel.get("stars")) == ("fulfilled", "a-gao", None)
    assert (clock["state"], clock["closing"], clock["beneficiary"]) == ("closed", "failed", "w-qi")
    assert (await recipients(running, "order_failed"))[:1] == ["w-qi"]
    rail = await client.ask("matching", matching.ShowOrder(order="j-rail"))
    assert (rail["state"], rail["organisation"], rail["stars"]) == ("closed", "j-property", 5)
    work = (await client.ask("matching", matching.ShowWorkload(community="j-community")))["workload"]
    minutes = {one["organisation"]: one["assist"] for one in work}
    assert (minutes["j-property"], minutes["j-society"]) == (60, 60)
    assert set(await recipients(running, "assignment_fell_through")) == {"j-manager"}
    await check_completeness(running, least=10)
