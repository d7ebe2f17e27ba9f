"""`microgov quarantine`: messages at which a service failed, until it is repaired and they are retried or discarded."""

import sys
from typing import Annotated

import typer
from rich.table import Table

from microgov.client.connection import Misuse
from microgov.client.publisher import Client
from microgov.commands.base import (
    TENANT,
    Json,
    Lang,
    Tenant,
    echo,
    examples,
    finish,
    group,
    out,
    print_as_json,
    print_as_json_lines,
    progress_bar,
    with_client,
)
from microgov.contracts.log import (
    AskQuarantine,
    CommandRefused,
    DiscardMessage,
    LiftStop,
    MessageQuarantined,
    Quarantine,
    RetryMessage,
    StopLifted,
)
from microgov.services.chassis.installed import fold_names
from microgov.text.sentences import sentence_of

app = group("Messages at which a service failed · 隔离的消息")
Service = Annotated[str, typer.Argument(help="the service, such as issues · 服务")]
FAILURES = CommandRefused | MessageQuarantined
Seq = Annotated[int, typer.Argument(help="the sequence of the message in the log · 日志序号")]


@app.command(
    "list", epilog=examples("microgov quarantine list --tenant donghu", "microgov quarantine list --json")
)
def list_(
    most: Annotated[
        int | None,
        typer.Option(
            min=1, help="the most for each service; default 100, with --json all · 每个服务最多几条"
        ),
    ] = None,
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """All quarantined messages, how many others wait behind each, and which types are not handled any more · 列表"""

    async def ask(client: Client) -> list[Quarantine]:
        return [
            await _quarantined(client, service, most or (sys.maxsize if json else 100))
            for service in fold_names()
        ]

    quarantines = with_client(tenant, ask)
    found = [(q.service, m) for q in quarantines for m in q.messages]
    if json:
        print_as_json_lines(
            {"service": service, **m.model_dump(mode="json", exclude_none=True)} for service, m in found
        )
        return
    if found:
        table = Table("service", "seq", "type", "subject", "waiting", "error", box=None, header_style="bold")
        for service, m in found:
            table.add_row(service, str(m.stream_seq), m.type, m.subject, str(m.waiting), m.error[:80])
        out.print(table)
    for q in quarantines:
        _show_remarks(q, lang)
    if not found and not any(q.stopped for q in quarantines):
        echo("没有被隔离的消息。", "Nothing is quarantined.", lang, "green")


def _show_remarks(q: Quarantine, lang: str | None) -> None:
    """Prints that not all messages are listed, and which types of messages the service has stopped handling."""
    if q.count > len(q.messages):
        echo(
            f"{q.service} 共 {q.count} 条，这里只列出 {len(q.messages)} 条；用 --most 查看更多。",
            f"{q.service} has {q.count} in all, {len(q.messages)} are shown here: --most shows more.",
            lang,
            "yellow",
        )
    if q.stopped:
        kinds = ", ".join(q.stopped)
        echo(
            f"{q.service} 不再处理 {kinds}（连续失败过多）。修复后用 `microgov quarantine lift {q.service}` 恢复。",
            f"{q.service} does not try {kinds} any more: too many failures in a row. "
            f"`microgov quarantine lift {q.service}` once it is mended.",
            lang,
            "yellow",
        )


async def _quarantined(client: Client, service: str, most: int) -> Quarantine:
    """The first `most` quarantined messages of a service, page by page."""
    found = Quarantine.model_validate(await client.ask(service, AskQuarantine()))
    messages = list(found.messages)
    while len(messages) < min(most, found.count):
        page = Quarantine.model_validate(
            await client.ask(service, AskQuarantine(after=messages[-1].stream_seq))
        )
        if not page.messages:
            break
        messages += page.messages
    return found.model_copy(update={"messages": messages[:most]})


@app.command(epilog=examples("microgov quarantine lift issues"))
def lift(service: Service, tenant: Tenant = TENANT, lang: Lang = None, json: Json = False) -> None:
    """Handles again the types of messages that failed too often in a row; quarantined messages stay · 恢复处理"""

    async def ask(client: Client) -> StopLifted:
        _must_be_known(service)
        return StopLifted.model_validate(await client.ask(service, LiftStop()))

    lifted = with_client(tenant, ask)
    if json:
        print_as_json(lifted)
    elif lifted.kinds:
        kinds = ", ".join(lifted.kinds)
        echo(f"{service} 重新处理：{kinds}。", f"{service} tries again: {kinds}.", lang, "green")
    else:
        echo(f"{service} 没有停止处理的消息。", f"{service} has stopped nothing.", lang)


@app.command(epilog=examples("microgov quarantine show issues 42"))
def show(service: Service, seq: Seq, tenant: Tenant = TENANT, json: Json = False) -> None:
    """One message with its error and stack trace · 详情"""

    async def ask(client: Client) -> Quarantine:
        return Quarantine.model_validate(await client.ask(service, AskQuarantine(stream_seq=seq)))

    found = with_client(tenant, ask).messages
    if json:
        print_as_json_lines(found)
    for m in found if not json else []:
        out.print(
            f"{m.type} {m.subject} ({m.code}), {m.waiting} waiting · 条在等\n{m.error}\n{m.trace or ''}"
        )
    if not found:
        echo(
            f"{service} 在 {seq} 处没有被隔离的消息。",
            f"Nothing of {service} is quarantined at {seq}.",
            style="yellow",
        )
    finish(bool(found))


@app.command(epilog=examples("microgov quarantine retry issues 42", "microgov quarantine retry issues --all"))
def retry(
    service: Service,
    seq: Annotated[
        int | None, typer.Argument(help="the sequence of the message in the log · 日志序号")
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="all messages of the service, in the order of the log · 全部")
    ] = False,
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Calls the repaired service again with the message, then with all that wait behind it · 重试"""
    if (seq is None) != all_:
        raise Misuse(
            "请给出一个日志序号，或 --all（二者取一）。", "Give either the sequence of one message, or --all."
        )
    if seq is not None:
        _send_command(RetryMessage(service=service, stream_seq=seq), tenant, lang, json)
    ok, failed = with_client(tenant, lambda client: _retry_all(client, service))
    if json:
        print_as_json({"ok": not failed, "retried": ok + failed, "failed": failed})
    else:
        echo(
            f"重试 {ok + failed} 条，仍失败 {failed} 条。",
            f"{ok + failed} tried again, {failed} failed again.",
            lang,
            "yellow" if failed else "green",
        )
    finish(not failed)


async def _retry_all(client: Client, service: str) -> tuple[int, int]:
    """Retries each message that is quarantined now, once, in the order of the log; returns how many succeeded and failed."""
    _must_be_known(service)
    found = await _quarantined(client, service, sys.maxsize)
    with progress_bar() as shown:
        task = shown.add_task(f"quarantine {service}", total=len(found.messages))
        for m in found.messages:
            await client.send(RetryMessage(service=service, stream_seq=m.stream_seq))
            shown.update(task, advance=1)
    await client.settle()
    left = {m.stream_seq for m in (await _quarantined(client, service, sys.maxsize)).messages}
    failed = sum(m.stream_seq in left for m in found.messages)
    return len(found.messages) - failed, failed


def _must_be_known(service: str) -> None:
    """Raises Misuse if there is no such service."""
    if service not in fold_names():
        raise Misuse(
            f"没有服务 {service}；可选：{'、'.join(fold_names())}。",
            f"{service} is no service; there is {', '.join(fold_names())}.",
        )


@app.command(epilog=examples("microgov quarantine discard issues 42"))
def discard(
    service: Service, seq: Seq, tenant: Tenant = TENANT, lang: Lang = None, json: Json = False
) -> None:
    """Gives the message up; the messages that wait behind it are handled · 放弃"""
    _send_command(DiscardMessage(service=service, stream_seq=seq), tenant, lang, json)


def _send_command(command: RetryMessage | DiscardMessage, tenant: str, lang: str | None, json: bool) -> None:
    async def send(client: Client) -> tuple[bool, str, str]:
        _must_be_known(command.service)
        receipt = await client.send(command)
        if receipt.message is not None:
            return False, receipt.message.zh, receipt.message.en
        await client.settle()
        said = await client.reaction(receipt, 0.5)
        if said is not None and isinstance(said.data, FAILURES):
            return False, *sentence_of(said)
        return True, "已处理，后面等待的消息也已处理。", "It is done, and so is what waited behind it."

    ok, zh, en = with_client(tenant, send)
    if json:
        print_as_json({"ok": ok, "zh": zh, "en": en})
    else:
        echo(zh, en, lang, "green" if ok else "yellow")
    finish(ok)
