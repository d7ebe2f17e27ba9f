"""The application of the service matching."""

from faststream.asgi import AsgiFastStream

from services.chassis.app import hosting
from services.chassis.host import Tenancy
from services.chassis.points import NOWHERE, Points
from services.chassis.settings import Settings, TenantSettings
from services.matching.handlers import service


def tenancy(tenant: TenantSettings, settings: Settings, points: Points = NOWHERE) -> Tenancy:
    """The service for one tenant."""
    return Tenancy(service, tenant, settings, points)


def make_app() -> AsgiFastStream:
    """For `faststream run --factory`."""
    return hosting("matching", tenancy)
