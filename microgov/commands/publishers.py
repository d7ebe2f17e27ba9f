"""`microgov publishers`: programs outside which send messages; a change is in force within a second."""

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from microgov.client.connection import Misuse, as_gateway, connection_settings, must_exist
from microgov.commands.base import (
    TENANT,
    Json,
    client_with_waiting_message,
    echo,
    examples,
    group,
    out,
    print_as_json,
)
from microgov.commands.message_types import full_types
from microgov.contracts.directory import GrantPublisher, WithdrawPublisher
from microgov.contracts.fields import EVERYBODY, Role
from microgov.contracts.message import Message
from microgov.contracts.registry import every_message
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.runtime.settings import Settings
from microgov.services.gateway.accounts.credentials import Credentials
from microgov.services.gateway.accounts.permissions import CLI, Publisher
from microgov.services.gateway.accounts.reload import reload
from microgov.services.gateway.accounts.streams import administering, ensure_publisher

app = group("Publishers: programs outside that may send messages · 外部发布者")
Name = Annotated[str, typer.Argument(help="the name: small letters, digits, hyphens · 名称")]


@app.command(
    epilog=examples(
        "microgov publishers add portal --tenant donghu --type SubmitIssue --role resident --speaks-for anyone",
        "microgov publishers add hotline --type issues.submit_issue.v1 --role system",
    )
)
def add(
    name: Name,
    tenant: Annotated[
        list[str] | None, typer.Option("--tenant", "-t", help="a tenant; may be repeated · 租户")
    ] = None,
    type: Annotated[
        list[str] | None, typer.Option(help="a type that it may send; * for all · 可发送的类型")
    ] = None,
    follow: Annotated[
        list[str] | None,
        typer.Option(help="a type of event to receive about its own matters; * for all · 接收自己事项的事件"),
    ] = None,
    role: Annotated[list[Role] | None, typer.Option(help="a role in which it may send · 身份")] = None,
    speaks_for: Annotated[
        str, typer.Option(help="whom it acts for: itself or anyone · 代表自己或任何人")
    ] = "itself",
    password: Annotated[bool, typer.Option(help="use a password instead of an nkey · 用口令")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="change the grant and tenants of an existing publisher · 重新授权")
    ] = False,
    json: Json = False,
) -> None:
    """Creates an account, its streams and its grant; the secret is shown once · 新增"""
    grant = _grant(type, follow, role, speaks_for)
    settings, tenants = connection_settings(), tenant or [TENANT]
    register = _credentials(settings).load()
    must_exist(settings, tenants, register.tenants)
    before = register.publishers.get(name)
    if not again:
        _must_be_new(name, before)
    if before is not None:
        asyncio.run(
            _send_to_directories(
                settings, name, sorted(set(before.tenants) - set(tenants)), WithdrawPublisher()
            )
        )
    secret = _credentials(settings).add(name, tenants, password=password)
    asyncio.run(_put_in_force(settings, name, tenants, grant))
    _show_secret(name, secret, json)


@app.command("list", epilog=examples("microgov publishers list --json"))
def list_(json: Json = False) -> None:
    """All publishers, without their secrets · 列表"""
    found = _credentials(connection_settings()).list()
    if json:
        print_as_json([{"name": one.name, "by": one.by, "tenants": list(one.tenants)} for one in found])
        return
    table = Table("name", "by", "tenants", box=None, header_style="bold")
    for one in found:
        table.add_row(one.name, one.by, ", ".join(one.tenants))
    out.print(table)


@app.command(epilog=examples("microgov publishers rotate portal"))
def rotate(name: Name, json: Json = False) -> None:
    """Makes a new secret; the old one is invalid at once · 更换密钥"""
    settings = connection_settings()
    secret = _credentials(settings).rotate(name)
    asyncio.run(_reload(settings))
    if name != CLI:
        _show_secret(name, secret, json)
    elif json:
        print_as_json({"name": name, "secret": None})
    else:
        echo(
            "命令行已改用新密钥。",
            "The command line uses its new secret from now on: nobody needs to see it.",
        )


@app.command(epilog=examples("microgov publishers mend portal", "microgov publishers mend cli --json"))
def mend(name: Name, json: Json = False) -> None:
    """Recreates streams that the broker has lost; grant and secret stay. Repeating is harmless · 重建丢失的流"""
    settings = connection_settings()
    made = asyncio.run(_create_streams(settings, _credentials(settings).find(name)))
    if json:
        print_as_json({"name": name, "made": made})
    elif made:
        echo(
            f"已为 {name} 重建：{'、'.join(made)}。丢失前已被接收的消息按编号识别，不会重复。",
            f"Made anew for {name}: {', '.join(made)}. What was let in before is known by its id, and counts once.",
        )
    else:
        echo(f"{name} 的流都在。", f"All streams of {name} are there.")


