"""Messages in a file or on standard input, checked before any is sent."""

import json as jsonlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import typer

from microgov.contracts.validation.incoming import check
from microgov.contracts.validation.invalid_message import InvalidMessage
from microgov.services.chassis.errors import Problem
from microgov.text.sentences import Sentence


class Document(NamedTuple):
    """A valid message: its id, its type, and its bytes as they are in the file."""

    id: str
    type: str
    raw: bytes


def read_text(file: str) -> str:
    """The text of a file, or of standard input for `-`. Raises BadParameter if it cannot be read."""
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read: {error} · 无法读取") from error


def checked_documents(text: str) -> list[Document]:
    """All messages of the text, checked as the door checks them. Raises Problem, which names every invalid one."""
    found, wrong = list[Document](), list[Sentence]()
    for n, raw in enumerate(json_values(text), 1):
        try:
            m = check(raw)
        except InvalidMessage as bad:
            wrong.append(
                Sentence(
                    f"第 {n} 条：{bad.words.zh}（{bad.code}）", f"Message {n}: {bad.words.en} ({bad.code})"
                )
            )
        else:
            found.append(Document(m.id, m.type, raw))
    if wrong:
        zh, en = (
            f"共 {n} 条，{len(wrong)} 条有误，均未发送。",
            f"{len(wrong)} of {n} are not fit; nothing was sent.",
        )
        raise Problem(
            "\n".join([*(one.zh for one in wrong), zh]), "\n".join([*(one.en for one in wrong), en])
        )
    if not found:
        raise Problem("没有消息可发。", "There is no message to send.")
    return found


def json_values(text: str) -> Iterator[bytes]:
    """The bytes of every JSON value of a text: a single value, several in a row (NDJSON), or the items of one array."""
    decoder = jsonlib.JSONDecoder()
    inside = text.lstrip().startswith("[")
    at = text.index("[") + 1 if inside else 0
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        if at >= len(text) or (inside and text[at] == "]"):
            return
        try:
            _, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            yield text[at:].encode()  # the check reports what is wrong with it
            return
        yield text[at:end].encode()
        at = end
