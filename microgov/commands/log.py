"""`microgov log record`, `verify` and `replay`: the log of a tenant as a file, which can be replayed as a test."""

import asyncio
from typing import Annotated

import typer

from microgov.client.connection import Misuse
from microgov.client.publisher import Client
from microgov.commands.base import (
    TENANT,
    Json,
    Tenant,
    echo,
    err,
    examples,
    finish,
    group,
    out,
    print_as_json,
    progress_bar,
    with_client,
)
from microgov.commands.log_replay import EXAMPLES, replay
from microgov.commands.recordings import MAX_LINES, File, problems, read_recording, services
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import Stored
from microgov.services.chassis.replay import recording as recordings
from microgov.services.chassis.replay.digest import digest
from microgov.services.chassis.replay.feeding import prepare
from microgov.services.chassis.replay.recording import Recording
from microgov.services.chassis.replay.replay import check
from microgov.services.chassis.runtime.file_access import copy_owner
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.engine import engine

app = group("The log of a tenant as a file: record, verify, replay · 录制、核对与重放日志")


@app.command(
    epilog=examples("microgov log record veg.ndjson --tenant demo", "microgov log record all.ndjson --follow")
)
def record(
    path: File,
    tenant: Tenant = TENANT,
    follow: Annotated[
        bool, typer.Option(help="continue until ctrl-C; the recording is then marked as open · 持续")
    ] = False,
) -> None:
    """Records from the first message until every service has handled the last one and what follows from it · 录制"""
    if not path.absolute().parent.is_dir():
        raise Misuse(f"{path.parent} 不是文件夹。请先建立它。", f"{path.parent} is no folder. Make it first.")
    if path.exists():
        raise Misuse(
            f"{path} 已存在，录制不会覆盖它。请换一个文件名，或先删除它。",
            f"{path} is there already, and is not overwritten. Choose another name, or delete it first.",
        )
    found, open_ = with_client(tenant, lambda client: _record(client, follow))
    recording = Recording(tenant, tuple(found), {}, open_)
    digests = {service.name: _digest_of(service, recording) for service in services()}
    count = recordings.write(path, tenant, found, digests, open_)
    copy_owner(path, path.absolute().parent)
    echo(
        f"{path}：{count} 条消息{'（未完）' if open_ else ''}",
        f"{path}: {count} messages{' (open)' if open_ else ''}",
    )


async def _record(client: Client, follow: bool) -> tuple[list[Stored], bool]:
    """The messages of the log, and whether the recording was interrupted and is therefore open."""
    log = JetStreamLog(client.bus, client.tenant)
    found: list[Stored] = []
    reader = await log.read(0, None)
    with progress_bar() as shown:
        task = shown.add_task("录制 · recording", total=await log.end())
        while True:
            try:
                batch = await reader.batch(1000, 0.3)
            except (KeyboardInterrupt, asyncio.CancelledError):
                return found, True
            found += batch
            shown.update(task, completed=len(found), total=max(len(found), await log.end()))
            if not batch and not follow and await _at_rest(client, log, found):
                return found, False


async def _at_rest(client: Client, log: JetStreamLog, found: list[Stored]) -> bool:
    await client.settle()
    return await log.end() == (found[-1].seq if found else 0)


def _digest_of(service: Service, recording: Recording) -> str:
    """The digest of a service's tables after the recording; prints the first difference if there is one."""
    made = engine("sqlite://")
    prepare(made, service)
    difference = check(service, recording, made)
    if difference is not None:
        err.print(str(difference), style="yellow")
    with made.connect() as c:
        return digest(c, service)


@app.command(
    epilog=examples("microgov log verify tests/logs/order.ndjson", "microgov log verify veg.ndjson --json")
)
def verify(path: File, json: Json = False) -> None:
    """Checks that a recording is complete, unchanged, in order, numbered without gaps, and valid by every schema · 核对"""
    recording = read_recording(path)
    with progress_bar() as shown:
        task = shown.add_task("核对 · verifying", total=len(recording.messages))
        wrong = problems(recording, lambda n: shown.update(task, completed=n))
    many = len(recording.messages)
    if json:
        print_as_json({"messages": many, "wrong": wrong})
        finish(not wrong)
    for line in wrong[:MAX_LINES]:
        out.print(line, style="red")
    if len(wrong) > MAX_LINES:
        echo(f"… 另有 {len(wrong) - MAX_LINES} 处", f"… and {len(wrong) - MAX_LINES} more")
    if not wrong:
        echo(f"{path}：{many} 条消息，完好", f"{path}: {many} messages, all is well", style="green")
    finish(not wrong)


app.command(epilog=EXAMPLES)(replay)
