"""`microgov clock`: a simulated clock is shown, and moved forward from deadline to deadline."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from services import simclock
from services.chassis.settings import Settings
from services.client import Client
from services.commands.base import DEMO, Json, Tenant, bar, examples, group, machine, say, with_client
from services.here import here, must_exist
from services.words import hour

app = group("The clock of a tenant · 时钟")
UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


@app.command(epilog=examples("microgov clock show --tenant demo"))
def show(tenant: Tenant = DEMO, json: Json = False) -> None:
    """What time it is there · 现在几点"""
    settings = here()
    if settings.tenants.exists():
        must_exist(settings, [tenant], [one.name for one in settings.hosted()])
    simulated = _simulated(settings, tenant)
    now = with_client(tenant, simclock.now) if simulated else datetime.now(UTC)
    if json:
        machine({"tenant": tenant, "now": now.isoformat(), "simulated": simulated})
    else:
        say(
            f"{tenant}：{hour(now)}（{'模拟' if simulated else '真实'}时钟，UTC）",
            f"{tenant}: {hour(now)} UTC, a {'simulated' if simulated else 'real'} clock",
        )


@app.command(epilog=examples("microgov clock advance --by 3d", "microgov clock advance --to 2026-04-01T08:00:00+08:00"))
def advance(
    to: Annotated[str | None, typer.Option(help="a time with a time zone · 到何时")] = None,
    by: Annotated[str | None, typer.Option(help="3d, 12h, 1d6h … · 多久")] = None,
    tenant: Tenant = DEMO,
) -> None:
    """Moves a simulated clock; what falls due on the way happens in its turn · 拨动模拟时钟"""
    if (to is None) == (by is None):
        raise typer.BadParameter("one of --to and --by is needed · --to 与 --by 须选其一")
    time, span = _time(to) if to else None, _span(by) if by else timedelta()

    async def move(client: Client) -> datetime:
        begin = await simclock.now(client)
        end = time or begin + span
        with bar() as shown:
            task = shown.add_task(hour(begin), total=max(1.0, (end - begin).total_seconds()))
            return await simclock.advance(
                client, end, lambda at: shown.update(task, completed=(at - begin).total_seconds(), description=hour(at))
            )

    reached = with_client(tenant, move)
    say(f"{tenant} 的时钟：{hour(reached)}", f"the clock of {tenant}: {hour(reached)} UTC")


def _simulated(settings: Settings, tenant: str) -> bool:
    return any(one.simulated_clock for one in settings.hosted() if one.name == tenant) or not settings.tenants.exists()


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text} is no time such as 2026-04-01T08:00:00+08:00 · 不是时间") from error
    if found.tzinfo is None:
        raise typer.BadParameter(f"{text} has no time zone: add +08:00 or Z · 缺少时区")
    return found.astimezone(UTC)


def _span(text: str) -> timedelta:
    if not re.fullmatch(r"(\d{1,6}[wdhms])+", text):
        raise typer.BadParameter(f"{text} is no span such as 3d or 1d12h · 不是时长")
    return sum((timedelta(**{UNITS[unit]: int(n)}) for n, unit in re.findall(r"(\d+)([wdhms])", text)), timedelta())
