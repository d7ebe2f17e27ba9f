"""The application of the service matching."""

from faststream.asgi import AsgiFastStream

from microgov.services.chassis.fault_points import NO_FAULTS, FaultPoints
from microgov.services.chassis.runtime.app import hosting
from microgov.services.chassis.runtime.settings import Settings, TenantSettings
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.matching.handlers import service


def tenancy(tenant: TenantSettings, settings: Settings, points: FaultPoints = NO_FAULTS) -> Tenancy:
    """The service for one tenant."""
    return Tenancy(service, tenant, settings, points)


def make_app() -> AsgiFastStream:
    """The factory for `faststream run --factory`."""
    return hosting("matching", tenancy)
