"""`microgov contact set`: how a person is notified; the address is stored by notify and never enters the log."""

import base64
import secrets
from contextlib import suppress
from typing import Annotated, Any

import typer

from microgov.client.connection import Declined, Silent
from microgov.client.publisher import Client
from microgov.commands.base import (
    TENANT,
    Json,
    Tenant,
    echo,
    examples,
    finish,
    group,
    out,
    print_as_json,
    with_client,
)
from microgov.contracts.notify import RegisterContact, SetContact
from microgov.contracts.receipt import Receipt

SETTLE_SECONDS = 3.0
"""How long to wait until notify has folded the registration of a person."""
app = group("Contact points · 联系方式")


@app.callback()
def callback() -> None:
    """Contact points · 联系方式"""


@app.command(
    "set", epilog=examples("microgov contact set --person p-wang --webhook https://portal.example/hook")
)
def set_(
    person: Annotated[str, typer.Option(help="the person's id · 人员编号")],
    webhook: Annotated[str, typer.Option(help="the URL to which notices are posted · 接收地址")],
    role: Annotated[
        str | None, typer.Option(help="the person's role, if the person has several · 身份")
    ] = None,
    tenant: Tenant = TENANT,
    json: Json = False,
) -> None:
    """Sets a person's webhook; its secret is shown once · 设置通知地址"""
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()

    async def keep(client: Client) -> tuple[dict[str, Any], Receipt]:
        question = SetContact(person=person, channel="webhook", address=webhook, secret=secret)
        try:
            kept = await client.ask("notify", question)
        except Declined:  # notify may not have folded the registration of the person yet
            with suppress(Silent):
                await client.settle(SETTLE_SECONDS)
            kept = await client.ask("notify", question)
        return kept, await client.send(RegisterContact(channel="webhook"), by=person, role=role)

    kept, receipt = with_client(tenant, keep)
    if json:
        print_as_json(
            {**kept, "secret": secret, "receipt": receipt.model_dump(mode="json", exclude_none=True)}
        )
    else:
        _show(person, webhook, secret, receipt)
    finish(receipt.status == "accepted")


def _show(person: str, webhook: str, secret: str, receipt: Receipt) -> None:
    if receipt.message is not None:
        echo(
            f"地址已保存，但未能登记：{receipt.message.zh}",
            f"The address is kept, but: {receipt.message.en}",
            style="yellow",
        )
    else:
        echo(
            f"{person} 的通知也会发到 {webhook}。签名密钥只显示这一次：",
            f"{person} is told by {webhook}, too. The secret of its signatures is shown this once:",
        )
    out.print(f"    {secret}", style="bold")
