"""`microgov log record | verify | replay`: the log of a tenant as a file, which is its own test."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from contracts.registry import every_message
from services.chassis import memory
from services.chassis import recording as recordings
from services.chassis.database import engine
from services.chassis.jetstream import JetStreamLog
from services.chassis.log import Stored
from services.chassis.recording import BadRecording, Recording
from services.chassis.replay import Difference, check, digest, prepare
from services.chassis.service import Service
from services.client import Client
from services.gateway.publishers import Problem
from services.here import Misuse, here

app = typer.Typer(no_args_is_help=True, help="录制、核对与重放日志 · record, verify and replay a tenant's log.")
err = Console(stderr=True)
SHOWN = 20
File = Annotated[Path, typer.Argument(help="the recording, NDJSON")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object, for machines")]


@contextmanager
def bar(what: str, total: int | None) -> Iterator[Progress]:
    """A progress bar on standard error; silent where that is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        progress.add_task(what, total=total)
        yield progress


def read(path: Path) -> Recording:
    """The recording, or exit 1 with what is wrong."""
    try:
        return recordings.read(path)
    except (BadRecording, OSError) as error:
        err.print(f"[red]无法读取 · cannot be read: {error}[/red]")
        raise typer.Exit(1) from error


@app.command(epilog="microgov log record veg.ndjson --tenant demo · exit 0 recorded, 1 not at rest, 3 broker away")
def record(
    path: File,
    tenant: Annotated[str, typer.Option(help="the tenant")] = "demo",
    follow: Annotated[bool, typer.Option(help="go on until ctrl-C; the recording is then marked open")] = False,
) -> None:
    """Records from the first message until every service has said what follows from the last one · 录制"""
    if not path.absolute().parent.is_dir():
        raise typer.BadParameter(f"{path.parent} is no folder · 文件夹不存在")
    found, open_ = asyncio.run(_record(tenant, follow))
    recording = Recording(tenant, tuple(found), {}, open_)
    digests = {service.name: _digested(service, recording) for service in _folds()}
    count = recordings.write(path, tenant, found, digests, open_)
    err.print(f"{path}: {count} 条消息 · {count} messages{'（未完 · open）' if open_ else ''}")


async def _record(tenant: str, follow: bool) -> tuple[list[Stored], bool]:
    async with Client(here(), tenant) as client:
        log = JetStreamLog(client.house, tenant)
        found: list[Stored] = []
        reader = await log.read(0, None)
        with bar("录制 · recording", await log.end()) as progress:
            while True:
                try:
                    batch = await reader.batch(1000, 0.3)
                except (KeyboardInterrupt, asyncio.CancelledError):
                    return found, True
                found += batch
                progress.update(progress.task_ids[0], completed=len(found), total=max(len(found), await log.end()))
                if not batch and not follow and await _at_rest(client, log, found):
                    return found, False


async def _at_rest(client: Client, log: JetStreamLog, found: list[Stored]) -> bool:
    await client.settle()
    return await log.end() == (found[-1].seq if found else 0)


def _folds() -> tuple[Service, ...]:
    from services.folds import FOLDS

    return FOLDS


def _digested(service: Service, recording: Recording) -> str:
    made = engine("sqlite://")
    prepare(made, service)
    difference = check(service, recording, made)
    if difference is not None:
        err.print(f"[yellow]{difference}[/yellow]")
    with made.connect() as c:
        return digest(c, service)


