"""`microgov clock`: a simulated clock is shown, and moved forward from deadline to deadline."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from services import simclock
from services.client import Client
from services.commands.base import DEMO, Json, Tenant, bar, examples, group, machine, say, with_client
from services.commands.times import simulated as is_simulated
from services.commands.times import span_of, time_of
from services.here import here, must_exist
from services.words import hour, zone

app = group("The clock of a tenant · 时钟")


@app.command(epilog=examples("microgov clock show --tenant demo"))
def show(tenant: Tenant = DEMO, json: Json = False) -> None:
    """What time it is there · 现在几点"""
    settings = here()
    if settings.tenants.exists():
        must_exist(settings, [tenant], [one.name for one in settings.hosted()])
    simulated = is_simulated(settings, tenant)
    now = with_client(tenant, simclock.now if simulated else _real)
    if json:
        machine({"tenant": tenant, "now": now.isoformat(), "simulated": simulated})
    else:
        say(
            f"{tenant}：{hour(now)}（{zone()}，{'模拟' if simulated else '真实'}时钟）",
            f"{tenant}: {hour(now)} {zone()}, a {'simulated' if simulated else 'real'} clock",
        )


async def _real(_: Client) -> datetime:
    return datetime.now(UTC)


@app.command(epilog=examples("microgov clock advance --by 3d", "microgov clock advance --to 2026-04-01T08:00:00+08:00"))
def advance(
    to: Annotated[str | None, typer.Option(help="a time with a time zone · 到何时")] = None,
    by: Annotated[str | None, typer.Option(help="3d, 12h, 1d6h … · 多久")] = None,
    tenant: Tenant = DEMO,
) -> None:
    """Moves a simulated clock; what falls due on the way happens in its turn · 拨动模拟时钟"""
    if (to is None) == (by is None):
        raise typer.BadParameter("one of --to and --by is needed · --to 与 --by 须选其一")
    time, span = time_of(to) if to else None, span_of(by) if by else timedelta()

    async def move(client: Client) -> datetime:
        begin = await simclock.now(client)
        end = time or begin + span
        with bar() as shown:
            task = shown.add_task(hour(begin), total=max(1.0, (end - begin).total_seconds()))
            return await simclock.advance(
                client, end, lambda at: shown.update(task, completed=(at - begin).total_seconds(), description=hour(at))
            )

    reached = with_client(tenant, move)
    say(f"{tenant} 的时钟：{hour(reached)}（{zone()}）", f"the clock of {tenant}: {hour(reached)} {zone()}")
