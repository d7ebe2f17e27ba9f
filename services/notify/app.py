"""The application of the service notify: its fold, and its edge with deadlines and the delivery sender."""

from collections.abc import Awaitable, Callable

import httpx
from faststream.asgi import AsgiFastStream

from microgov.contracts.message import Event
from microgov.services.chassis.fault_points import NO_FAULTS, FaultPoints
from microgov.services.chassis.fold.clock import RealClock
from microgov.services.chassis.messages.stamp import Input, reported_id, system_sender
from microgov.services.chassis.runtime.app import hosting
from microgov.services.chassis.runtime.settings import Settings, TenantSettings
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.chassis.telemetry import new_traceparent
from microgov.services.notify.channels import channels
from microgov.services.notify.channels.webhook import TOTAL
from microgov.services.notify.edge import CLAIM_LASTS, DeliverySender
from microgov.services.notify.handlers import service


def tenancy(tenant: TenantSettings, settings: Settings, points: FaultPoints = NO_FAULTS) -> Tenancy:
    """The service for one tenant."""
    return Tenancy(service, tenant, settings, points, senders=[_sender])


def _sender(of: Tenancy) -> Callable[[], Awaitable[int]]:
    async def report(settled: list[tuple[str, Event]]) -> None:
        await of.edge.report([_input(of, delivery, event) for delivery, event in settled])

    now = RealClock(of.timekeeper).now
    client = httpx.AsyncClient(timeout=httpx.Timeout(TOTAL, connect=TOTAL / 2, pool=TOTAL / 2))
    return DeliverySender(
        of.engine, channels(client, now), report, now, CLAIM_LASTS, of.counters, of.points
    ).step


def _input(of: Tenancy, delivery: str, event: Event) -> Input:
    """The input that reports an attempt. Its id is computed from delivery and attempt, so that it is reported only once."""
    writer = of.edge.writer
    id = reported_id(
        of.tenant.name, writer, delivery, event.TYPE, *event.model_dump(include={"attempt"}).values()
    )
    return Input(event, delivery, id, of.clock.now(), system_sender(writer), traceparent=new_traceparent())


def make_app() -> AsgiFastStream:
    """The factory for `faststream run --factory`."""
    return hosting("notify", tenancy)
