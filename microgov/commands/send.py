"""`microgov send`: sends messages from a file to the door and shows their receipts."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, NamedTuple

import typer

from microgov.client.connection import Silent
from microgov.client.publisher import Client
from microgov.commands.base import (
    TENANT,
    Json,
    Lang,
    Tenant,
    echo,
    examples,
    finish,
    print_as_json,
    progress_bar,
    with_client,
)
from microgov.commands.documents import Document, checked_documents, read_text
from microgov.contracts.log import CommandRefused, EventIgnored, MessageQuarantined
from microgov.contracts.message import Envelope, Message
from microgov.contracts.receipt import Receipt
from microgov.services.chassis.errors import Again
from microgov.text.sentences import sentence_of

EXAMPLES = examples("microgov send issue.json", "cat many.ndjson | microgov send - --tenant demo --json")

MAX_UNANSWERED = 500
"""The greatest number of messages that may wait for their receipts at the same time."""
EFFECT_SECONDS, MESSAGES_PER_SECOND = 3.0, 500
"""How long to wait for effects: EFFECT_SECONDS, and one second more for every MESSAGES_PER_SECOND messages."""


def send(
    file: Annotated[
        str,
        typer.Argument(
            help="a file with one message, a JSON array or NDJSON; - reads standard input · 消息文件，- 为标准输入"
        ),
    ],
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Checks the messages, sends them, and waits for their receipts and for refusals of the services · 发送消息"""
    documents = checked_documents(read_text(file))

    async def deliver(client: Client) -> SendResult:
        end = await client.end()
        receipts = await send_all(client, documents)
        accepted = [receipt for receipt in receipts if receipt.status == "accepted"]
        return SendResult(
            receipts,
            await client.reactions(accepted, EFFECT_SECONDS + len(accepted) / MESSAGES_PER_SECOND),
            end,
        )

    sent = with_client(tenant, deliver)
    if json:
        for value in (*sent.receipts, *(sent.effects.values() if len(documents) == 1 else sent.refusals)):
            print_as_json(value)
    elif len(documents) == 1:
        _show_single(sent, f"microgov tail --tenant {tenant} --from {sent.receipts[0].log_seq}", lang)
    else:
        _show_several(sent, lang)
    finish(len(sent.stored) == len(documents) and not sent.refusals)


class SendResult(NamedTuple):
    """Receipts and effects of the messages that were sent.

    `effects` holds the first message that each one caused, by the id of the sent message in the log. `end` is the last
    sequence of the log before sending.
    """

    receipts: list[Receipt]
    effects: dict[str, Envelope[Message]]
    end: int

    @property
    def stored(self) -> list[Receipt]:
        """The receipts of the messages that the door accepted."""
        return [receipt for receipt in self.receipts if receipt.status == "accepted"]

    @property
    def refusals(self) -> list[Envelope[Message]]:
        """The effects which say that a service refused a message, or failed at it."""
        found = [self.effects[receipt.id or ""] for receipt in self.stored if receipt.id in self.effects]
        return [effect for effect in found if isinstance(effect.data, CommandRefused | MessageQuarantined)]

    def sent_earlier(self, receipt: Receipt) -> bool:
        """Whether the receipt is that of a message which was sent earlier under the same id."""
        return receipt.log_seq is not None and receipt.log_seq <= self.end


def _show_single(sent: SendResult, command: str, lang: str | None) -> None:
    (receipt,) = sent.receipts
    _show_receipt(receipt, lang)
    if sent.sent_earlier(receipt):
        echo(
            f"编号 {receipt.publisherid} 此前已发送过，这是当时的回执；现在的内容没有再处理。要再发一条，请换编号。",
            f"{receipt.publisherid} was sent before, and this is the receipt of then; what it says now was not looked at. "
            "For another message, choose another id.",
            lang,
            "yellow",
        )
    elif receipt.status == "accepted":
        _show_outcome(command, next(iter(sent.effects.values()), None), lang)


def _show_several(sent: SendResult, lang: str | None) -> None:
    refusals = {effect.causationid: effect for effect in sent.refusals}
    for receipt in sent.receipts:
        if receipt.status != "accepted":
            _show_receipt(receipt, lang)
        elif receipt.id in refusals:
            zh, en = sentence_of(refusals[receipt.id])
            echo(f"{receipt.publisherid} {zh}", f"{receipt.publisherid} {en}", lang, "yellow")
    total, stored, refused = len(sent.receipts), len(sent.stored), len(refusals)
    again = sum(sent.sent_earlier(receipt) for receipt in sent.stored)
    zh = f"，其中被服务拒绝 {refused} 条" * bool(refused) + f"，此前已发送 {again} 条" * bool(again)
    en = f"; the services refused {refused}" * bool(refused) + f"; {again} had been sent before" * bool(again)
    echo(
        f"共 {total} 条，已存入日志 {stored} 条{zh}。",
        f"{stored} of {total} messages are stored in the log{en}.",
        lang,
    )


async def send_all(client: Client, documents: Sequence[Document]) -> list[Receipt]:
    """Sends the messages in order, and returns their receipts in the same order.

    Messages that a cut connection has lost are sent again. Raises Silent if a receipt does not arrive.
    """
    receipts, sent = list[Receipt](), 0
    waiting: list[tuple[Document, asyncio.Future[Receipt] | None]] = []
    with progress_bar() as shown:
        task = shown.add_task("→", total=len(documents))
        try:
            for document in documents:
                waiting.append((document, await _post(client, document)))
                sent += 1
                if len(waiting) >= MAX_UNANSWERED:
                    receipts.append(await _receipt(client, *waiting.pop(0)))
                    shown.update(task, completed=len(receipts))
            for document, answer in waiting:
                receipts.append(await _receipt(client, document, answer))
                shown.update(task, completed=len(receipts))
        except Silent as silent:
            raise _incomplete(silent, len(documents), sent, len(receipts)) from silent
    return receipts


def _incomplete(silent: Silent, all_: int, sent: int, answered: int) -> Silent:
    return Silent(
        f"共 {all_} 条，发出 {sent} 条，收到回执 {answered} 条。{silent.zh}",
        f"Of {all_} messages {sent} were sent and {answered} have their receipt. {silent.en}",
    )


async def _post(client: Client, document: Document) -> "asyncio.Future[Receipt] | None":
    """The future of the receipt; None if the connection was cut while sending."""
    try:
        return await client.post(document.type, document.id, document.raw)
    except Again:
        return None


async def _receipt(client: Client, document: Document, answer: "asyncio.Future[Receipt] | None") -> Receipt:
    if answer is not None:
        with suppress(Again):
            return await client.receipt(document.id, answer)
    return await client.send_raw(document.type, document.id, document.raw)


def _show_receipt(receipt: Receipt, lang: str | None) -> None:
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


def _show_outcome(command: str, effect: Envelope[Message] | None, lang: str | None) -> None:
    """Prints the effect or the refusal of the message; if there is none yet, the command that will show it."""
    if effect is None:
        echo(
            f"{EFFECT_SECONDS:g} 秒内还没有结果，请用 `{command}` 查看。",
            f"Nothing came of it within {EFFECT_SECONDS:g} s yet: see `{command}`.",
            lang,
            "yellow",
        )
        return
    zh, en = sentence_of(effect)
    if isinstance(effect.data, CommandRefused | EventIgnored | MessageQuarantined):
        echo(zh, en, lang, "yellow")
    else:
        echo(f"已受理：{zh}", f"accepted: {en}", lang, "green")
