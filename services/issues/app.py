"""The application of the service issues: its fold, its clock, and the teller of secret ballots in the edge."""

from collections.abc import Awaitable, Callable

from faststream.asgi import AsgiFastStream

from contracts.message import Event
from services.chassis.app import make
from services.chassis.host import Tenancy
from services.chassis.points import NOWHERE, Points
from services.chassis.settings import Settings, TenantSettings
from services.chassis.stamp import Input, itself, reported_id
from services.chassis.telemetry import new_traceparent
from services.issues.edge import Teller, owed
from services.issues.handlers import service


def tenancy(tenant: TenantSettings, settings: Settings, points: Points = NOWHERE) -> Tenancy:
    """The service for one tenant."""
    return Tenancy(service, tenant, settings, points, edges=[_teller], owed=owed)


def _teller(of: Tenancy) -> Callable[[], Awaitable[int]]:
    async def report(facts: list[tuple[str, Event]]) -> None:
        await of.edge.report([_input(of, ballot, event) for ballot, event in facts])

    return Teller(of.engine, report).step


def _input(of: Tenancy, ballot: str, event: Event) -> Input:
    writer = of.edge.writer
    id = reported_id(of.tenant.name, writer, ballot, event.TYPE)
    return Input(event, ballot, id, of.clock.now(), itself(writer), traceparent=new_traceparent())


def make_app() -> AsgiFastStream:
    """For `faststream run --factory`."""
    settings = Settings()
    return make("issues", settings, [tenancy(tenant, settings) for tenant in settings.hosted()])