@app.command(epilog=examples("microgov publishers revoke portal"))
def revoke(name: Name) -> None:
    """Withdraws the grant: the publisher may connect and send no more · 撤销"""
    settings = connection_settings()
    credentials = _credentials(settings)
    found = credentials.find(name)
    try:
        there = [tenant for tenant in found.tenants if tenant in credentials.load().tenants]
        asyncio.run(_send_to_directories(settings, name, there, WithdrawPublisher()))
    finally:
        credentials.revoke(name)
        asyncio.run(_reload(settings))
    echo(f"{name} 已撤销。", f"{name} is revoked.")


def _must_be_new(name: str, before: Publisher | None) -> None:
    if before is not None:
        raise Problem(
            f"发布者 {name} 已存在。加 --again 可重新授权；publishers rotate 可更换密钥。",
            f"The publisher {name} exists already. --again sets its grant and tenants anew; "
            "`publishers rotate` changes its secret.",
        )


def _grant(
    types: list[str] | None, follows: list[str] | None, roles: list[Role] | None, speaks_for: str
) -> GrantPublisher:
    """The grant (types to send, types to follow, roles), from the options of `add`. Raises Misuse."""
    if speaks_for not in ("itself", "anyone"):
        raise Misuse(
            f"--speaks-for {speaks_for}：只能是 itself（代表自己）或 anyone（代表任何人）。",
            f"--speaks-for {speaks_for}: it can be itself or anyone.",
        )
    granted = roles or (
        [Role.SYSTEM] if speaks_for == "itself" else sorted(EVERYBODY - {Role.SYSTEM, Role.OFFICE})
    )
    return GrantPublisher.model_validate(
        {
            "types": _full_types("--type", types),
            "follows": _full_types("--follow", follows),
            "roles": granted,
            "speaks_for": speaks_for,
        }
    )


def _credentials(settings: Settings) -> Credentials:
    if not (settings.publishers / "publishers.toml").exists():
        raise Problem(
            f"{settings.publishers} 中没有凭据。请在启动服务的文件夹中运行，或设置 MICROGOV_PUBLISHERS。",
            f"There are no credentials in {settings.publishers}. Run this in the folder where the services were "
            "started, or set MICROGOV_PUBLISHERS.",
        )
    return Credentials(settings.publishers, settings.secrets)


def _full_types(option: str, given: list[str] | None) -> list[str]:
    """Full type names; the class name of a message is accepted as well, and `*` is all types."""
    return [full for name in given or ["*"] for full in full_types(option, name, every_message(), star=True)]


async def _put_in_force(settings: Settings, name: str, tenants: list[str], grant: GrantPublisher) -> None:
    await _reload(settings)
    await _create_streams(settings, _credentials(settings).find(name))
    await _send_to_directories(settings, name, tenants, grant)


async def _create_streams(settings: Settings, publisher: Publisher) -> list[str]:
    """Creates the missing streams of a publisher; returns the tenants for which one was missing."""
    bus = await Bus.connect(as_gateway(settings).address(), "publishers")
    try:
        async with administering(bus) as js:
            return await ensure_publisher(js, publisher)
    finally:
        await bus.close()


async def _reload(settings: Settings) -> None:
    await reload(settings.nats_url, _credentials(settings).secret("reload"))


async def _send_to_directories(
    settings: Settings, name: str, tenants: list[str] | tuple[str, ...], message: Message
) -> None:
    """Sends the message about the publisher to the door of each tenant. Raises Problem if it is rejected."""
    for tenant in tenants:
        async with client_with_waiting_message(settings, tenant) as client:
            receipt = await client.send(message, name, role="operator")
            if receipt.message is not None:
                raise Problem(receipt.message.zh, receipt.message.en)
            await client.reaction(receipt)


def _show_secret(name: str, secret: str | None, json: bool) -> None:
    if json:
        print_as_json({"name": name, "secret": secret})
    elif secret is None:
        echo(
            f"{name} 已存在：授权和租户已更新，密钥不变。",
            f"{name} is there already: its grant and tenants are set anew, its secret stays.",
        )
    else:
        echo(f"{name} 的密钥只显示这一次：", f"The secret of {name} is shown this once:")
        out.print(f"    {secret}", style="bold")
