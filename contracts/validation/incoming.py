"""Makes messages in the form in which programs outside send them (`incoming`), and validates such messages.

The validation is stricter than reading the log, and every rejection names the field at fault.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from microgov.contracts.bounds import first_broken_bound
from microgov.contracts.fields import Role
from microgov.contracts.message import REGISTRY, Incoming, Message, canonical, incoming_of, plain
from microgov.contracts.registry import every_message
from microgov.contracts.validation.invalid_message import InvalidMessage
from microgov.contracts.validation.sentences import sentence
from microgov.contracts.validation.strict_json import join_path, read_json


def check(raw: bytes) -> Incoming[Message]:
    """The validated message (command or event) that a publisher sent.

    Raises InvalidMessage, which names the first field at fault.
    """
    return _validated(raw, _sendable)


def check_question(raw: bytes) -> Incoming[Message]:
    """The validated question that a publisher asked, in the same envelope.

    Raises InvalidMessage, which names the first field at fault.
    """
    return _validated(raw, _askable)


def _validated(raw: bytes, accept: Callable[[str, type[Message] | None], type[Message]]) -> Incoming[Message]:
    value = read_json(raw)
    if not isinstance(value, dict):
        raise InvalidMessage(
            "wrong_type",
            "message",
            "消息必须是一个 JSON 对象。请改正。",
            "The message must be one JSON object. Send it as such.",
        )
    model = incoming_of(_class(value, accept))
    try:
        # As JSON again: in Python values the strict classes would refuse what JSON has no type for, such as a time.
        message = model.model_validate_json(canonical(value), extra="forbid")
    except ValidationError as error:
        _reject(value, error.errors(include_url=False, include_context=True)[0])
    broken = first_broken_bound(message, value)
    if broken is not None:
        _reject(value, broken)
    return message


def incoming(
    data: Message,
    *,
    id: str,
    source: str,
    subject: str | None = None,
    authid: str | None = None,
    role: Role | None = None,
    onbehalfof: str | None = None,
    time: datetime | None = None,
    traceparent: str | None = None,
) -> bytes:
    """The bytes of a message: a command or an event to publish on `in_subject(publisher, tenant, data.TYPE)`, or a question
    to ask on `ask_subject(publisher, tenant, type(data))`.

    Sending the same `id` again is harmless.
    """
    model: Incoming[Message] = incoming_of(type(data))(
        specversion="1.0",
        id=id,
        source=source,
        type=data.TYPE,
        subject=subject,
        authid=authid,
        role=role,
        onbehalfof=onbehalfof,
        time=time,
        traceparent=traceparent,
        data=data,
    )
    return canonical(plain(model))


def _class(
    value: dict[str, Any], accept: Callable[[str, type[Message] | None], type[Message]]
) -> type[Message]:
    every_message()  # imports all message classes, which fills REGISTRY
    name = value.get("type")
    if name is None:
        raise InvalidMessage(
            "field_missing",
            "type",
            "缺少 type 字段。请填写消息类型。",
            "type is missing. Name the type of the message.",
        )
    return accept(str(name), REGISTRY.get(name) if isinstance(name, str) else None)


def _sendable(name: str, found: type[Message] | None) -> type[Message]:
    if found is None or found.KIND == "question":
        raise InvalidMessage(
            "unknown_type",
            "type",
            "type 不是已知的消息类型。请查阅 contracts/MESSAGES.md。",
            "type is no message that is known here. See contracts/MESSAGES.md.",
        )
    if not found.ROLES:
        raise InvalidMessage(
            "not_yours_to_send",
            "type",
            f"{name} 由本系统自己发出。请发送相应的指令。",
            f"{name} is said by the house alone. Send the command that leads to it.",
        )
    return found


def _askable(_: str, found: type[Message] | None) -> type[Message]:
    if found is None or found.KIND != "question":
        raise InvalidMessage(
            "unknown_question",
            "type",
            "type 不是已知的问题。请查阅 contracts/MESSAGES.md。",
            "type is no question that is known here. See contracts/MESSAGES.md.",
        )
    return found


def _reject(value: Any, problem: ErrorDetails) -> NoReturn:
    """Raises InvalidMessage for this problem, with the path of the field and a sentence in both languages."""
    field = _path(value, problem["loc"])
    code, zh, en = sentence(problem, field)
    raise InvalidMessage(code, field, zh, en)


def _path(value: Any, loc: tuple[int | str, ...]) -> str:
    """The path of the field in the message, from pydantic's location.

    pydantic also names the members of a union, which are not part of the path: for a CastVote without a stance it gives
    `("data", "choice", "open", "stance")`, and the path is `data.choice.stance`. So a step is kept if the value at hand
    has it, and then this value becomes the one at hand. A step that it does not have is a missing field if it is the last
    one, and otherwise the member of a union.
    """
    path: list[str] = []
    for n, step in enumerate(loc):
        if isinstance(value, dict | list) and (
            step in value if isinstance(value, dict) else isinstance(step, int)
        ):
            value = value[step]  # type: ignore[index]  # a key of a dict or an index of a list
        elif n < len(loc) - 1 or not isinstance(value, dict):
            continue
        path.append(join_path("", str(step)))
    return ".".join(path) or "message"
