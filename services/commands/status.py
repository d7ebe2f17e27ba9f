"""`microgov status`: how every service is doing for every tenant."""

import asyncio
import os
import time
from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.table import Table

from contracts.log import Progress
from contracts.message import plain
from services.chassis.settings import Settings
from services.client import Client
from services.commands.base import Json, examples, finish, machine, out, say
from services.gateway.publishers import Credentials, Problem
from services.here import Away, NoTenant, here
from services.words import Told, by_wall, hour

EXAMPLES = examples("microgov status", "microgov status --wait 30 --json")

NO_ANSWER = Told("没有回答", "no answer")
Found = dict[tuple[str, str], tuple[Progress | None, timedelta]]
"""By tenant and service: how far it is, and the offset of the tenant's wall clock."""
HEADS = ("tenant", "service", "active", "position", "lag", "quarantined", "as of")


def tenants(settings: Settings) -> list[str]:
    """All that are set up here. Raises Problem where there are none."""
    found = [one.name for one in settings.hosted()] or Credentials(settings.publishers, settings.secrets).load().tenants
    if not found:
        raise Problem(
            "这里还没有租户。请先运行 `make up`，或 `microgov tenant add 名称`。",
            "There is no tenant here yet. Run `make up`, or `microgov tenant add NAME`.",
        )
    return sorted(found)


def status(
    tenant: Annotated[str | None, typer.Option("--tenant", "-t", help="only this one · 只看此租户")] = None,
    wait: Annotated[float, typer.Option(help="seconds to wait until all is ready · 最多等待秒数")] = 0.0,
    json: Json = False,
) -> None:
    """How it is doing: every service for every tenant · 现况"""
    settings = here()
    names = [tenant] if tenant else tenants(settings)
    found = asyncio.run(_until_ready(settings, names, wait))
    ready = all(progress is not None and progress.active for progress, _ in found.values())
    if json:
        machine({"ready": ready, "services": [_plain(*key, progress) for key, (progress, _) in found.items()]})
    else:
        _show(found)
        say(
            "全部就绪" if ready else "尚未就绪",
            "all is ready" if ready else "not ready yet",
            style="green" if ready else "yellow",
        )
    finish(ready)


async def _until_ready(settings: Settings, names: list[str], wait: float) -> Found:
    until = time.monotonic() + wait
    while True:
        late = time.monotonic() >= until
        try:
            found = await _ask(settings, names, 1.5 if late else 0.3)
            if late or all(p is not None and p.active for p, _ in found.values()):
                return found
        except (Away, NoTenant):  # it may be about to be set up
            if late:
                raise
        await asyncio.sleep(0.1)


async def _ask(settings: Settings, names: list[str], seconds: float) -> Found:
    found: Found = {}
    for name in names:
        async with Client(settings, name) as client:
            offset = await client.offset()
            found |= {(name, service): (p, offset) for service, p in (await client.progresses(seconds=seconds)).items()}
    return found


def _plain(tenant: str, service: str, progress: Progress | None) -> dict[str, Any]:
    return {"tenant": tenant, "service": service, **(plain(progress) if progress else {"active": False})}


def _show(found: Found) -> None:
    table = Table(*HEADS, box=None, header_style="bold")
    for (tenant, service), (p, offset) in found.items():
        by_wall(offset)
        if p is None:
            table.add_row(tenant, service, "✗ " + " · ".join(NO_ANSWER.lines(os.environ.get("MICROGOV_LANG"))), style="red")
        else:
            stuck = f"[red]{p.quarantined}[/red]" if p.quarantined else "0"
            table.add_row(
                tenant, service, "✓" if p.active else "–", str(p.position), str(p.lag), stuck, hour(p.now) if p.now else "–"
            )
    out.print(table)
