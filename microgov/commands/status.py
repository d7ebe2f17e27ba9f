"""`microgov status`: the state of every service for every tenant."""

import asyncio
import os
import time
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from microgov.client.connection import BrokerAway, NoTenant, connection_settings
from microgov.client.operator import offset_in
from microgov.client.publisher import Client
from microgov.commands.base import Json, echo, examples, finish, out, print_as_json
from microgov.commands.service_status import ServiceStatus
from microgov.contracts.message import plain
from microgov.contracts.rules import BehaviourRules
from microgov.safekeeping.state import state_of
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.installed import fold_names
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import FIRST_GENERATION
from microgov.services.chassis.runtime.settings import Settings
from microgov.services.gateway.accounts.credentials import Credentials
from microgov.text.sentences import Sentence, hour, use_local_time

EXAMPLES = examples("microgov status", "microgov status --wait 30 --json")

NO_ANSWER = Sentence("没有回答", "no answer")
COLUMNS = ("tenant", "service", "active", "position", "lag", "quarantined", "as of")


class NoTenants(Problem):
    """No tenant is set up on this machine."""


def tenants(settings: Settings) -> list[str]:
    """All tenants that are set up on this machine. Raises NoTenants if there are none."""
    found = [one.name for one in settings.hosted()] or Credentials(
        settings.publishers, settings.secrets
    ).load().tenants
    if not found:
        raise NoTenants(
            "这里还没有租户。请先启动服务（`make up` 或 `docker compose up`），或 `microgov tenant add 名称`。",
            "There is no tenant here yet. Start the system (`make up`, `docker compose up`), or `microgov tenant add NAME`.",
        )
    return sorted(found)


def status(
    tenant: Annotated[
        str | None, typer.Option("--tenant", "-t", help="only this tenant · 只看此租户")
    ] = None,
    wait: Annotated[
        float, typer.Option(help="the most seconds to wait until everything is ready · 最多等待秒数")
    ] = 0.0,
    json: Json = False,
) -> None:
    """The state of every service for every tenant · 现况"""
    settings = connection_settings()
    found = asyncio.run(_until_ready(settings, tenant, wait))
    ready = all(one.ready for one in found)
    backups = state_of(settings) if settings.hosted() else None  # else they are on another machine
    if json:
        known = {"backups": backups.as_json()} if backups is not None else {}
        print_as_json({"ready": ready, "services": [_plain(one) for one in found], **known})
    else:
        _show(found)
        note = backups.note(datetime.now(UTC)) if backups is not None else None
        if note is not None:
            out.print("backup:", " · ".join(note.lines(os.environ.get("MICROGOV_LANG"))), style="yellow")
        echo(
            "全部就绪" if ready else "尚未就绪",
            "all is ready" if ready else "not ready yet",
            style="green" if ready else "yellow",
        )
    finish(ready)


async def _until_ready(settings: Settings, tenant: str | None, wait: float) -> list[ServiceStatus]:
    until = time.monotonic() + wait
    while True:
        late = time.monotonic() >= until
        try:
            found = await _ask(settings, [tenant] if tenant else tenants(settings), 1.5 if late else 0.5)
            if late or all(one.ready for one in found):
                return found
        except (BrokerAway, NoTenant, NoTenants):  # the tenant may be set up within the wait
            if late:
                raise
        await asyncio.sleep(0.1)


async def _ask(settings: Settings, names: list[str], seconds: float) -> list[ServiceStatus]:
    found: list[ServiceStatus] = []
    for name in names:
        async with Client(settings, name) as client:
            rules = await client.rules()
            offset, behaviour = (
                offset_in(rules),
                BehaviourRules.model_validate(rules.get("house", {})).behaviour,
            )
            generation = await JetStreamLog(client.bus, name).generation()
            health, progress = await asyncio.gather(
                client.healths(seconds), client.progresses(seconds=seconds)
            )
            found += [
                ServiceStatus(
                    name, service, health[service], progress[service], offset, behaviour, generation
                )
                for service in fold_names()
            ]
    return found


def _plain(one: ServiceStatus) -> dict[str, Any]:
    state = {"active": False, "ok": False, "loops": []} | (plain(one.progress) if one.progress else {})
    state |= plain(one.health) if one.health else {}
    return {
        "tenant": one.tenant,
        **state,
        "in_force": one.behaviour,
        "generation": one.generation,
        "service": one.name,
        "ready": one.ready,
        "why": [why.en for why in one.why()],
        "note": [note.en for note in one.note()],
    }


def _show(found: list[ServiceStatus]) -> None:
    table = Table(*COLUMNS, box=None, header_style="bold")
    for one in found:
        use_local_time(one.offset)
        sign = "✓" if one.ready else "✗" if one.health is None or one.health.why else "–"
        p = one.progress
        if p is None:
            silent = (
                " · ".join(NO_ANSWER.lines(os.environ.get("MICROGOV_LANG"))) if one.health is None else ""
            )
            table.add_row(one.tenant, one.name, f"{sign} {silent}", style="red")
        else:
            stuck = Text(str(p.quarantined), "red" if p.quarantined else "")
            as_of = hour(p.now) if p.now else "–"
            style = "red" if sign == "✗" else None
            table.add_row(one.tenant, one.name, sign, str(p.position), str(p.lag), stuck, as_of, style=style)
    out.print(table)
    for tenant, generation in {one.tenant: one.generation for one in found}.items():
        if generation > FIRST_GENERATION:
            restored = Sentence(
                f"日志为第 {generation} 代：曾从备份恢复。",
                f"its log is of generation {generation}: it was restored.",
            )
            out.print(f"{tenant}: {' · '.join(restored.lines(os.environ.get('MICROGOV_LANG')))}", style="dim")
    for one in found:
        for words, style in [
            *((why, "red") for why in one.why()),
            *((note, "yellow") for note in one.note()),
        ]:
            lines = dict.fromkeys(words.lines(os.environ.get("MICROGOV_LANG")))
            out.print(f"{one.name}/{one.tenant}: {' · '.join(lines)}", style=style)
