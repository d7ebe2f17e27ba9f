"""Strict reading of JSON: rejects what Python's `json` would accept.

It rejects text that is not UTF-8, duplicate keys, numbers that are not whole or are beyond 2⁵³ − 1, control characters,
more than 64 KiB, and more than 16 levels. A value that is at fault is replaced by `_InvalidValue` while `json` parses it,
because its path is known only afterwards.
"""

import json
import re
from typing import Any

from microgov.contracts.validation.invalid_message import InvalidMessage

MAX_BYTES = 64 * 1024
MAX_DEPTH = 16
MAX_INTEGER = 2**53 - 1
"""The largest whole number that a reader which has floating point numbers only still reads exactly."""
_CONTROL = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)


class _InvalidValue:
    """Takes the place of a value which JSON allows and a message may not hold, until its path is known."""

    def __init__(self, code: str, zh: str, en: str, key: str = "") -> None:
        self.code, self.zh, self.en, self.key = code, zh, en, key


def read_json(raw: bytes) -> Any:
    """The parsed value. Raises InvalidMessage, which names the first field at fault."""
    value = _parse(raw)
    _check_values(value, "", 0)
    return value


def _parse(raw: bytes) -> Any:
    if len(raw) > MAX_BYTES:
        raise InvalidMessage(
            "too_large",
            "message",
            f"消息超过 {MAX_BYTES} 字节。请缩短，或把文件作为附件发送。",
            f"The message has more than {MAX_BYTES} bytes. Shorten it, or send files as attachments.",
        )
    try:
        return json.loads(
            raw.decode(), object_pairs_hook=_object, parse_float=_float, parse_int=_int, parse_constant=_float
        )
    except UnicodeDecodeError as error:
        raise InvalidMessage(
            "not_utf8",
            "message",
            "消息不是 UTF-8 编码。请改用 UTF-8。",
            "The message is not UTF-8. Encode it so.",
        ) from error
    except RecursionError as error:
        raise _too_deep("message") from error
    except ValueError as error:
        raise InvalidMessage(
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
    return _InvalidValue(
        "duplicate_field", "字段出现了两次。请只保留一个。", "stands there twice. Keep one.", twice
    )


def _int(text: str) -> Any:
    if len(text) <= 17 and abs(number := int(text)) <= MAX_INTEGER:
        return number
    return _InvalidValue(
        "out_of_range", "数字太大。请用较小的整数。", "is too large a number. Send a smaller one."
    )


def _float(_: str) -> Any:
    return _InvalidValue(
        "not_an_integer", "只允许整数。请换算成较小的单位。", "must be a whole number. Use a smaller unit."
    )


def _too_deep(field: str) -> InvalidMessage:
    return InvalidMessage(
        "too_deep",
        field,
        f"嵌套超过 {MAX_DEPTH} 层。请减少层数。",
        f"It is nested more than {MAX_DEPTH} levels deep. Nest less.",
    )


def _check_values(value: Any, path: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise _too_deep(path.lstrip("."))
    if isinstance(value, _InvalidValue):
        where = (join_path(path, value.key) if value.key else path) or "message"
        raise InvalidMessage(value.code, where, f"{where}：{value.zh}", f"{where} {value.en}")
    if isinstance(value, str) and (found := _CONTROL.search(value)):
        raise _forbidden(path or "message", found)
    if isinstance(value, dict):
        for key, inner in value.items():
            if found := _CONTROL.search(key):
                raise _forbidden(join_path(path, key), found)
            _check_values(inner, join_path(path, key), depth + 1)
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            _check_values(inner, f"{path}.{n}", depth + 1)


def join_path(path: str, key: str) -> str:
    """The path of a key inside `path`. Control characters in the key become escapes: the receipt shows the path."""
    shown = _CONTROL.sub(lambda m: f"\\u{ord(m[0]):04x}", key)[:64] or '""'
    shown = shown.replace("\n", "\\n").replace("\t", "\\t")
    return f"{path}.{shown}" if path else shown


def _forbidden(path: str, found: re.Match[str]) -> InvalidMessage:
    code = f"U+{ord(found[0]):04X}"
    return InvalidMessage(
        "forbidden_character",
        path,
        f"{path} 含有不允许的控制字符 {code}。请删除。",
        f"{path} holds the control character {code}. Remove it.",
    )
