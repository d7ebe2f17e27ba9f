"""The application of the service issues: its fold, and its edge with deadlines, the teller of ballots and reports on
files.
"""

from collections.abc import Awaitable, Callable

from faststream.asgi import AsgiFastStream
from sqlalchemy import Connection

from microgov.contracts.message import Event
from microgov.services.chassis.fault_points import NO_FAULTS, FaultPoints
from microgov.services.chassis.messages.stamp import Input, reported_id, system_sender
from microgov.services.chassis.runtime.app import hosting
from microgov.services.chassis.runtime.settings import Settings, TenantSettings
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.chassis.telemetry import new_traceparent
from microgov.services.issues.edge.file_log import FileUseReporter, unreported_uses
from microgov.services.issues.edge.teller import Teller, unreported
from microgov.services.issues.handlers import service


def tenancy(tenant: TenantSettings, settings: Settings, points: FaultPoints = NO_FAULTS) -> Tenancy:
    """The service for one tenant."""
    return Tenancy(
        service, tenant, settings, points, edges=[_teller, _file_use_reporter], unreported=_unreported
    )


def _unreported(c: Connection) -> int:
    """How many ballots and uses of files the edge still has to report."""
    return unreported(c) + unreported_uses(c)


def _file_use_reporter(of: Tenancy) -> Callable[[], Awaitable[int]]:
    async def report(uses: list[tuple[str, str, Event]]) -> None:
        await of.edge.report([_input(of, use, event, household) for use, household, event in uses])

    return FileUseReporter(of.engine, report, of.counters).step


def _teller(of: Tenancy) -> Callable[[], Awaitable[int]]:
    async def report(facts: list[tuple[str, Event]]) -> None:
        await of.edge.report([_input(of, ballot, event, ballot) for ballot, event in facts])

    return Teller(of.engine, report, of.counters).step


def _input(of: Tenancy, name: str, event: Event, subject: str) -> Input:
    """The input for a fact. Its id is computed from `name` and the type of the event, so that it is reported only once."""
    writer = of.edge.writer
    id = reported_id(of.tenant.name, writer, name, event.TYPE)
    return Input(event, subject, id, of.clock.now(), system_sender(writer), traceparent=new_traceparent())


def make_app() -> AsgiFastStream:
    """The factory for `faststream run --factory`."""
    return hosting("issues", tenancy)
