"""The application of the service notify: its fold, its clock, and the sender in the edge."""

from collections.abc import Awaitable, Callable

import httpx
from faststream.asgi import AsgiFastStream

from contracts.message import Event
from services.chassis.app import hosting
from services.chassis.clock import RealClock
from services.chassis.host import Tenancy
from services.chassis.points import NOWHERE, Points
from services.chassis.settings import Settings, TenantSettings
from services.chassis.stamp import Input, itself, reported_id
from services.chassis.telemetry import new_traceparent
from services.notify.channels import channels
from services.notify.channels.webhook import TOTAL
from services.notify.edge import CLAIM_LASTS, Sender
from services.notify.handlers import service


def tenancy(tenant: TenantSettings, settings: Settings, points: Points = NOWHERE) -> Tenancy:
    """The service for one tenant."""
    return Tenancy(service, tenant, settings, points, edges=[_sender])


def _sender(of: Tenancy) -> Callable[[], Awaitable[int]]:
    async def report(settled: list[tuple[str, Event]]) -> None:
        await of.edge.report([_input(of, delivery, event) for delivery, event in settled])

    now = RealClock(of.timekeeper).now
    client = httpx.AsyncClient(timeout=httpx.Timeout(TOTAL, connect=TOTAL / 2, pool=TOTAL / 2))
    return Sender(of.engine, channels(client, now), report, now, CLAIM_LASTS, of.counters, of.points).step


def _input(of: Tenancy, delivery: str, event: Event) -> Input:
    writer = of.edge.writer
    id = reported_id(of.tenant.name, writer, delivery, event.TYPE, *event.model_dump(include={"attempt"}).values())
    return Input(event, delivery, id, of.clock.now(), itself(writer), traceparent=new_traceparent())


def make_app() -> AsgiFastStream:
    """For `faststream run --factory`."""
    return hosting("notify", tenancy)
