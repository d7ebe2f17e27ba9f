"""`microgov tail`: the log in words, one line for each message."""

import json as jsonlib
from typing import Annotated

import typer
from rich.text import Text

from microgov.client.operator import parse_stored
from microgov.client.publisher import Client
from microgov.commands.base import TENANT, Json, Lang, Tenant, echo, examples, out, print_as_json, with_client
from microgov.commands.message_types import full_types, is_type, storable
from microgov.contracts.message import Envelope, Message, type_in
from microgov.services.chassis.log import Stored
from microgov.services.chassis.recording.entities import is_about
from microgov.text.sentences import Sentence, hour, sender_of, sentence_of

EXAMPLES = examples(
    "microgov tail --follow",
    "microgov tail --tenant demo --type VoteCast --from 1 --json",
    "microgov tail --entity veg-1",
)

LAST = 20
"""How many messages are shown, counted from the end of the log, if no start is given."""


def tail(
    tenant: Tenant = TENANT,
    kind: Annotated[
        str | None,
        typer.Option("--type", help="the type, such as VoteCast, vote_cast or issues.vote_cast.v1 · 类型"),
    ] = None,
    entity: Annotated[str | None, typer.Option(help="messages that contain this id · 与此编号有关的")] = None,
    first: Annotated[
        int | None, typer.Option("--from", min=1, help="the first sequence to show · 从第几条起")
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="continue until ctrl-C · 持续")] = False,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """What happened, in words; the last twenty messages unless more is asked for · 日志"""

    if kind is not None:
        full_types("--type", kind, storable())

    async def show(client: Client) -> None:
        end = await client.end()
        after = first - 1 if first else 0 if kind or entity else max(0, end - LAST)
        if after >= end and not follow:
            return
        shown = 0
        async for stored in client.raw_log(after):
            if matches(stored, kind, entity):
                shown += 1
                _print(stored, lang, json)
            if stored.seq >= end and not follow:
                break
        if not shown and not json:
            _show_none(tenant, lang)

    with_client(tenant, show)


def _show_none(tenant: str, lang: str | None) -> None:
    echo(
        f"{tenant} 的日志中没有符合条件的消息。",
        f"There is no such message in the log of {tenant}.",
        lang,
        "dim",
    )


def matches(stored: Stored, kind: str | None, entity: str | None) -> bool:
    """Whether the message is of this type and names this entity."""
    if kind is not None and not is_type(kind, type_in(stored.subject)):
        return False
    return entity is None or is_about(stored, entity)


def _print(stored: Stored, lang: str | None, json: bool) -> None:
    if json:
        print_as_json({"seq": stored.seq, "subject": stored.subject, "event": jsonlib.loads(stored.data)})
        return
    m = parse_stored(stored)
    if m is None:
        out.print(f"{stored.seq:>6}  {stored.subject}", style="red")
        return
    out.print(line(stored.seq, m, lang))


def line(seq: int, m: Envelope[Message], lang: str | None) -> Text:
    """The line for a message: sequence, time, sender with role, and what happened."""
    style = (
        "yellow"
        if m.type.startswith("log.command_refused")
        else "default"
        if m.writer == "gateway"
        else "green"
    )
    said = [f"{person}：{what}" if zh else f"{person}: {what}" for zh, person, what in _pairs(m, lang)]
    return Text.assemble((f"{seq:>6}  {hour(m.recordedtime)}  ", "dim"), (" · ".join(said), style))


def _pairs(m: Envelope[Message], lang: str | None) -> list[tuple[bool, str, str]]:
    people, words = Sentence("通知", "notify") if m.writer == "notify" else sender_of(m), sentence_of(m)
    both = [(True, people.zh, words.zh), (False, people.en, words.en)]
    return [pair for pair in both if lang not in ("zh", "en") or pair[0] is (lang == "zh")]
