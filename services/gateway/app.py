"""The gateway's application: for each tenant the fold `directory`, the door, the courier and the outbound writer."""

from faststream.asgi import AsgiFastStream

from microgov.services.chassis.fault_points import NO_FAULTS, FaultPoints
from microgov.services.chassis.fold.retry_loop import RetryLoop
from microgov.services.chassis.runtime.app import hosting
from microgov.services.chassis.runtime.settings import Settings, TenantSettings
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.gateway.courier.courier import Courier
from microgov.services.gateway.door.door import Door
from microgov.services.gateway.handlers import service
from microgov.services.gateway.model import WRITER
from microgov.services.gateway.outbound.outbound import OutboundWriter
from microgov.services.gateway.questions import outside


def tenancy(tenant: TenantSettings, settings: Settings, points: FaultPoints = NO_FAULTS) -> Tenancy:
    """The gateway's loops for one tenant."""
    return Tenancy(service, tenant, settings, points, writers=(WRITER,), extra=[_loops])


def _loops(of: Tenancy) -> list[RetryLoop]:
    outbound = OutboundWriter(of)
    courier = Courier(of, outbound)
    return [outbound, Door(of, outbound, courier), courier]


def make_app() -> AsgiFastStream:
    """The factory for `faststream run --factory`."""
    return hosting("gateway", tenancy, outside)
