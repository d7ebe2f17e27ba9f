"""`microgov log record | verify | replay`: the log of a tenant as a file, which is its own test."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from microgov.client.connection import Misuse
from microgov.client.publisher import Client
from microgov.commands.base import (
    DEMO,
    Json,
    Tenant,
    bar,
    echo,
    err,
    examples,
    finish,
    group,
    machine,
    out,
    with_client,
)
from microgov.contracts.registry import every_message
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import Stored
from microgov.services.chassis.replay import recording as recordings
from microgov.services.chassis.replay.recording import BadRecording, Recording
from microgov.services.chassis.replay.replay import Difference, check, digest, prepare
from microgov.services.chassis.runtime import memory
from microgov.services.chassis.runtime.file_access import copy_owner
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.create_tables import Occupied, check_free, emptied
from microgov.services.chassis.store.engine import engine

app = group("The log of a tenant as a file: record, verify, replay · 录制、核对与重放日志")
SHOWN = 20
File = Annotated[Path, typer.Argument(help="the recording, NDJSON · 录制文件")]
Databases = Annotated[
    list[str] | None,
    typer.Option(help="memory, sqlite, or a URL with {service}; may be repeated · 数据库，可多次给出"),
]


def read(path: Path) -> Recording:
    """The recording. Raises Problem with what is wrong."""
    try:
        return recordings.read(path)
    except (BadRecording, OSError, UnicodeDecodeError) as error:
        raise Problem(f"无法读取录制：{error}", f"The recording cannot be read: {error}") from error


@app.command(
    epilog=examples("microgov log record veg.ndjson --tenant demo", "microgov log record all.ndjson --follow")
)
def record(
    path: File,
    tenant: Tenant = DEMO,
    follow: Annotated[
        bool, typer.Option(help="go on until ctrl-C; the recording is then marked open · 持续")
    ] = False,
) -> None:
    """Records from the first message until every service has said what follows from the last one · 录制"""
    if not path.absolute().parent.is_dir():
        raise Misuse(f"{path.parent} 不是文件夹。请先建立它。", f"{path.parent} is no folder. Make it first.")
    if path.exists():
        raise Misuse(
            f"{path} 已存在，录制不会覆盖它。请换一个文件名，或先删除它。",
            f"{path} is there already, and is not overwritten. Choose another name, or delete it first.",
        )
    found, open_ = with_client(tenant, lambda client: _record(client, follow))
    recording = Recording(tenant, tuple(found), {}, open_)
    digests = {service.name: _digested(service, recording) for service in _folds()}
    count = recordings.write(path, tenant, found, digests, open_)
    copy_owner(path, path.absolute().parent)
    echo(
        f"{path}：{count} 条消息{'（未完）' if open_ else ''}",
        f"{path}: {count} messages{' (open)' if open_ else ''}",
    )


async def _record(client: Client, follow: bool) -> tuple[list[Stored], bool]:
    log = JetStreamLog(client.bus, client.tenant)
    found: list[Stored] = []
    reader = await log.read(0, None)
    with bar() as shown:
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


def _folds() -> tuple[Service, ...]:
    from microgov.folds import FOLDS

    return FOLDS


def _digested(service: Service, recording: Recording) -> str:
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
    """Checks that a recording is whole and unchanged, in order, numbered without gaps, and valid by every schema · 核对"""
    recording = read(path)
    with bar() as shown:
        task = shown.add_task("核对 · verifying", total=len(recording.messages))
        wrong = _wrong(recording, lambda n: shown.update(task, completed=n))
    many = len(recording.messages)
    if json:
        machine({"messages": many, "wrong": wrong})
        finish(not wrong)
    for line in wrong[:SHOWN]:
        out.print(line, style="red")
    if len(wrong) > SHOWN:
        echo(f"… 另有 {len(wrong) - SHOWN} 处", f"… and {len(wrong) - SHOWN} more")
    if not wrong:
        echo(f"{path}：{many} 条消息，完好", f"{path}: {many} messages, all is well", style="green")
    finish(not wrong)


def _wrong(recording: Recording, progress: Callable[[int], None]) -> list[str]:
    """What is wrong inside, and what nobody here would be fed or compared with."""
    every_message()
    return [
        *recordings.strange(recording, [one.name for one in _folds()]),
        *recordings.verify(recording, progress),
    ]


def _counted(recording: Recording) -> tuple[int, int, int]:
    """Messages, how many of them services have said, and how many services that are."""
    answers = [len(recording.by(service.name)) for service in _folds()]
    return len(recording.messages), sum(answers), sum(map(bool, answers))


@app.command(
    epilog=examples(
        "microgov log replay veg.ndjson",
        "microgov log replay veg.ndjson --database memory --database 'postgresql+psycopg://me@127.0.0.1/replay_{service}'",
    )
)
def replay(path: File, database: Databases = None, json: Json = False) -> None:
    """Feeds the recording to every service; names the first message that a service says otherwise · 重放"""
    recording = read(path)
    results: dict[str, dict[str, str]] = {}
    differences: list[Difference | str] = [*_wrong(recording, lambda n: None)]
    memory.freeze_heap()
    with TemporaryDirectory() as scratch:
        urls = {"memory": "sqlite://", "sqlite": f"sqlite:///{scratch}/{{service}}.sqlite"}
        chosen = {name: urls.get(name, name) for name in database or urls}
        for name in chosen.keys() - urls.keys():
            _must_be_free(name)
        for name, url in chosen.items():
            results[name], found = _replayed(name, url, recording)
            differences += found
    same = all(found == dict(recording.digests) for found in results.values())
    if json:
        counted = dict(zip(("messages", "answers", "services"), _counted(recording), strict=True))
        machine(
            {**counted, "digests": results, "same_state": same, "differences": [str(d) for d in differences]}
        )
    else:
        _tell(recording, results, differences, same)
    finish(not differences and same)


def _replayed(name: str, url: str, recording: Recording) -> tuple[dict[str, str], list[Difference]]:
    digests: dict[str, str] = {}
    differences: list[Difference] = []
    for service in _folds():
        made = _opened(name, url, service)
        with bar() as shown:
            task = shown.add_task(f"{name}: {service.name}", total=None)
            difference = check(service, recording, made, partial(shown.advance, task))
        differences += [difference] if difference is not None else []
        with made.connect() as c:
            digests[service.name] = digest(c, service)
        made.dispose()
    return digests, differences


def _must_be_free(name: str) -> None:
    """Each service has a database of its own there, and none is anybody's. Raises Misuse before anything was changed."""
    urls = [_engine(name, name, service).url for service in _folds()]
    if len({*urls}) < len(urls):
        raise Misuse(
            f"--database {name}：每个服务要有自己的数据库。请在 URL 中写上 {{service}}。",
            f"--database {name}: each service needs a database of its own. Put {{service}} into the URL.",
        )
    for service in _folds():
        made = _engine(name, name, service)
        file = Path(made.url.database or "") if made.url.get_backend_name() == "sqlite" else None
        if file is None or file.exists():
            _used(made, check_free)


