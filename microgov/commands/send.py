"""`microgov send`: messages from a file through the front door, with their receipts."""

import asyncio
import json as jsonlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from microgov.client.connection import Silent
from microgov.client.publisher import Client
from microgov.commands.base import (
    TENANT,
    Json,
    Lang,
    Tenant,
    bar,
    echo,
    examples,
    finish,
    machine,
    with_client,
)
from microgov.contracts.log import CommandRefused, EventIgnored, MessageQuarantined
from microgov.contracts.message import Envelope, Message
from microgov.contracts.receipt import Receipt
from microgov.contracts.validation.incoming import check
from microgov.contracts.validation.invalid_message import InvalidMessage
from microgov.services.chassis.errors import Again, Problem
from microgov.text.sentences import Sentence, tell

EXAMPLES = examples("microgov send issue.json", "cat many.ndjson | microgov send - --tenant demo --json")

WINDOW, EFFECT, PACE = 500, 3.0, 500
"""So many receipts are outstanding; for so many seconds, and one more for each so many messages, an effect is waited for."""


class Document(NamedTuple):
    """A message that was found valid, and its bytes as they stand in the file."""

    id: str
    type: str
    raw: bytes


def send(
    file: Annotated[
        str, typer.Argument(help="a message, a JSON array or NDJSON of many; - reads standard input")
    ],
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Checks the messages, sends them, waits for their receipts, and for what the services refuse · 发送消息"""
    documents = valid(_read(file))

    async def deliver(client: Client) -> SentLine:
        end = await client.end()
        receipts = await many(client, documents)
        accepted = [receipt for receipt in receipts if receipt.status == "accepted"]
        return SentLine(receipts, await client.reactions(accepted, EFFECT + len(accepted) / PACE), end)

    sent = with_client(tenant, deliver)
    if json:
        for value in (*sent.receipts, *(sent.effects.values() if len(documents) == 1 else sent.refusals)):
            machine(value)
    elif len(documents) == 1:
        _one(sent, f"microgov tail --tenant {tenant} --from {sent.receipts[0].log_seq}", lang)
    else:
        _several(sent, lang)
    finish(len(sent.stored) == len(documents) and not sent.refusals)


class SentLine(NamedTuple):
    """`effects`: the first message that each led to, by the id in the log; `end`: that of the log before it was sent."""

    receipts: list[Receipt]
    effects: dict[str, Envelope[Message]]
    end: int

    @property
    def stored(self) -> list[Receipt]:
        """Those that the door accepted."""
        return [receipt for receipt in self.receipts if receipt.status == "accepted"]

    @property
    def refusals(self) -> list[Envelope[Message]]:
        """What the services refused, or could not deal with."""
        found = [self.effects[receipt.id or ""] for receipt in self.stored if receipt.id in self.effects]
        return [effect for effect in found if isinstance(effect.data, CommandRefused | MessageQuarantined)]

    def before(self, receipt: Receipt) -> bool:
        """Whether it is the receipt of a message that was sent earlier under the same id."""
        return receipt.log_seq is not None and receipt.log_seq <= self.end


def _one(sent: SentLine, look: str, lang: str | None) -> None:
    (receipt,) = sent.receipts
    _tell(receipt, lang)
    if sent.before(receipt):
        echo(
            f"编号 {receipt.publisherid} 此前已发送过，这是当时的回执；现在的内容没有再处理。要再发一条，请换编号。",
            f"{receipt.publisherid} was sent before, and this is the receipt of then; what it says now was not looked at. "
            "For another message, choose another id.",
            lang,
            "yellow",
        )
    elif receipt.status == "accepted":
        _outcome(look, next(iter(sent.effects.values()), None), lang)


def _several(sent: SentLine, lang: str | None) -> None:
    refusals = {effect.causationid: effect for effect in sent.refusals}
    for receipt in sent.receipts:
        if receipt.status != "accepted":
            _tell(receipt, lang)
        elif receipt.id in refusals:
            zh, en = tell(refusals[receipt.id])
            echo(f"{receipt.publisherid} {zh}", f"{receipt.publisherid} {en}", lang, "yellow")
    total, stored, refused = len(sent.receipts), len(sent.stored), len(refusals)
    again = sum(sent.before(receipt) for receipt in sent.stored)
    zh = f"，其中被服务拒绝 {refused} 条" * bool(refused) + f"，此前已发送 {again} 条" * bool(again)
    en = f"; the services refused {refused}" * bool(refused) + f"; {again} had been sent before" * bool(again)
    echo(
        f"共 {total} 条，已存入日志 {stored} 条{zh}。",
        f"{stored} of {total} messages are stored in the log{en}.",
        lang,
    )


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read: {error} · 无法读取") from error


def valid(text: str) -> list[Document]:
    """Every message of the text, checked as the door does. Raises Problem that names each that is not fit."""
    found, wrong = list[Document](), list[Sentence]()
    for n, raw in enumerate(slices(text), 1):
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
        except (ValueError, RecursionError):
            yield text[at:].encode()  # the check says what is wrong with it
            return
        yield text[at:end].encode()
        at = end


async def many(client: Client, documents: Sequence[Document]) -> list[Receipt]:
    """In order; the receipts come while later ones are sent. What a cut connection lost is sent again."""
    receipts, sent = list[Receipt](), 0
    waiting: list[tuple[Document, asyncio.Future[Receipt] | None]] = []
    with bar() as shown:
        task = shown.add_task("→", total=len(documents))
        try:
            for document in documents:
                waiting.append((document, await _post(client, document)))
                sent += 1
                if len(waiting) >= WINDOW:
                    receipts.append(await _receipt(client, *waiting.pop(0)))
                    shown.update(task, completed=len(receipts))
            for document, answer in waiting:
                receipts.append(await _receipt(client, document, answer))
                shown.update(task, completed=len(receipts))
        except Silent as silent:
            raise _given_up(silent, len(documents), sent, len(receipts)) from silent
    return receipts


def _given_up(silent: Silent, all_: int, sent: int, answered: int) -> Silent:
    return Silent(
        f"共 {all_} 条，发出 {sent} 条，收到回执 {answered} 条。{silent.zh}",
        f"Of {all_} messages {sent} were sent and {answered} have their receipt. {silent.en}",
    )


async def _post(client: Client, document: Document) -> "asyncio.Future[Receipt] | None":
    try:
        return await client.post(document.type, document.id, document.raw)
    except Again:
        return None


async def _receipt(client: Client, document: Document, answer: "asyncio.Future[Receipt] | None") -> Receipt:
    if answer is not None:
        with suppress(Again):
            return await client.receipt(document.id, answer)
    return await client.send_raw(document.type, document.id, document.raw)


def _tell(receipt: Receipt, lang: str | None) -> None:
    if receipt.status == "accepted":
        echo(
            f"{receipt.publisherid} 已存入日志第 {receipt.log_seq} 条，编号 {receipt.subject}",
            f"{receipt.publisherid} is stored, place {receipt.log_seq} in the log, subject {receipt.subject}",
            lang,
        )
    elif receipt.message is not None:
        echo(
            f"{receipt.publisherid} 被拒绝（{receipt.code}，{receipt.field}）：{receipt.message.zh}",
            f"{receipt.publisherid} is rejected ({receipt.code}, {receipt.field}): {receipt.message.en}",
            lang,
            "yellow",
        )


def _outcome(look: str, effect: Envelope[Message] | None, lang: str | None) -> None:
    """What the services made of it; where none has said so by now, the command that will show it."""
    if effect is None:
        echo(
            f"{EFFECT:g} 秒内还没有结果，请用 `{look}` 查看。",
            f"Nothing came of it within {EFFECT:g} s yet: see `{look}`.",
            lang,
            "yellow",
        )
        return
    zh, en = tell(effect)
    if isinstance(effect.data, CommandRefused | EventIgnored | MessageQuarantined):
        echo(zh, en, lang, "yellow")
    else:
        echo(f"已受理：{zh}", f"accepted: {en}", lang, "green")
