"""The gateway's application: for each tenant the fold `directory`, the door, the courier and their post."""

from faststream.asgi import AsgiFastStream

from services.chassis.app import hosting
from services.chassis.host import Tenancy
from services.chassis.loops import Loop
from services.chassis.points import NOWHERE, Points
from services.chassis.settings import Settings, TenantSettings
from services.gateway.asking import outside
from services.gateway.courier import Courier
from services.gateway.door import Door
from services.gateway.handlers import service
from services.gateway.judging import WRITER
from services.gateway.post import Post


def tenancy(tenant: TenantSettings, settings: Settings, points: Points = NOWHERE) -> Tenancy:
    """Everything the gateway does for one tenant."""
    return Tenancy(service, tenant, settings, points, writers=(WRITER,), extra=[_loops])


def _loops(of: Tenancy) -> list[Loop]:
    post = Post(of)
    courier = Courier(of, post)
    return [post, Door(of, post, courier), courier]


def make_app() -> AsgiFastStream:
    """For `faststream run --factory`."""
    return hosting("gateway", tenancy, outside)
