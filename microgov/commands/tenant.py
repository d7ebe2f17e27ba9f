"""`microgov tenant add`: sets up everything that a new sub-district needs."""

import asyncio
from typing import Annotated

import typer

from microgov.client.connection import COMPOSE, as_gateway, check_local_installation, connection_settings
from microgov.commands.base import echo, examples, group
from microgov.services.chassis.runtime.settings import Settings
from microgov.services.gateway.accounts.credentials import Credentials, check_name
from microgov.services.gateway.accounts.reload import reload
from microgov.services.gateway.tenants import setup

app = group("Tenants: each sub-district is one · 租户")


@app.callback()
def tenant() -> None:
    """Tenants: each sub-district is one · 租户"""


@app.command(epilog=examples("microgov tenant add xihu", "microgov tenant add training --simulated-clock"))
def add(
    name: Annotated[str, typer.Argument(help="the name: small letters, digits, hyphens · 名称")],
    simulated_clock: Annotated[
        bool, typer.Option(help="a simulated clock, moved by `microgov clock` · 模拟时钟")
    ] = False,
) -> None:
    """Creates streams, databases and the first messages; repeating is harmless · 新建租户"""
    check_name(name)
    settings = connection_settings()
    check_local_installation(settings, f"tenant add {name}{' --simulated-clock' if simulated_clock else ''}")
    asyncio.run(_permitted(settings, name))
    echo("正在建立流、数据库和最初的消息……", "streams, databases and the first messages …")
    fresh = asyncio.run(setup.add_tenant(name, as_gateway(settings), simulated_clock))
    if fresh:
        again = f"{COMPOSE} restart gateway issues matching notify" if settings.compose else "ctrl-C, make up"
        echo(
            f"租户 {name} 已建立。正在运行的服务须重启后才会接管它：{again}",
            f"The tenant {name} is set up. Services that are running take it on when they are started again: {again}",
        )
    else:
        echo(
            f"租户 {name} 原已建立，没有更改。", f"The tenant {name} was there already; nothing was changed."
        )


async def _permitted(settings: Settings, name: str) -> None:
    """Lets the users of the broker reach the tenant's streams, if this machine keeps the credentials."""
    credentials = Credentials(settings.publishers, settings.secrets)
    if (settings.publishers / "publishers.toml").exists() and credentials.add_tenant(name):
        await reload(settings.nats_url, credentials.secret("reload"))
