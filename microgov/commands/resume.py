"""`microgov resume`: after a restore, an operator decides about what may have been sent before it."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

import orjson
import typer
from rich.table import Table

from microgov.client.connection import Misuse, connection_settings
from microgov.commands.base import (
    Json,
    client_with_waiting_message,
    echo,
    examples,
    finish,
    out,
    print_as_json,
)
from microgov.commands.status import tenants
from microgov.contracts.notify import HeldShown, ResumeSending, ShowHeld
from microgov.safekeeping import paused
from microgov.safekeeping.paused import Paused
from microgov.services.chassis.runtime.settings import Settings
from microgov.services.gateway.accounts.credentials import Credentials
from microgov.text.sentences import hour, use_local_time

EXAMPLES = examples(
    "microgov resume",
    "microgov resume --send all",
    'microgov resume --close donghu/webhook/claimed --reason "told by phone" --send all',
)
ALL = "all"


@dataclass
class HeldBack:
    """What is held back: by tenant that of notify, and the publishers to whom nothing is handed out."""

    tenants: dict[str, HeldShown] = field(default_factory=dict)
    publishers: list[Paused] = field(default_factory=list)

    def groups(self) -> dict[str, int]:
        """The size of each group, by its name."""
        of_tenants = {
            f"{name}/{one.name}": one.count for name, held in self.tenants.items() for one in held.groups
        }
        return of_tenants | {f"out/{one.publisher}": one.events for one in self.publishers}


def resume(
    send: Annotated[
        list[str] | None, typer.Option(metavar="GROUP", help="send it; `all`: whatever is left · 发送")
    ] = None,
    close: Annotated[
        list[str] | None,
        typer.Option(metavar="GROUP", help="never send it: its fate stays unknown · 关闭，不再发送"),
    ] = None,
    reason: Annotated[str | None, typer.Option(help="why what is closed is not sent · 关闭的理由")] = None,
    json: Json = False,
) -> None:
    """After a restore: lists what is held back; each group of it is sent or closed · 恢复之后继续发送"""
    settings = connection_settings()
    held = asyncio.run(_held_back(settings))
    groups = held.groups()
    to_send, to_close = _decided(groups, send or [], close or [])
    if to_close and not reason:
        raise Misuse(
            "关闭而不发送，须用 --reason 写明理由。", "Say by --reason why what is closed is not sent."
        )
    undecided = sorted(groups.keys() - to_send - to_close)
    unread = sorted(name for name, one in held.tenants.items() if not one.read)
    resumed = not undecided and not unread
    if resumed:
        asyncio.run(_resume(settings, held, to_close, reason))
    if json:
        sizes = {name: {"count": count} for name, count in groups.items()}
        print_as_json({"held": sizes, "undecided": undecided, "unread": unread, "resumed": resumed})
    else:
        _show(held, undecided, unread)
    finish(resumed)


def _decided(groups: dict[str, int], send: list[str], close: list[str]) -> tuple[set[str], set[str]]:
    """The groups to send and those to close. Raises Misuse for one that is not there or that is named twice."""
    named = [name for name in (*send, *close) if name != ALL]
    unknown = sorted({name for name in named if name not in groups})
    if unknown:
        known = ", ".join(sorted(groups)) or "–"
        raise Misuse(
            f"没有这样的一组：{'、'.join(unknown)}。现有：{known}。",
            f"There is no group {', '.join(unknown)}. There is: {known}.",
        )
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice or (ALL in send and ALL in close):
        raise Misuse(
            f"每一组只能决定一次：{'、'.join(twice) or ALL}。",
            f"Decide about each group once: {', '.join(twice) or ALL}.",
        )
    rest = groups.keys() - named
    return (
        ({*send} - {ALL}) | (rest if ALL in send else set()),
        ({*close} - {ALL}) | (rest if ALL in close else set()),
    )


async def _held_back(settings: Settings) -> HeldBack:
    found = HeldBack()
    publishers = sorted(Credentials(settings.publishers, settings.secrets).load().publishers)
    for n, name in enumerate(tenants(settings)):
        async with client_with_waiting_message(settings, name) as client:
            use_local_time(await client.offset())
            held = HeldShown.model_validate_json(orjson.dumps(await client.ask("notify", ShowHeld())))
            if held.since is not None:
                found.tenants[name] = held
            if n == 0:
                found.publishers = await paused.paused(client.bus, publishers)
    return found


async def _resume(settings: Settings, held: HeldBack, close: set[str], reason: str | None) -> None:
    for name, shown in held.tenants.items():
        async with client_with_waiting_message(settings, name) as client:
            mine = [one.name for one in shown.groups]
            closed = [one for one in mine if f"{name}/{one}" in close]
            sent = [one for one in mine if one not in closed]
            await client.ask("notify", ResumeSending(send=sent, close=closed, reason=reason), 60.0)
    async with client_with_waiting_message(settings, tenants(settings)[0]) as client:
        for one in held.publishers:
            if f"out/{one.publisher}" in close:
                await paused.close(client.bus, one, reason or "")
            else:
                await paused.hand_out(client.bus, one.publisher)


def _show(held: HeldBack, undecided: list[str], unread: list[str]) -> None:
    if not held.tenants and not held.groups():
        echo("没有暂停发送的内容。", "Nothing is held back.")
        return
    if not undecided and not unread:
        echo("已恢复发送。", "Sending goes on.", style="green")
        return
    for name in unread:
        echo(
            f"{name}：日志尚未读完，稍后再看。",
            f"{name}: the log is still being read; look again in a while.",
            style="yellow",
        )
    table = Table("group", "count", "from", "to", box=None, header_style="bold")
    for name, shown in held.tenants.items():
        for group in shown.groups:
            table.add_row(f"{name}/{group.name}", str(group.count), hour(group.oldest), hour(group.newest))
    for one in held.publishers:
        table.add_row(f"out/{one.publisher}", str(one.events), "–", "–")
    out.print(table)
    echo(
        "这些可能在恢复之前已经送出。每一组请用 --send 或 --close 加 --reason 决定，其余可写 all。",
        "These may have been sent before the restore. Decide about each by --send, or by --close and a --reason; "
        "`all` names the rest.",
        style="yellow",
    )
