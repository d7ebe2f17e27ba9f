"""Notify and its sender are killed at every fault point: no delivery is made twice, and none is forgotten."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from microgov.contracts.notify import RegisterContact
from microgov.services.chassis.store.engine import reading
from microgov.services.notify.model import ContactPoint
from microgov.services.notify.notices.delivery import Delivery
from tests.notify.receiver import Receiver, receiver
from tests.rig.auditor import Auditor
from tests.rig.conftest import ONCE, THOROUGH, Case
from tests.rig.publisher import PEOPLE
from tests.rig.rig import Rig
from tests.support.servers import PostgresServer

FOLD = ("after_fetch", "in_transaction", "after_commit", "mid_publish", "after_publish")
SENDER = ("claimed", "answered", "reported")
AT_ONCE = 50
"""How many deliveries a sender attempts at the same time: so many can be left without a report by one kill."""


@pytest.fixture
async def webhook_receiver() -> AsyncIterator[Receiver]:
    async with receiver() as made:
        yield made


async def register_webhooks(rig: Rig, url: str) -> None:
    """Registers a webhook for every person."""
    rig.run("notify-2", "notify")
    await rig.until(lambda: all(map(rig.epoch, rig.services)), "the services do not start")
    with Session(rig.engines["notify"]) as s:
        s.add_all(
            ContactPoint(person=person, channel="webhook", address=f"{url}/well", secret="x")
            for person in PEOPLE
        )
        s.commit()
    await rig.office.send(
        [rig.office.make(RegisterContact(channel="webhook"), f"contact-{p}", p) for p in PEOPLE]
    )


def deliveries(rig: Rig) -> dict[str, str]:
    """The state of every delivery by webhook."""
    with reading(rig.engines["notify"]) as c:
        found = c.execute(sa.select(Delivery.id, Delivery.state).where(Delivery.channel == "webhook"))
        return {row.id: row.state for row in found}


async def kill_at(rig: Rig, point: str, load: int) -> None:
    """Kills notify at a fault point, under load."""
    before = {name: rig.pid(name) for name in ("notify", "notify-2")}
    for name in before:
        rig.arm(name, f"{point}:2:kill")
    for _ in range(10):
        await rig.loader.send(rig.loader.mixture(load))
        with suppress(AssertionError):
            await rig.until(
                lambda: any(rig.pid(name) != pid for name, pid in before.items()), "still alive", 3
            )
            break
    else:
        raise AssertionError(f"nobody dies at {point}")
    for name in before:
        (rig.folder / f"{name}.points").unlink(missing_ok=True)


@pytest.mark.slow
@pytest.mark.parametrize("case", [pytest.param(ONCE, id="once"), *THOROUGH])
async def test_notify_killed_at_any_place_delivers_nothing_twice(
    case: Case, tmp_path: Path, postgres: PostgresServer, webhook_receiver: Receiver, seed: int
) -> None:
    services = ("gateway", "issues", "notify")
    rig = Rig(
        tmp_path / "notify",
        postgres if case.database == "postgresql" else None,
        services,
        seed,
        proxied=False,
    )
    auditor = Auditor(rig.start())
    places = SENDER if case is ONCE else (*FOLD, *SENDER)
    try:
        await register_webhooks(rig, webhook_receiver.url)
        await auditor.audit()  # the door has accepted all of them
        for point in places:
            await kill_at(rig, point, case.load // 2)
        await (
            auditor.wait_until_idle()
        )  # from here on no new delivery begins; those that are running are counted below
        open_ = ("pending", "waiting")
        await rig.until(lambda: not set(deliveries(rig).values()) & {*open_}, "a delivery is forgotten", 60.0)
        found = await auditor.audit()
        states = deliveries(rig)
    finally:
        rig.stop()

    assert found.clean, f"{found} – logs in {rig.folder}"
    assert max(webhook_receiver.letters.values()) == 1, "somebody is written to twice"
    delivered = {id for id, state in states.items() if state == "delivered"}
    assert delivered <= webhook_receiver.letters.keys() <= states.keys()
    unsure = Counter(states.values())["unknown"]
    assert len(delivered) > 20, f"{len(delivered)} delivered, {unsure} without a report"
    assert unsure <= AT_ONCE * len(places), f"{len(delivered)} delivered, {unsure} without a report"
    print(f"{len(delivered)} delivered, {unsure} without a report, {len(webhook_receiver.letters)} received")