def _opened(name: str, url: str, service: Service) -> Engine:
    """The service's own database with fresh tables."""
    made = _engine(name, url, service)
    _used(made, lambda c: emptied(c, service.base.metadata))
    return made


def _engine(name: str, url: str, service: Service) -> Engine:
    """Raises Misuse where the URL is none."""
    try:
        return engine(make_url(url.format(service=service.name)).render_as_string(hide_password=False))
    except (ArgumentError, ImportError, LookupError, ValueError) as error:
        raise Misuse(
            f"--database {name}：可用 memory、sqlite 或数据库 URL（可含 {{service}}）。",
            f"--database {name}: it can be memory, sqlite, or a database URL (with {{service}}).",
        ) from error


def _used(made: Engine, what: Callable[[Connection], None]) -> None:
    """Raises Misuse where others' tables are, Problem where nobody answers."""
    try:
        with made.begin() as c:
            what(c)
    except Occupied as found:
        raise Misuse(
            f"{found.url} 中有别人的表（{found.tables}）：重放会清空数据库，因此没有改动它。请指定一个空的数据库。",
            f"{found.url} holds tables of others ({found.tables}). A replay empties its database, so nothing was "
            "changed. Name an empty one.",
        ) from found
    except (DBAPIError, OSError) as error:
        shown, why = (
            made.url.render_as_string(hide_password=True),
            " ".join(str(getattr(error, "orig", error)).split()),
        )
        raise Problem(
            f"无法使用数据库 {shown}：{why}。请检查 --database，或用 memory、sqlite。",
            f"The database {shown} cannot be used: {why}. Check --database, or use memory or sqlite.",
        ) from error


def _tell(
    recording: Recording,
    results: dict[str, dict[str, str]],
    differences: Sequence[Difference | str],
    same: bool,
) -> None:
    for name, digests in results.items():
        for service, found in digests.items():
            out.print(f"{name:12} {service:10} {found[:16]}…")
    for difference in differences[:SHOWN]:
        out.print(str(difference), style="red")
    many, answers, services = _counted(recording)
    if not differences:
        zh, en = ("，状态一致", " and the same state") if same else ("", "")
        echo(
            f"{many} 条消息，{services} 个服务的 {answers} 条应答：所说一致{zh}",
            f"{many} messages, {answers} answers of {services} services: the same messages{en}",
            style="green",
        )
    if not same:
        echo("状态与录制不同", "another state than recorded", style="red")
