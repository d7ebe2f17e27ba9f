"""A service as a FastStream application: life cycle, health, questions. Fold and edge run in its lifespan.

`faststream run --factory services.issues.app:make_app --host 127.0.0.1 --port 8102` serves /health and /metrics there.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from faststream import BaseMiddleware
from faststream.asgi import AsgiFastStream, AsgiResponse, get
from faststream.nats import NatsBroker
from faststream.security import SASLPlaintext
from opentelemetry import trace

from services.chassis import memory
from services.chassis.asking import INTERNAL, answers, problem
from services.chassis.ending import ended
from services.chassis.host import Tenancy
from services.chassis.settings import Settings
from services.chassis.telemetry import logger, start_logging, start_tracing

log = logger("app")
Route = tuple[str, Any]


class Traced(BaseMiddleware[Any, Any]):
    """A span for every question; an error that nobody foresaw is logged and answered as one."""

    async def consume_scope(self, call_next: Any, msg: Any) -> Any:
        with trace.get_tracer("microgov").start_as_current_span(f"ask {msg.raw_message.subject}"):
            try:
                return await call_next(msg)
            except Exception:
                log.error("a question could not be answered", subject=msg.raw_message.subject)
                await msg.raw_message.respond(problem("internal_error", "subject", INTERNAL))
                return None


def make_broker(settings: Settings, name: str) -> NatsBroker:
    """The connection for requests and replies; it reconnects by itself, since nothing of it is kept."""
    address = settings.address()
    security = SASLPlaintext(address.user, address.password or "") if address.user else None
    return NatsBroker(
        address.url, name=name, security=security, inbox_prefix=f"_INBOX.{address.user}" if address.user else "_INBOX",
        max_reconnect_attempts=-1, reconnect_time_wait=1, middlewares=(Traced,), logger=None, apply_types=False,
    )


def health_routes(tenancies: Sequence[Tenancy]) -> list[Route]:
    """/health: 200 where every active tenant's loops run, else 503. /metrics: Prometheus text, labels service and tenant."""

    @get
    async def health(_: Any) -> AsgiResponse:
        states = {f"{t.service.name}/{t.tenant.name}": t.health() for t in tenancies}
        ok = all(state["ok"] for state in states.values())
        body = json.dumps({"ok": ok, "tenants": states}, ensure_ascii=False).encode()
        return AsgiResponse(body, 200 if ok else 503, {"content-type": "application/json"})

    @get
    async def metrics(_: Any) -> AsgiResponse:
        names = ("active", "position", "lag", "epoch")
        lines = [f"# TYPE microgov_{name} gauge" for name in names]
        for t in tenancies:
            state = t.health()
            label = f'{{service="{t.service.name}",tenant="{t.tenant.name}"}}'
            lines += [f"microgov_{name}{label} {int(state[name])}" for name in names]
        return AsgiResponse("\n".join([*lines, ""]).encode(), 200, {"content-type": "text/plain; version=0.0.4"})

    return [("/health", health), ("/metrics", metrics)]


def make(
    name: str, settings: Settings, tenancies: Sequence[Tenancy], more: Callable[[NatsBroker], None] = lambda broker: None
) -> AsgiFastStream:
    """The application of one process: its tenants' loops, its questions (and whatever `more` subscribes to), its health."""
    start_logging(settings.log_level)
    start_tracing(name, settings.otlp_endpoint)
    broker = make_broker(settings, name)
    answers(broker, tenancies)
    more(broker)

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        memory.settle()
        running = [asyncio.create_task(t.run()) for t in tenancies]
        for task in running:
            task.add_done_callback(_ended(app))
        try:
            yield
        finally:
            await ended(*running)

    app = AsgiFastStream(broker, asgi_routes=health_routes(tenancies), lifespan=lifespan, logger=None)
    return app


def _ended(app: AsgiFastStream) -> Callable[["asyncio.Task[None]"], None]:
    """A loop that ended by an error nobody foresaw ends the process: whoever keeps it starts it again."""

    def ended(task: "asyncio.Task[None]") -> None:
        if task.cancelled():
            return
        error = task.exception()
        log.logger.error("a loop has ended: this process ends", exc_info=error)
        app.exit()

    return ended
