"""Questions of publishers: they are checked like messages, limited to a scope, and forwarded to the service
(architecture.md §5).

The body of `ask.<publisher>.<tenant>.<service>.<question>` is an envelope like that of a command. The service's answer is
returned as it is: `{"answer": …}`, or `{"error": {code, field, message}}`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import nats.errors
from faststream.nats import NatsBroker, NatsMessage

from microgov.contracts.fields import Words
from microgov.contracts.message import Incoming, Message, canonical, plain
from microgov.contracts.validation.incoming import check_question
from microgov.contracts.validation.invalid_message import InvalidMessage
from microgov.services.chassis.errors import Again
from microgov.services.chassis.runtime.questions import ASKERS, problem, subscribe
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.chassis.store.engine import reading
from microgov.services.gateway.door.admission import door_time
from microgov.services.gateway.door.sender_role import load, sender_of

PATIENCE = 5.0
Ask = Callable[[str, bytes], Awaitable[bytes]]
_SILENT = Words(
    zh="该服务暂时没有回答。请稍后再问。", en="The service does not answer for the moment. Ask again later."
)


def outside(broker: NatsBroker, tenancies: Sequence[Tenancy]) -> None:
    """Subscribes this process to the questions of publishers."""

    async def ask(subject: str, body: bytes) -> bytes:
        return (await broker.connection.request(subject, body, timeout=PATIENCE)).data

    async def asked(msg: NatsMessage) -> None:
        raw = msg.raw_message
        reply = await forward(tenancies, ask, raw.subject, raw.data)
        if reply is not None and raw.reply:
            await raw.respond(reply)

    subscribe(broker, "ask.*.*.*.*", asked)


async def forward(tenancies: Sequence[Tenancy], ask: Ask, subject: str, body: bytes) -> bytes | None:
    """The service's answer, or an error that says why there is none; None if this instance is not the one that answers."""
    _, publisher, tenant, service, name = subject.split(".", 4)
    found = next((t for t in tenancies if t.tenant.name == tenant and t.active), None)
    if publisher in ASKERS or found is None:
        return None
    try:
        m = check_question(body)
        if (service, name) != (type(m.data).OWNER, type(m.data).NAME):
            raise InvalidMessage(
                "wrong_subject",
                "type",
                f"问题类型 {m.type} 与主题不符。请发往该类型的主题。",
                f"The type {m.type} is not the subject's. Ask on the subject of the type.",
            )
        scope = await asyncio.to_thread(_scope, found, publisher, m)
        return await ask(
            f"ask.gateway.{tenant}.{service}.{name}", canonical({"scope": scope, "question": plain(m.data)})
        )
    except InvalidMessage as bad:
        return problem(bad.code, bad.field, bad.words)
    except (Again, nats.errors.Error, TimeoutError):
        return problem("not_answered", "subject", _SILENT)


def _scope(found: Tenancy, publisher: str, m: Incoming[Message]) -> str | None:
    """The scope of the role in which the person asks; None (the whole tenant) for a publisher that asks in its own name.
    Raises InvalidMessage.
    """
    with reading(found.engine) as c:
        return sender_of(m, publisher, load(c, publisher, [m]), door_time(c, found)).scope
