"""`microgov status`: the state of every service for every tenant."""

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, NamedTuple

import typer
from rich.table import Table
from rich.text import Text

from microgov.client.connection import BrokerAway, NoTenant, connection_settings
from microgov.client.operator import offset_in
from microgov.client.publisher import Client
from microgov.commands.base import Json, echo, examples, finish, out, print_as_json
from microgov.commands.reasons import in_chinese
from microgov.contracts.log import Health, Progress
from microgov.contracts.message import plain
from microgov.contracts.rules import BehaviourRules
from microgov.safekeeping.state import state_of
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.installed import fold_names, home_of
from microgov.services.chassis.runtime.settings import Settings
from microgov.services.gateway.accounts.credentials import Credentials
from microgov.text.sentences import Sentence, hour, use_local_time, zone

EXAMPLES = examples("microgov status", "microgov status --wait 30 --json")

NO_ANSWER = Sentence("没有回答", "no answer")
COLUMNS = ("tenant", "service", "active", "position", "lag", "quarantined", "as of")


class ServiceStatus(NamedTuple):
    """The state of one service for one tenant.

    `health` and `progress` are None if the service does not answer. `offset` is local time minus UTC, `behaviour` the
    number by which the tenant decides.
    """

    tenant: str
    name: str
    health: Health | None
    progress: Progress | None
    offset: timedelta
    behaviour: int

    @property
    def ready(self) -> bool:
        """Whether the service does all its work and has folded the log up to its end."""
        return (
            self.health is not None
            and self.health.ready
            and self.progress is not None
            and not self.health.notes
        )

    def why(self) -> list[Sentence]:
        """What is wrong and what to do; nothing if the service is ready."""
        if self.ready:
            return []
        if self.health is None:
            home = home_of(self.name)
            return [
                Sentence(
                    f"没有进程回答。请启动它；详情见 var/log/{home}.log 或 `docker compose logs {home}`。",
                    f"no process answers. Start it; var/log/{home}.log or `docker compose logs {home}` says more.",
                )
            ]
        if self.health.why or self.health.notes:
            return [Sentence(in_chinese(one), one) for one in (*self.health.why, *self.health.notes)]
        waiting = [one for one in self.health.loops if one.state != "running"]
        if waiting:
            return [
                Sentence(
                    f"{one.name} 尚未就绪（{one.state}）：{in_chinese(one.reason) or '正在连接'}",
                    f"{one.name} is not there yet ({one.state}): {one.reason or 'it connects'}",
                )
                for one in waiting
            ]
        if not self.health.active:
            return [Sentence("只有备用实例回答，正在等待接管。", "only an instance that stands by answers.")]
        return [
            Sentence("正在读取日志，尚未读到末尾。", "it reads the log and has not reached its head yet.")
        ]

    def note(self) -> list[Sentence]:
        """What the user should know although nothing is wrong."""
        found: list[Sentence] = []
        if self.health is not None and self.health.behaviour > self.behaviour:
            known = self.health.behaviour
            found.append(
                Sentence(
                    f"支持 behaviour {known}，此租户仍按 {self.behaviour}；所有服务都支持后会自动提升。",
                    f"knows behaviour {known}, and the tenant goes by {self.behaviour}: it rises by itself once "
                    "every service knows it.",
                )
            )
        if self.progress is not None and self.progress.other_codes:
            count = self.progress.other_codes
            found.append(
                Sentence(
                    f"重建后有 {count} 条拒绝的代码与日志不同（日志不变；见服务的日志输出）。",
                    f"since its rebuild, {count} refusals have another code than in the log, which stays as it is: "
                    "the service's output names them.",
                )
            )
        if self.health is not None and self.health.stands_until is not None:
            use_local_time(self.offset)
            until = hour(self.health.stands_until)
            found.append(
                Sentence(
                    f"日志中已有将来的时间：在 {until}（{zone()}）之前，此处的时间停住不动，届时期限才继续走。",
                    f"the log holds a time that is to come: until {until} {zone()} the tenant's time stands still, "
                    "and nothing falls due.",
                )
            )
        return found


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
            health, progress = await asyncio.gather(
                client.healths(seconds), client.progresses(seconds=seconds)
            )
            found += [
                ServiceStatus(name, service, health[service], progress[service], offset, behaviour)
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
    for one in found:
        for words, style in [
            *((why, "red") for why in one.why()),
            *((note, "yellow") for note in one.note()),
        ]:
            lines = dict.fromkeys(words.lines(os.environ.get("MICROGOV_LANG")))
            out.print(f"{one.name}/{one.tenant}: {' · '.join(lines)}", style=style)