@app.command(epilog="microgov log verify tests/logs/vegetable-patch.ndjson · exit 0 all is well, 1 something is wrong")
def verify(path: File, as_json: AsJson = False) -> None:
    """Checks that a recording is whole and unchanged, in order, numbered without gaps, and valid by every schema · 核对"""

    every_message()
    recording = read(path)
    with bar("核对 · verifying", len(recording.messages)) as progress:
        wrong = list(recordings.verify(recording, lambda n: progress.update(progress.task_ids[0], completed=n)))
    if as_json:
        print(json.dumps({"messages": len(recording.messages), "wrong": wrong}, ensure_ascii=False))
    for line in wrong[:SHOWN] if not as_json else ():
        err.print(f"[red]{line}[/red]")
    if len(wrong) > SHOWN and not as_json:
        err.print(f"… 另有 {len(wrong) - SHOWN} 处 · and {len(wrong) - SHOWN} more")
    if wrong:
        raise typer.Exit(1)
    if not as_json:
        err.print(f"{path}: {len(recording.messages)} 条消息，完好 · {len(recording.messages)} messages, all is well")


@app.command(
    epilog="microgov log replay veg.ndjson --database memory --database sqlite --database "
    "postgresql+psycopg://me@127.0.0.1/replay_{service} · exit 0 the same, 1 a difference"
)
def replay(
    path: File,
    database: Annotated[list[str], typer.Option(help="memory, sqlite, or a URL with {service}; may be repeated")] = [],  # noqa: B006  # typer's way
    as_json: AsJson = False,
) -> None:
    """Feeds the recording to every service; names the first message that a service says otherwise · 重放"""
    recording = read(path)
    results: dict[str, dict[str, str]] = {}
    differences: list[Difference] = []
    memory.settle()
    with TemporaryDirectory() as scratch:
        for name in database or ["memory", "sqlite"]:
            url = {"memory": "sqlite://", "sqlite": f"sqlite:///{scratch}/{{service}}.sqlite"}.get(name, name)
            results[name], found = _replayed(name, url, recording)
            differences += found
    same = all(found == dict(recording.digests) for found in results.values())
    _tell(results, differences, same, as_json)
    if differences or not same:
        raise typer.Exit(1)


def _replayed(name: str, url: str, recording: Recording) -> tuple[dict[str, str], list[Difference]]:
    digests: dict[str, str] = {}
    differences: list[Difference] = []
    for service in _folds():
        made = _opened(name, url, service)
        with bar(f"{name}: {service.name}", None) as progress:
            difference = check(service, recording, made, lambda n, p=progress: p.advance(p.task_ids[0], n))  # type: ignore[misc]  # a bound default
        differences += [difference] if difference is not None else []
        with made.connect() as c:
            digests[service.name] = digest(c, service)
        made.dispose()
    return digests, differences


def _opened(name: str, url: str, service: Service) -> Engine:
    """The service's own database with fresh tables. Raises Misuse where the URL is none, Problem where nobody answers."""
    shown = name
    try:
        parsed = make_url(url.format(service=service.name))
        shown = parsed.render_as_string(hide_password=True)
        made = engine(parsed.render_as_string(hide_password=False))
        prepare(made, service)
    except (ArgumentError, ImportError, LookupError, ValueError) as error:
        raise Misuse(f"--database {name}：可用 memory、sqlite 或数据库 URL（可含 {{service}}）。",
                     f"--database {name}: it can be memory, sqlite, or a database URL (with {{service}}).") from error
    except (DBAPIError, OSError) as error:
        why = " ".join(str(getattr(error, "orig", error)).split())
        raise Problem(f"无法使用数据库 {shown}：{why}。请检查 --database，或用 memory、sqlite。",
                      f"The database {shown} cannot be used: {why}. Check --database, or use memory or sqlite.") from error
    return made


def _tell(results: dict[str, dict[str, str]], differences: list[Difference], same: bool, as_json: bool) -> None:
    if as_json:
        print(
            json.dumps(
                {"digests": results, "same_state": same, "differences": [str(d) for d in differences]}, ensure_ascii=False
            )
        )
        return
    for name, digests in results.items():
        for service, found in digests.items():
            err.print(f"{name:12} {service:10} {found[:16]}…")
    for difference in differences:
        err.print(f"[red]{difference}[/red]")
    if not differences:
        err.print("所说一致 · the same messages" + ("，状态一致 · and the same state" if same else ""))
    if not same:
        err.print("[red]状态与录制不同 · another state than recorded[/red]")
