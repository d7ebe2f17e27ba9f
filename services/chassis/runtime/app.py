"""A service as a FastStream application: life cycle, health, questions. Fold and edge run in its lifespan.

`faststream run --factory microgov.services.issues.app:make_app --port 8102` serves /health and /metrics on that port.
"""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import nats.errors
from faststream import BaseMiddleware
from faststream.asgi import AsgiFastStream, AsgiResponse, get
from faststream.nats import NatsBroker
from faststream.security import SASLPlaintext
from opentelemetry import trace
from pydantic import ValidationError

from microgov.contracts.message import plain
from microgov.services.chassis import memory
from microgov.services.chassis.cancellation import cancel_and_wait
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.runtime import metrics
from microgov.services.chassis.runtime.questions import INTERNAL, problem, subscribe_to_questions
from microgov.services.chassis.runtime.settings import Settings, TenantSettings
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.chassis.runtime.watchdog import Watch
from microgov.services.chassis.telemetry import logger, start_logging, start_tracing

log = logger("app")
Route = tuple[str, Any]
RETRY_WAIT = 1.0


class Traced(BaseMiddleware[Any, Any]):
    """A trace span for every question; an unexpected error is logged and answered with `internal_error`."""

    async def consume_scope(self, call_next: Any, msg: Any) -> Any:
        with trace.get_tracer("microgov").start_as_current_span(f"ask {msg.raw_message.subject}"):
            try:
                return await call_next(msg)
            except Exception:
                log.error("a question could not be answered", subject=msg.raw_message.subject)
                await msg.raw_message.respond(problem("internal_error", "subject", INTERNAL))
                return None


class Questions(NatsBroker):
    """The connection for questions. At the start it waits until the broker can be reached and accepts this service; the
    password is read again before each attempt, because it may have changed.
    """

    secret: Callable[[], str]

    async def start(self) -> None:
        said = ""
        while True:
            try:
                return await super().start()
            except (nats.errors.Error, OSError, TimeoutError) as error:
                if said != (said := repr(error)):
                    log.warning("no connection for questions yet", why=said)
            await asyncio.sleep(RETRY_WAIT)
            if "password" in self._connection_kwargs:
                self._connection_kwargs["password"] = self.secret()


def make_broker(settings: Settings, name: str) -> NatsBroker:
    """The broker connection for questions. It may reconnect by itself, because it keeps no state. A hanging broker is
    noticed within seconds (ping every 2 s).
    """
    address = settings.address()
    security = SASLPlaintext(address.user, address.password or "") if address.user else None
    broker = Questions(
        address.url,
        name=name,
        security=security,
        inbox_prefix=f"_INBOX.{address.user}" if address.user else "_INBOX",
        max_reconnect_attempts=-1,
        reconnect_time_wait=1,
        ping_interval=2,
        max_outstanding_pings=2,
        connect_timeout=2,
        middlewares=(Traced,),
        logger=None,
        apply_types=False,
    )
    broker.secret = lambda: settings.address().password or ""
    return broker


def health_routes(tenancies: Sequence[Tenancy], watch: Watch) -> list[Route]:
    """/health answers 200 if this process serves every tenant or stands by for it, otherwise 503; the body has the reasons.
    /metrics answers with Prometheus text.
    """

    @get
    async def health(_: Any) -> AsgiResponse:
        found = {f"{t.service.name}/{t.tenant.name}": t.health() for t in tenancies}
        why = watch.troubles()
        ok = not why and all(state.ok for state in found.values())
        ready = ok and all(state.ready for state in found.values())
        states = {name: plain(state) for name, state in found.items()}
        body = json.dumps(
            {"ok": ok, "ready": ready, "why": why, "tenants": states}, ensure_ascii=False
        ).encode()
        return AsgiResponse(body, 200 if ok else 503, {"content-type": "application/json"})

    text = metrics.exposition(tenancies)

    @get
    async def scraped(_: Any) -> AsgiResponse:
        return AsgiResponse(text(), 200, {"content-type": metrics.CONTENT_TYPE})

    return [("/health", health), ("/metrics", scraped)]


class Application(AsgiFastStream):
    """FastStream's application; it passes its address to the watchdog, and does not log every request to /health."""

    watch: Watch

    async def run(
        self, log_level: int = logging.INFO, run_extra_options: dict[str, Any] | None = None
    ) -> None:
        options = {"host": "127.0.0.1", "port": "8000", "access_log": "false", **(run_extra_options or {})}
        self.watch.address = (
            "127.0.0.1" if options["host"] == "0.0.0.0" else str(options["host"]),
            int(options["port"]),
        )
        await super().run(log_level, options)


def make(
    name: str,
    settings: Settings,
    tenancies: Sequence[Tenancy],
    more: Callable[[NatsBroker], None] = lambda broker: None,
) -> Application:
    """The application of one process: its tenants' loops, its questions (and those that `more`
    subscribes to), its health.
    """
    start_logging(settings.log_level)
    start_tracing(name, settings.otlp_endpoint)
    broker = make_broker(settings, name)
    subscribe_to_questions(broker, tenancies)
    more(broker)
    watch = Watch(tenancies, broker, settings.stuck_seconds)

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        memory.freeze_heap()
        running = [asyncio.create_task(one) for one in (watch.run(), *(t.run() for t in tenancies))]
        for task in running:
            task.add_done_callback(_ended(watch))
        try:
            yield
        except Exception:
            watch.end("the application has come to grief")
        finally:
            watch.must_stop()
            await cancel_and_wait(*running)

    app = Application(broker, asgi_routes=health_routes(tenancies, watch), lifespan=lifespan, logger=None)
    app.watch = watch
    return app


def hosting(
    name: str,
    tenancy: Callable[[TenantSettings, Settings], Tenancy],
    more: Callable[[NatsBroker, Sequence[Tenancy]], None] = lambda broker, tenancies: None,
) -> Application:
    """The application for all tenants of tenants.toml, with the settings MICROGOV_…. Invalid settings are printed and end
    the process with code 1.
    """
    try:
        settings = Settings()
        tenancies = [tenancy(tenant, settings) for tenant in settings.hosted()]
        return make(name, settings, tenancies, lambda broker: more(broker, tenancies))
    except Problem as problem:
        print(f"{problem.zh}\n{problem.en}", file=sys.stderr)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            print(f"MICROGOV_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}", file=sys.stderr)
    raise SystemExit(1)


def _ended(watch: Watch) -> Callable[["asyncio.Task[None]"], None]:
    """A callback that ends the process if one of its main tasks has ended, because the process is useless without it."""

    def ended(task: "asyncio.Task[None]") -> None:
        if not task.cancelled():
            log.logger.error("a task that never ends has ended", exc_info=task.exception())
            watch.end("what this process is for has ended")

    return ended
