"""Services and broker are killed under load, and commands are refused; then the rig is idle and its ledger is clean."""

import asyncio

import pytest

from tests.rig.conftest import RigUnderTest

POINTS = ("after_fetch", "in_transaction", "after_commit", "mid_publish", "after_publish")


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
async def test_a_service_and_the_door_killed_at_any_place_lose_and_duplicate_nothing(
    tried: RigUnderTest, point: str
) -> None:
    await tried.ready()
    rig, before = tried.rig, {name: tried.rig.pid(name) for name in tried.rig.services}
    for n, name in enumerate(reversed(rig.services), 1):
        rig.arm(name, f"{point}:{tried.random.randint(1, 8) if tried.thorough else n}:kill")

    await rig.loader.send(rig.loader.mixture(tried.load))
    for name, pid in before.items():
        await rig.replaced(name, pid)

    await tried.clean()


@pytest.mark.slow
async def test_the_broker_killed_under_load_loses_and_duplicates_nothing(tried: RigUnderTest) -> None:
    await tried.ready()
    rig = tried.rig
    sending = asyncio.create_task(rig.loader.send(rig.loader.mixture(2 * tried.load), burst=20))

    for _ in range(4 if tried.thorough else 1):
        await asyncio.sleep(tried.random.uniform(0.1, 0.5))
        rig.nats.kill()
        await asyncio.sleep(tried.random.uniform(0.0, 0.3))
        await asyncio.to_thread(rig.nats.start)
    await sending

    await tried.clean()


async def test_a_refused_command_changes_nothing_and_its_sender_gets_one_receipt(tried: RigUnderTest) -> None:
    await tried.ready()
    loader = tried.rig.loader
    issue = loader.issue(by="p-1")
    against = [loader.cosign(issue.subject, "p-1"), loader.withdraw(issue.subject, "p-2")]

    await loader.send([issue, *against])
    await tried.clean()

    codes = {r["publisherid"]: r["code"] for r in tried.auditor.receipts if r["status"] == "refused"}
    assert [codes[one.id] for one in against] == ["own_issue", "not_cosigned"]
