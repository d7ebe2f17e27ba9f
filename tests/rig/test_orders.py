"""A thousand orders for a third as many places, while the service is killed: each order gets one answer."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from microgov.contracts import matching
from microgov.contracts.directory import GrantRole, RegisterPerson
from microgov.contracts.fields import Role
from microgov.contracts.message import Command
from microgov.services.chassis.store.engine import reading
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.orders.assignments import Assignment
from microgov.services.matching.orders.order import Order
from microgov.services.matching.orders.waiting_list import Waiting
from tests.matching.invariants import rows, violated
from tests.rig.auditor import Auditor
from tests.rig.publisher import BRANCH, PLACE, LoadPublisher, Sent
from tests.rig.rig import Rig
from tests.support.servers import PostgresServer

pytestmark = pytest.mark.rig
ORDERS, SLOTS, KILLS, SEED = 1000, 60, 6, 11
STARTS = datetime(2027, 3, 1, 8, tzinfo=UTC)
REP = "p-rep"


def residents(office: LoadPublisher) -> list[Sent]:
    """Commands that register the residents who order, and the representative of the organisation."""
    lines = list[Sent]()
    for person, role in [(REP, Role.ORGANISATION), *((f"p-o{n}", Role.RESIDENT) for n in range(ORDERS))]:
        lines.append(office.make(RegisterPerson(household=f"h-{person}", place=PLACE), person, "office"))
        lines.append(office.make(GrantRole(role=role, place=PLACE), person, "office"))
    return lines


def offer_with_slots(loader: LoadPublisher, chance: random.Random) -> list[Sent]:
    """Commands that publish an offer whose slots have one to ten places."""
    slots = [
        matching.Slot(
            slot=f"s{n}",
            starts=STARTS + timedelta(hours=n),
            ends=STARTS + timedelta(hours=n + 1),
            place=PLACE,
            capacity=chance.randint(1, 10),
        )
        for n in range(SLOTS)
    ]
    filing = matching.FileOrganisation(
        name="理发社", status="filed", domains=["haircut"], places=[PLACE], representatives=[REP]
    )
    offered = matching.SubmitOffer(
        organisation="org", title="理发", module="convenience", place=PLACE, slots=slots
    )
    said = ((filing, "org", BRANCH), (offered, "fair", REP), (matching.PublishOffer(), "fair", BRANCH))
    return [loader.make(message, subject, by) for message, subject, by in said]


def commands_of_order(n: int, slot: str) -> list[tuple[Command, str]]:
    """The commands of one order: placed, screened, assigned to a slot; every eighth is cancelled, which frees its place."""
    given = matching.AssignOrder(
        organisation="org", offer="fair", slot=slot, reason="按点单", followed_suggestion=False
    )
    placed = matching.PlaceOrder(offer="fair", slot=slot, text="想理发", channel="app")
    lines: list[tuple[Command, str]] = [
        (placed, f"p-o{n}"),
        (matching.ScreenOrder(accepted=True, reason="属实"), BRANCH),
        (given, BRANCH),
    ]
    return lines + [(matching.CancelOrder(reason="已理过", channel="app"), f"p-o{n}")] * (n % 8 == 0)


def shuffled_orders(loader: LoadPublisher, chance: random.Random) -> list[Sent]:
    """The commands of all orders, shuffled; the commands of a single order keep their sequence."""
    under_way = [
        (f"order-{n}", iter(commands_of_order(n, f"s{chance.randrange(SLOTS)}"))) for n in range(ORDERS)
    ]
    sent = list[Sent]()
    while under_way:
        place = chance.randrange(len(under_way))
        order, steps = under_way[place]
        step = next(steps, None)
        if step is None:
            under_way[place] = under_way[-1]
            under_way.pop()
        else:
            sent.append(loader.make(step[0], order, step[1]))
    return sent


async def send_orders(rig: Rig, auditor: Auditor, chance: random.Random) -> None:
    """Sends all orders at once; meanwhile the two instances of the service are killed alternately."""
    await rig.office.send(residents(rig.office), burst=500)
    await rig.loader.send(offer_with_slots(rig.loader, chance))
    await auditor.audit()  # the door has accepted all of them
    sending = asyncio.create_task(rig.loader.send(shuffled_orders(rig.loader, chance), burst=200))
    for n in range(KILLS):
        await asyncio.sleep(0.2 + chance.random() * 0.5)
        await rig.kill(("matching", "matching-2")[n % 2])
    await sending


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_a_thousand_orders_at_once_overfill_nothing(
    database: str, tmp_path: Path, postgres: PostgresServer
) -> None:
    chance = random.Random(SEED)
    rig = Rig(
        tmp_path / "orders",
        postgres if database == "postgresql" else None,
        ("gateway", "matching"),
        proxied=False,
    )
    auditor = Auditor(rig.start())
    try:
        rig.run("matching-2", "matching")
        await rig.until(
            lambda: bool(rig.epoch("matching") and rig.epoch("gateway")), "the services do not start"
        )
        await send_orders(rig, auditor, chance)
        found, taken = await auditor.audit(), rig.epoch("matching")
        with reading(rig.engines["matching"]) as connection, Session(connection) as s:
            problems = violated(s)
            slots, orders, given, waiting = (rows(s, table) for table in (Slot, Order, Assignment, Waiting))
    finally:
        rig.stop()

    assert found.clean, f"{found} – logs in {rig.folder}"
    assert problems == []
    assert len(orders) == ORDERS
    assert taken > 1, "nobody took over"
    placed, queued = {row.order for row in given}, {row.order for row in waiting}
    answered = placed | queued | {order.id for order in orders if order.state == "cancelled"}
    assert answered == {order.id for order in orders}
    assert not placed & queued
    assert all(slot.taken <= slot.capacity for slot in slots)
    assert sum(slot.taken for slot in slots) == len(placed)
