"""`microgov clock`: shows a tenant's time, moves a simulated clock, confirms the machine's clock."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from microgov.client import simulated_clock
from microgov.client.connection import connection_settings, must_exist
from microgov.client.publisher import Client
from microgov.commands.base import (
    DEMO,
    TENANT,
    Json,
    Lang,
    Tenant,
    echo,
    examples,
    group,
    print_as_json,
    progress_bar,
    with_client,
)
from microgov.commands.times import has_simulated_clock, parse_duration, parse_time
from microgov.contracts.log import ClockConfirmed, ConfirmClock
from microgov.contracts.message import plain
from microgov.services.chassis.installed import fold_names
from microgov.text.sentences import hour, zone

app = group("The clock of a tenant · 时钟")


@app.command(epilog=examples("microgov clock show --tenant demo"))
def show(tenant: Tenant = TENANT, json: Json = False) -> None:
    """Shows the tenant's time · 现在几点"""
    settings = connection_settings()
    if settings.tenants.exists():
        must_exist(settings, [tenant], [one.name for one in settings.hosted()])
    simulated = has_simulated_clock(settings, tenant)
    now = with_client(tenant, simulated_clock.now if simulated else _time_of_machine)
    if json:
        print_as_json({"tenant": tenant, "now": now.isoformat(), "simulated": simulated})
    else:
        echo(
            f"{tenant}：{hour(now)}（{zone()}，{'模拟' if simulated else '真实'}时钟）",
            f"{tenant}: {hour(now)} {zone()}, a {'simulated' if simulated else 'real'} clock",
        )


async def _time_of_machine(_: Client) -> datetime:
    return datetime.now(UTC)


@app.command(
    epilog=examples("microgov clock advance --by 3d", "microgov clock advance --to 2026-04-01T08:00:00+08:00")
)
def advance(
    to: Annotated[str | None, typer.Option(help="a time with a time zone · 到何时")] = None,
    by: Annotated[str | None, typer.Option(help="how far: 3d, 12h, 1d6h … · 多久")] = None,
    tenant: Tenant = DEMO,
) -> None:
    """Moves a simulated clock forward; whatever is due on the way happens in its order · 拨动模拟时钟"""
    if (to is None) == (by is None):
        raise typer.BadParameter("one of --to and --by is needed · --to 与 --by 须选其一")
    time, span = parse_time(to) if to else None, parse_duration(by) if by else timedelta()

    async def move(client: Client) -> datetime:
        begin = await simulated_clock.now(client)
        end = time or begin + span
        with progress_bar() as shown:
            task = shown.add_task(hour(begin), total=max(1.0, (end - begin).total_seconds()))
            return await simulated_clock.advance(
                client,
                end,
                lambda at: shown.update(task, completed=(at - begin).total_seconds(), description=hour(at)),
            )

    reached = with_client(tenant, move)
    echo(f"{tenant} 的时钟：{hour(reached)}（{zone()}）", f"the clock of {tenant}: {hour(reached)} {zone()}")


@app.command(epilog=examples("microgov clock confirm --tenant donghu", "microgov clock confirm --json"))
def confirm(tenant: Tenant = TENANT, lang: Lang = None, json: Json = False) -> None:
    """Confirms that the machine's clock is right although it differs from others; may be repeated · 确认机器时钟正确"""

    async def ask(client: Client) -> list[ClockConfirmed]:
        answers = await asyncio.gather(*(client.ask(service, ConfirmClock()) for service in fold_names()))
        return [ClockConfirmed.model_validate(answer) for answer in answers]

    found = with_client(tenant, ask)
    if json:
        print_as_json({"tenant": tenant, "confirmed": [plain(one) for one in found]})
        return
    apart = {
        (one.witness, one.seconds) for answer in found for one in answer.differences if abs(one.seconds) > 60
    }
    for witness, seconds in sorted(apart):
        zh, en = ("快", "ahead of") if seconds > 0 else ("慢", "behind")
        echo(
            f"本机时钟比 {witness} 的时钟{zh} {abs(seconds)} 秒，视为正确。",
            f"This machine's clock is {abs(seconds)} s {en} the {witness}'s; that counts as right.",
            lang,
        )
    echo(
        f"{tenant} 的各服务现在以本机时钟为准；若再次跳变，会再次询问。",
        f"The services of {tenant} go by this machine's clock now; should it leap again, they ask again.",
        lang,
        "green",
    )
