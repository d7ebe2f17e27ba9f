"""`microgov send`: messages from a file through the front door, with their receipts."""

import asyncio
import json as jsonlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from contracts.checking import Bad, check
from contracts.log import CommandRefused, EventIgnored, MessageQuarantined
from contracts.message import Envelope, Message
from contracts.receipt import Receipt
from services.chassis.errors import Again
from services.client import Client
from services.commands.base import TENANT, Json, Lang, Tenant, bar, examples, finish, machine, say, with_client
from services.gateway.publishers import Problem
from services.words import tell

EXAMPLES = examples("microgov send issue.json", "cat many.ndjson | microgov send - --tenant demo --json")

WINDOW, EFFECT = 500, 3.0


class Document(NamedTuple):
    """A message that was found valid, and its bytes as they stand in the file."""

    id: str
    type: str
    raw: bytes


def send(
    file: Annotated[str, typer.Argument(help="a message, a JSON array or NDJSON of many; - reads standard input")],
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Checks the messages, sends them, waits for their receipts · 发送消息"""
    documents = valid(_read(file))
    alone = len(documents) == 1

    async def deliver(client: Client) -> tuple[list[Receipt], Envelope[Message] | None]:
        if not alone:
            return await many(client, documents), None
        receipt = await client.send_raw(documents[0].type, documents[0].id, documents[0].raw)
        return [receipt], await client.reaction(receipt, EFFECT) if receipt.status == "accepted" else None

    receipts, effect = with_client(tenant, deliver)
    refused = effect is not None and isinstance(effect.data, CommandRefused | MessageQuarantined)
    for receipt in receipts:
        if json:
            machine(receipt)
        elif alone or receipt.status != "accepted":
            _tell(receipt, lang)
    if effect is not None and json:
        machine(effect)
    elif alone and not json and receipts[0].status == "accepted":
        _outcome(f"microgov tail --tenant {tenant} --from {receipts[0].log_seq}", effect, lang)
    accepted = sum(receipt.status == "accepted" for receipt in receipts)
    if not json and not alone:
        sent = len(receipts)
        say(f"共 {sent} 条，已存入日志 {accepted} 条。", f"{accepted} of {sent} messages are stored in the log.", lang)
    finish(accepted == len(receipts) and not refused)


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read: {error} · 无法读取") from error


def valid(text: str) -> list[Document]:
    """Every message of the text, checked as the door does. Raises Problem with the first that is not fit."""
    found = []
    for n, raw in enumerate(slices(text), 1):
        try:
            m = check(raw)
        except Bad as bad:
            raise Problem(f"第 {n} 条：{bad.words.zh}（{bad.code}）", f"Message {n}: {bad.words.en} ({bad.code})") from bad
        found.append(Document(m.id, m.type, raw))
    if not found:
        raise Problem("没有消息可发。", "There is no message to send.")
    return found


def slices(text: str) -> Iterator[bytes]:
    """The JSON values of a text as they stand there: one, several after another, or those of one array."""
    decoder, at = jsonlib.JSONDecoder(), 0
    inside = text.lstrip().startswith("[")
    at = text.index("[") + 1 if inside else 0
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        if at >= len(text) or (inside and text[at] == "]"):
            return
        try:
            _, end = decoder.raw_decode(text, at)
        except ValueError:
            yield text[at:].encode()  # the check says what is wrong with it
            return
        yield text[at:end].encode()
        at = end


async def many(client: Client, documents: Sequence[Document]) -> list[Receipt]:
    """In order; the receipts come while later ones are sent. What a cut connection lost is sent again."""
    receipts: list[Receipt] = []
    waiting: list[tuple[Document, asyncio.Future[Receipt] | None]] = []
    with bar() as shown:
        task = shown.add_task("→", total=len(documents))
        for document in documents:
            waiting.append((document, await _post(client, document)))
            if len(waiting) >= WINDOW:
                receipts.append(await _receipt(client, *waiting.pop(0)))
                shown.update(task, completed=len(receipts))
        for document, answer in waiting:
            receipts.append(await _receipt(client, document, answer))
            shown.update(task, completed=len(receipts))
    return receipts


async def _post(client: Client, document: Document) -> "asyncio.Future[Receipt] | None":
    try:
        return await client.post(document.type, document.id, document.raw)
    except Again:
        return None


async def _receipt(client: Client, document: Document, answer: "asyncio.Future[Receipt] | None") -> Receipt:
    try:
        if answer is not None:
            return await asyncio.wait_for(answer, 20.0)
    except (Again, TimeoutError):
        pass
    return await client.send_raw(document.type, document.id, document.raw)


def _tell(receipt: Receipt, lang: str | None) -> None:
    if receipt.status == "accepted":
        say(
            f"{receipt.publisherid} 已存入日志第 {receipt.log_seq} 条，编号 {receipt.subject}",
            f"{receipt.publisherid} is stored, place {receipt.log_seq} in the log, subject {receipt.subject}",
            lang,
        )
    elif receipt.message is not None:
        say(
            f"被拒绝 {receipt.publisherid}（{receipt.code}，{receipt.field}）：{receipt.message.zh}",
            f"{receipt.publisherid} is rejected ({receipt.code}, {receipt.field}): {receipt.message.en}",
            lang,
            "yellow",
        )


def _outcome(look: str, effect: Envelope[Message] | None, lang: str | None) -> None:
    """What the services made of it; where none has said so by now, the command that will show it."""
    if effect is None:
        say(f"{EFFECT:g} 秒内还没有结果，请用 `{look}` 查看。", f"Nothing came of it within {EFFECT:g} s yet: see `{look}`.",
            lang, "yellow")
        return
    zh, en = tell(effect)
    if isinstance(effect.data, CommandRefused | EventIgnored | MessageQuarantined):
        say(zh, en, lang, "yellow")
    else:
        say(f"已受理：{zh}", f"accepted: {en}", lang, "green")
