"""`microgov log record`, `verify` and `replay`: the log of a tenant as a file, which can be replayed as a test."""

import asyncio
from functools import partial
from typing import Annotated

import typer

from microgov.client.connection import Misuse
from microgov.client.publisher import Client
from microgov.commands.base import (
    TENANT,
    Json,
    Tenant,
    chosen_language,
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
from microgov.commands.log_coverage import EXAMPLES as COVERAGE_EXAMPLES
from microgov.commands.log_coverage import coverage
from microgov.commands.log_replay import EXAMPLES, replay
from microgov.commands.log_rows import EXAMPLES as ROWS_EXAMPLES
from microgov.commands.log_rows import rows
from microgov.commands.log_states import other_rows, running_states
from microgov.commands.recordings import MAX_LINES, File, lines_of_bar, problems, read_recording, services
from microgov.contracts.state import StateShown
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import Stored
from microgov.services.chassis.replay import recording as recordings
from microgov.services.chassis.replay.collecting import states_of
from microgov.services.chassis.replay.difference import Difference
from microgov.services.chassis.replay.feeding import to_fold
from microgov.services.chassis.replay.recording import Recording, States
from microgov.services.chassis.runtime.file_access import copy_owner
from microgov.testing.wording import shown_difference

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
    found, open_, running = with_client(tenant, lambda client: _record(client, follow))
    recording = Recording(tenant, tuple(found), {}, open_)
    states, differences = _states(recording)
    count = recordings.write(path, tenant, found, states, open_)
    copy_owner(path, path.absolute().parent)
    echo(
        f"{path}：{count} 条消息{'（未完）' if open_ else ''}",
        f"{path}: {count} messages{' (open)' if open_ else ''}",
    )
    for difference in differences[:1]:
        err.print(shown_difference(difference, ["memory"], chosen_language()), style="red")
    others = other_rows(recording, states, running)
    for service, position, tables in others:
        echo(
            f"{service}：运行中的服务在 {position} 之后的行与重放不同（表 {'、'.join(tables)}）",
            f"{service}: after {position}, the rows of the running service are not those of a replay "
            f"(tables {', '.join(tables)})",
            style="red",
        )
    finish(not differences and not others)


async def _record(client: Client, follow: bool) -> tuple[list[Stored], bool, list[StateShown]]:
    """The messages of the log, whether the recording was interrupted and is therefore open, and the states of the running
    services at its end.
    """
    log = JetStreamLog(client.bus, client.tenant)
    found: list[Stored] = []
    reader = await log.read(0, None)
    with progress_bar() as shown:
        task = shown.add_task("录制 · recording", total=await log.end())
        while True:
            try:
                batch = await reader.batch(1000, 0.3)
            except (KeyboardInterrupt, asyncio.CancelledError):
                return found, True, []
            found += batch
            shown.update(task, completed=len(found), total=max(len(found), await log.end()))
            if not batch and not follow and await _at_rest(client, log, found):
                return found, False, await running_states(client, [one.name for one in services()])


async def _at_rest(client: Client, log: JetStreamLog, found: list[Stored]) -> bool:
    await client.settle()
    return await log.end() == (found[-1].seq if found else 0)


def _states(recording: Recording) -> tuple[dict[str, States], list[Difference]]:
    """The states of every service after its messages, and where a replay answers otherwise than the log."""
    states: dict[str, States] = {}
    differences: list[Difference] = []
    with progress_bar() as shown:
        advance = lines_of_bar(shown)
        for service in services():
            progress = partial(advance, f"重放 · replaying: {service.name}", to_fold(service, recording))
            states[service.name], difference = states_of(service, recording, progress)
            differences += [difference] if difference is not None else []
    return states, sorted(differences, key=lambda one: one.seq)


@app.command(
    epilog=examples("microgov log verify tests/logs/order.ndjson", "microgov log verify veg.ndjson --json")
)
def verify(path: File, json: Json = False) -> None:
    """Checks that a recording is complete, unchanged, in order, numbered without gaps, and valid by every schema · 核对"""
    recording = read_recording(path)
    wrong = problems(recording)
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
app.command(epilog=COVERAGE_EXAMPLES)(coverage)
app.command(epilog=ROWS_EXAMPLES)(rows)
