"""`microgov quarantine`: messages that a service could not fold, until it is mended and they are tried again."""

from typing import Annotated

import typer
from rich.table import Table

from contracts.log import AskQuarantine, CommandRefused, DiscardMessage, MessageQuarantined, Quarantine, RetryMessage
from services.client import Client
from services.commands.base import TENANT, Json, Lang, Tenant, each, examples, finish, group, machine, out, say, with_client
from services.house import FOLDS
from services.words import tell

app = group("Messages that a service could not fold · 隔离的消息")
Service = Annotated[str, typer.Argument(help="directory, issues, matching or notify · 服务")]
Seq = Annotated[int, typer.Argument(help="the message's sequence in the log · 日志序号")]


@app.command("list", epilog=examples("microgov quarantine list --tenant donghu"))
def list_(tenant: Tenant = TENANT, lang: Lang = None, json: Json = False) -> None:
    """All of them, with what waits behind each · 列表"""

    async def ask(client: Client) -> list[Quarantine]:
        return [Quarantine.model_validate(await client.ask(service, AskQuarantine())) for service in FOLDS]

    found = [(q.service, m) for q in with_client(tenant, ask) for m in q.messages]
    if json:
        each({"service": service, **m.model_dump(mode="json", exclude_none=True)} for service, m in found)
    elif found:
        table = Table("service", "seq", "type", "subject", "waiting", "error", box=None, header_style="bold")
        for service, m in found:
            table.add_row(service, str(m.stream_seq), m.type, m.subject, str(m.waiting), m.error[:80])
        out.print(table)
    else:
        say("没有被隔离的消息。", "Nothing is quarantined.", lang, "green")


@app.command(epilog=examples("microgov quarantine show issues 42"))
def show(service: Service, seq: Seq, tenant: Tenant = TENANT, json: Json = False) -> None:
    """One with its error and trace · 详情"""

    async def ask(client: Client) -> Quarantine:
        return Quarantine.model_validate(await client.ask(service, AskQuarantine(stream_seq=seq)))

    found = with_client(tenant, ask).messages
    if json:
        each(found)
    for m in found if not json else []:
        out.print(f"{m.type} {m.subject} ({m.code}), {m.waiting} waiting · 条在等\n{m.error}\n{m.trace or ''}")
    if not found:
        say(f"{service} 在 {seq} 处没有被隔离的消息。", f"Nothing of {service} is quarantined at {seq}.", style="yellow")
    finish(bool(found))


@app.command(epilog=examples("microgov quarantine retry issues 42"))
def retry(service: Service, seq: Seq, tenant: Tenant = TENANT, lang: Lang = None, json: Json = False) -> None:
    """Tries it again with the mended service, then all that waited · 重试"""
    _order(RetryMessage(service=service, stream_seq=seq), tenant, lang, json)


@app.command(epilog=examples("microgov quarantine discard issues 42"))
def discard(service: Service, seq: Seq, tenant: Tenant = TENANT, lang: Lang = None, json: Json = False) -> None:
    """Gives it up; what waited behind it is folded · 放弃"""
    _order(DiscardMessage(service=service, stream_seq=seq), tenant, lang, json)


def _order(order: RetryMessage | DiscardMessage, tenant: str, lang: str | None, json: bool) -> None:
    async def send(client: Client) -> tuple[bool, str, str]:
        if order.service not in FOLDS:
            raise typer.BadParameter(f"{order.service} is none of {', '.join(FOLDS)} · 没有这个服务")
        receipt = await client.send(order)
        if receipt.message is not None:
            return False, receipt.message.zh, receipt.message.en
        await client.settle()
        said = await client.reaction(receipt, 0.5)
        if said is not None and isinstance(said.data, CommandRefused | MessageQuarantined):
            return False, *tell(said)
        return True, "已处理，后面等待的消息也已处理。", "It is done, and so is what waited behind it."

    ok, zh, en = with_client(tenant, send)
    if json:
        machine({"ok": ok, "zh": zh, "en": en})
    else:
        say(zh, en, lang, "green" if ok else "yellow")
    finish(ok)
