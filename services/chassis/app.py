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
from faststream.nats import NatsBroker, NatsMessage
from faststream.security import SASLPlaintext
from opentelemetry import trace
from pydantic import ValidationError
from sqlalchemy.orm import Session

from contracts.fields import Part, Words
from contracts.log import AskProgress, AskQuarantine
from contracts.message import Question, canonical, plain
from services.chassis import memory
from services.chassis.database import reading
from services.chassis.ending import ended
from services.chassis.host import Tenancy
from services.chassis.model import Refused
from services.chassis.quarantine import quarantined
from services.chassis.settings import Settings
from services.chassis.telemetry import logger, start_logging, start_tracing

log = logger("app")
ASKERS = ("gateway", "operator")
AT_ONCE = 16
Route = tuple[str, Any]


class Traced(BaseMiddleware[Any, Any]):
    """A span for every question; an error that nobody foresaw is logged and answered as one."""

    async def consume_scope(self, call_next: Any, msg: Any) -> Any:
        with trace.get_tracer("microgov").start_as_current_span(f"ask {msg.raw_message.subject}"):
            try:
                return await call_next(msg)
            except Exception:
                log.error("a question could not be answered", subject=msg.raw_message.subject)
                await msg.raw_message.respond(canonical(_error("internal_error", "subject", _INTERNAL)))
                return None


_INTERNAL = Words(zh="服务内部出错，已记录。请稍后再试。",
                  en="The service failed at it and has logged why. Try again later.")


def _error(code: str, field: str, words: Words) -> dict[str, Any]:
    return {"error": {"code": code, "field": field, "message": plain(words)}}


def make_broker(settings: Settings, name: str) -> NatsBroker:
    """The connection for requests and replies; it reconnects by itself, since nothing of it is kept."""
    address = settings.address()
    security = SASLPlaintext(address.user, address.password or "") if address.user else None
    return NatsBroker(
        address.url, name=name, security=security, inbox_prefix=f"_INBOX.{address.user}" if address.user else "_INBOX",
        max_reconnect_attempts=-1, reconnect_time_wait=1, middlewares=(Traced,), logger=None, apply_types=False,
    )


async def answer(tenancies: Sequence[Tenancy], subject: str, body: bytes) -> bytes | None:
    """The answer to `ask.<asker>.<tenant>.<service>.<question>`; None where another instance has it."""
    _, asker, tenant, service, name = subject.split(".", 4)
    found = next((t for t in tenancies if t.tenant.name == tenant and t.service.name == service and t.active), None)
    if found is None:
        return None
    try:
        return canonical({"answer": plain(await _answer(found, asker, name, body))})
    except Refused as refused:
        return canonical(_error(refused.code, refused.field, refused.words))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        words = Words(zh=f"字段 {where} 不符合要求：{first['msg']}",
                      en=f"The field {where} is not as asked for: {first['msg']}")
        return canonical(_error("not_valid", where, words))


async def _answer(found: Tenancy, asker: str, name: str, body: bytes) -> Part:
    if name == AskProgress.NAME:
        return await found.progress(AskProgress.model_validate_json(body or b"{}").after)
    if name == AskQuarantine.NAME:
        asked = AskQuarantine.model_validate_json(body or b"{}", extra="forbid")
        return await asyncio.to_thread(quarantined, found.engine, found.fold.folding, asked.stream_seq)
    errands = found.service.errands if asker == "operator" else {}
    kinds: dict[str, type[Question]] = {q.NAME: q for q in (*found.service.questions, *errands)}
    if name not in kinds:
        raise Refused("unknown_question", f"没有名为 {name} 的问题。可问：{'、'.join(sorted(kinds))}。",
                      f"There is no question {name}; there is {', '.join(sorted(kinds)) or 'none'}.")
    question = kinds[name].model_validate_json(body or b"{}", extra="forbid")
    after = getattr(question, "after", 0)
    if after:
        await found.progress(after)
    return await asyncio.to_thread(_read, found, question)


def _read(found: Tenancy, question: Question) -> Part:
    errand = found.service.errands.get(type(question))
    if errand is not None:
        with Session(found.engine) as s, s.begin():
            return errand(question, s)
    with reading(found.engine) as c, Session(c, autoflush=False) as s:
        return found.service.questions[type(question)](question, s)


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


def make(name: str, settings: Settings, tenancies: Sequence[Tenancy]) -> AsgiFastStream:
    """The application of one process: its tenants' loops, its questions, its health."""
    start_logging(settings.log_level)
    start_tracing(name, settings.otlp_endpoint)
    broker = make_broker(settings, name)
    for asker in ASKERS:
        for service in sorted({t.service.name for t in tenancies}):
            subject = f"ask.{asker}.*.{service}.*"
            broker.subscriber(subject, no_reply=True, decoder=_whole, max_workers=AT_ONCE)(_asked(tenancies))

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


async def _whole(msg: NatsMessage) -> NatsMessage:
    """The question's own class reads the body; the handler needs the subject, too."""
    return msg


def _asked(tenancies: Sequence[Tenancy]) -> Callable[[NatsMessage], Any]:
    async def asked(msg: NatsMessage) -> None:
        raw = msg.raw_message
        reply = await answer(tenancies, raw.subject, raw.data)
        if reply is not None and raw.reply:
            await raw.respond(reply)

    return asked


def _ended(app: AsgiFastStream) -> Callable[["asyncio.Task[None]"], None]:
    """A loop that ended by an error nobody foresaw ends the process: whoever keeps it starts it again."""

    def ended(task: "asyncio.Task[None]") -> None:
        if task.cancelled():
            return
        error = task.exception()
        log.logger.error("a loop has ended: this process ends", exc_info=error)
        app.exit()

    return ended
