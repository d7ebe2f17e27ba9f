"""The one reader of what comes from outside: it refuses what a lax reader would let through, and names the field."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from microgov.contracts.bounds import first_broken
from microgov.contracts.fields import Role, Words
from microgov.contracts.message import REGISTRY, Incoming, Message, canonical, incoming_of, plain
from microgov.contracts.registry import every_message
from microgov.contracts.validation.sentences import sentence

MOST_BYTES = 64 * 1024
MOST_DEEP = 16
MOST_INT = 2**53 - 1
"""What every JSON reader, also one that knows floating point numbers only, reads exactly."""
_CONTROL = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)


class Bad(Exception):
    """The message is refused: `field` is where (`data.title`), `words` say the rule and what to do."""

    def __init__(self, code: str, field: str, zh: str, en: str) -> None:
        super().__init__(f"{code} at {field}: {en}")
        self.code, self.field = code, field[:200]
        self.words = Words(zh=zh[:1000], en=en[:1000])


class _Wrong:
    """Stands in the place of a value that JSON allows and we do not, until its path is known."""

    def __init__(self, code: str, zh: str, en: str, key: str = "") -> None:
        self.code, self.zh, self.en, self.key = code, zh, en, key


def check(raw: bytes) -> Incoming[Message]:
    """What a publisher sent, validated. Raises Bad with the first thing that is wrong."""
    return _checked(raw, _sendable)


def check_question(raw: bytes) -> Incoming[Message]:
    """What a publisher asked, in the same envelope, validated. Raises Bad with the first thing that is wrong."""
    return _checked(raw, _askable)


def _checked(raw: bytes, fit: Callable[[str, type[Message] | None], type[Message]]) -> Incoming[Message]:
    value = _json(raw)
    _walk(value, "", 0)
    if not isinstance(value, dict):
        raise Bad(
            "wrong_type",
            "message",
            "消息必须是一个 JSON 对象。请改正。",
            "The message must be one JSON object. Send it as such.",
        )
    model = incoming_of(_class(value, fit))
    try:
        message = model.model_validate_json(canonical(value), extra="forbid")
    except ValidationError as error:
        _refuse(value, error.errors(include_url=False, include_context=True)[0])
    broken = first_broken(message, value)
    if broken is not None:
        _refuse(value, broken)
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
    """The bytes to publish on `in_subject(publisher, tenant, data.TYPE)`; the same `id` again is harmless."""
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


def _json(raw: bytes) -> Any:
    if len(raw) > MOST_BYTES:
        raise Bad(
            "too_large",
            "message",
            f"消息超过 {MOST_BYTES} 字节。请缩短，或把文件作为附件发送。",
            f"The message has more than {MOST_BYTES} bytes. Shorten it, or send files as attachments.",
        )
    try:
        return json.loads(
            raw.decode(), object_pairs_hook=_object, parse_float=_float, parse_int=_int, parse_constant=_float
        )
    except UnicodeDecodeError as error:
        raise Bad(
            "not_utf8",
            "message",
            "消息不是 UTF-8 编码。请改用 UTF-8。",
            "The message is not UTF-8. Encode it so.",
        ) from error
    except RecursionError as error:
        raise _too_deep("message") from error
    except ValueError as error:
        raise Bad(
            "not_json",
            "message",
            "消息不是有效的 JSON。请检查格式。",
            "The message is not valid JSON. Check how it is written.",
        ) from error


def _object(pairs: list[tuple[str, Any]]) -> Any:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # an idiom
    return _Wrong("duplicate_field", "字段出现了两次。请只保留一个。", "stands there twice. Keep one.", twice)


def _int(text: str) -> Any:
    if len(text) <= 17 and abs(number := int(text)) <= MOST_INT:
        return number
    return _Wrong("out_of_range", "数字太大。请用较小的整数。", "is too large a number. Send a smaller one.")


def _float(_: str) -> Any:
    return _Wrong(
        "not_an_integer", "只允许整数。请换算成较小的单位。", "must be a whole number. Use a smaller unit."
    )


def _too_deep(field: str) -> Bad:
    return Bad(
        "too_deep",
        field,
        f"嵌套超过 {MOST_DEEP} 层。请减少层数。",
        f"It is nested more than {MOST_DEEP} levels deep. Nest less.",
    )


def _walk(value: Any, path: str, depth: int) -> None:
    if depth > MOST_DEEP:
        raise _too_deep(path.lstrip("."))
    if isinstance(value, _Wrong):
        where = (_join(path, value.key) if value.key else path) or "message"
        raise Bad(value.code, where, f"{where}：{value.zh}", f"{where} {value.en}")
    if isinstance(value, str) and (found := _CONTROL.search(value)):
        raise _forbidden(path or "message", found)
    if isinstance(value, dict):
        for key, inner in value.items():
            if found := _CONTROL.search(key):
                raise _forbidden(_join(path, key), found)
            _walk(inner, _join(path, key), depth + 1)
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            _walk(inner, f"{path}.{n}", depth + 1)


def _join(path: str, key: str) -> str:
    """A key may be anything: what could deceive a reader of the receipt is written as an escape."""
    shown = _CONTROL.sub(lambda m: f"\\u{ord(m[0]):04x}", key)[:64] or '""'
    shown = shown.replace("\n", "\\n").replace("\t", "\\t")
    return f"{path}.{shown}" if path else shown


def _forbidden(path: str, found: re.Match[str]) -> Bad:
    code = f"U+{ord(found[0]):04X}"
    return Bad(
        "forbidden_character",
        path,
        f"{path} 含有不允许的控制字符 {code}。请删除。",
        f"{path} holds the control character {code}. Remove it.",
    )


def _class(value: dict[str, Any], fit: Callable[[str, type[Message] | None], type[Message]]) -> type[Message]:
    every_message()
    name = value.get("type")
    if name is None:
        raise Bad(
            "field_missing",
            "type",
            "缺少 type 字段。请填写消息类型。",
            "type is missing. Name the type of the message.",
        )
    return fit(str(name), REGISTRY.get(name) if isinstance(name, str) else None)


def _sendable(name: str, found: type[Message] | None) -> type[Message]:
    if found is None or found.KIND == "question":
        raise Bad(
            "unknown_type",
            "type",
            "type 不是已知的消息类型。请查阅 contracts/MESSAGES.md。",
            "type is no message that is known here. See contracts/MESSAGES.md.",
        )
    if not found.ROLES:
        raise Bad(
            "not_yours_to_send",
            "type",
            f"{name} 由本系统自己发出。请发送相应的指令。",
            f"{name} is said by the house alone. Send the command that leads to it.",
        )
    return found


def _askable(_: str, found: type[Message] | None) -> type[Message]:
    if found is None or found.KIND != "question":
        raise Bad(
            "unknown_question",
            "type",
            "type 不是已知的问题。请查阅 contracts/MESSAGES.md。",
            "type is no question that is known here. See contracts/MESSAGES.md.",
        )
    return found


def _refuse(value: Any, problem: ErrorDetails) -> NoReturn:
    field = _path(value, problem["loc"])
    code, zh, en = sentence(problem, field)
    raise Bad(code, field, zh, en)


def _path(value: Any, loc: tuple[int | str, ...]) -> str:
    """pydantic names the members of a union in between; they are no part of the path in the message."""
    path: list[str] = []
    for n, step in enumerate(loc):
        if isinstance(value, dict | list) and (
            step in value if isinstance(value, dict) else isinstance(step, int)
        ):
            value = value[step]  # type: ignore[index]  # a key of a dict or an index of a list
        elif n < len(loc) - 1 or not isinstance(value, dict):
            continue
        path.append(_join("", str(step)))
    return ".".join(path) or "message"
