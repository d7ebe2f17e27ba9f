"""Questions: the active instance answers requests on `ask.<asker>.<tenant>.<service>.<question>`.

The operator sends the question itself; the gateway sends, for a program outside, a `Forwarded`, which holds the scope.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from faststream.nats import NatsBroker, NatsMessage
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.orm import Session

from microgov.contracts.fields import Part, Words
from microgov.contracts.log import AskHealth, AskProgress, AskQuarantine, ConfirmClock, LiftStop, StopLifted
from microgov.contracts.message import Question, canonical, plain
from microgov.contracts.state import AskState
from microgov.services.chassis.fold.quarantine import quarantined
from microgov.services.chassis.model import Refused
from microgov.services.chassis.runtime.progress import progress
from microgov.services.chassis.runtime.state import shown_state
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.chassis.scope import answer_within_scope
from microgov.services.chassis.search import Search
from microgov.services.chassis.store.engine import reading
from microgov.services.chassis.store.fold_session.session import FoldSession

OPERATOR = "operator"
ASKERS = ("gateway", OPERATOR)
MAX_PARALLEL = 16
STANDBY_WAIT = 0.3
"""Seconds that a standby instance waits before it answers AskHealth, so that the active instance answers first."""
INTERNAL = Words(
    zh="服务内部出错，已记录。请稍后再试。",
    en="The service failed at it and has logged why. Try again later.",
)


class Forwarded(BaseModel):
    """A question that the gateway asks for a program outside; `scope` None means the whole tenant."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
    scope: str | None = None
    question: dict[str, Any]


def problem(code: str, field: str, words: Words) -> bytes:
    """The answer to a question that is refused or failed, as JSON bytes."""
    return canonical({"error": {"code": code, "field": field, "message": plain(words)}})


def subscribe(broker: NatsBroker, subject: str, respond: Callable[[NatsMessage], Any]) -> None:
    """Subscribes to a subject. The handler gets the whole message, because it needs the subject, and reads the body
    itself.
    """
    broker.subscriber(subject, no_reply=True, decoder=_whole, max_workers=MAX_PARALLEL)(respond)


async def _whole(msg: NatsMessage) -> NatsMessage:
    return msg


def subscribe_to_questions(broker: NatsBroker, tenancies: Sequence[Tenancy]) -> None:
    """Subscribes this process to the questions about its tenants."""

    async def respond(msg: NatsMessage) -> None:
        raw = msg.raw_message
        reply = await answer(tenancies, raw.subject, raw.data)
        if reply is not None and raw.reply:
            await raw.respond(reply)

    async def asked(msg: NatsMessage) -> None:
        if not msg.raw_message.subject.endswith(f".{AskHealth.NAME}"):
            await respond(msg)

    for service in sorted({t.service.name for t in tenancies}):
        for asker in ASKERS:
            subscribe(broker, f"ask.{asker}.*.{service}.*", asked)
            # a separate subscription: if the database hangs, other questions would block it
            subscribe(broker, f"ask.{asker}.*.{service}.{AskHealth.NAME}", respond)


async def answer(tenancies: Sequence[Tenancy], subject: str, body: bytes) -> bytes | None:
    """The answer as JSON bytes; None if another instance has to answer."""
    _, asker, tenant, service, name = subject.split(".", 4)
    here = [t for t in tenancies if t.tenant.name == tenant and t.service.name == service]
    if name == AskHealth.NAME:
        return await _health(here)
    found = next((t for t in here if t.active), None)
    if found is None:
        return None
    try:
        return canonical({"answer": plain(await _answer(found, asker, name, body))})
    except Refused as refused:
        return problem(refused.code, refused.field, refused.words)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        words = Words(
            zh=f"字段 {where} 不符合要求：{first['msg']}",
            en=f"The field {where} is not as asked for: {first['msg']}",
        )
        return problem("not_valid", where, words)


async def _health(here: Sequence[Tenancy]) -> bytes | None:
    if not here:
        return None
    if not here[0].active:
        await asyncio.sleep(STANDBY_WAIT)
    return canonical({"answer": plain(here[0].health())})


async def _answer(found: Tenancy, asker: str, name: str, body: bytes) -> Part:
    if asker == OPERATOR:
        return await _to_the_operator(found, name, body)
    asked = Forwarded.model_validate_json(body)
    question = _kind(name, found.service.questions).model_validate_json(
        canonical(asked.question), extra="forbid"
    )
    return await _read_later(found, question, asked.scope)


async def _to_the_operator(found: Tenancy, name: str, body: bytes) -> Part:
    if name == AskProgress.NAME:
        return await progress(found, AskProgress.model_validate_json(body or b"{}").after)
    if name == AskQuarantine.NAME:
        asked = AskQuarantine.model_validate_json(body or b"{}", extra="forbid")
        return await asyncio.to_thread(quarantined, found.engine, found.fold, asked.stream_seq, asked.after)
    if name == AskState.NAME:
        return await asyncio.to_thread(shown_state, found)
    if name == LiftStop.NAME:
        kinds = await asyncio.to_thread(found.fold.breaker.lift)
        return StopLifted(service=found.service.name, kinds=kinds)
    if name == ConfirmClock.NAME:
        return await _confirmed(found)
    kind = _kind(name, [*found.service.questions, *found.service.admin_requests])
    return await _read_later(found, kind.model_validate_json(body or b"{}", extra="forbid"), None)


async def _confirmed(found: Tenancy) -> Part:
    if found.timekeeper is None:
        raise Refused(
            "clock_is_simulated",
            "此租户使用模拟时钟，与机器的时钟无关，无需确认。",
            "This tenant's clock is simulated: it has nothing to do with the machine's, and needs no confirming.",
        )
    await found.timekeeper.confirm()
    return found.timekeeper.answer()


def _kind(name: str, known: Iterable[type[Question]]) -> type[Question]:
    kinds: dict[str, type[Question]] = {q.NAME: q for q in known}
    if name not in kinds:
        raise Refused(
            "unknown_question",
            f"没有名为 {name} 的问题。可问：{'、'.join(sorted(kinds))}。",
            f"There is no question {name}; there is {', '.join(sorted(kinds)) or 'none'}.",
        )
    return kinds[name]


async def _read_later(found: Tenancy, question: Question, scope: str | None) -> Part:
    after = getattr(question, "after", 0)
    if after:
        await progress(found, after)
    answer = await asyncio.to_thread(_read, found, question, scope)
    return await _searched(found, answer) if isinstance(answer, Search) else answer


async def _searched(found: Tenancy, search: Search) -> Part:
    log = await found.log()
    try:
        return await search.run(log)
    finally:
        await log.close()


def _read(found: Tenancy, question: Question, scope: str | None) -> Part | Search:
    admin_request = found.service.admin_requests.get(type(question))
    if admin_request is not None:
        with Session(found.engine) as s, s.begin():
            return admin_request(question, s)
    with reading(found.engine) as c, FoldSession(c) as s:
        return answer_within_scope(found.service, question, scope, s)
