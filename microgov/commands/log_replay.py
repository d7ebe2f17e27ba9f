"""`microgov log replay`: feeds a recording to every service and compares messages and state with the recorded ones."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.progress import Progress
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from microgov.client.connection import Misuse
from microgov.commands.base import (
    Json,
    chosen_language,
    echo,
    examples,
    finish,
    out,
    print_as_json,
    progress_bar,
)
from microgov.commands.log_against import show_against
from microgov.commands.log_compared import (
    Entity,
    Only,
    Upto,
    check_json_options,
    check_options,
    chosen_services,
    show_compared,
)
from microgov.commands.log_update import update_recording
from microgov.commands.recordings import MAX_LINES, File, lines_of_bar, problems, read_recording, services
from microgov.services.chassis import memory
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.recording.entities import must_be_named
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.replay import replay as replaying
from microgov.services.chassis.replay.feeding import BATCH, CACHE_KB, to_fold
from microgov.services.chassis.replay.options import Options
from microgov.services.chassis.replay.replay import Database
from microgov.services.chassis.replay.report import Report
from microgov.services.chassis.replay.state import state_digest
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.create_tables import Occupied, check_free, emptied
from microgov.services.chassis.store.engine import SCRATCH, engine
from microgov.testing.replay import BATCHES
from microgov.testing.wording import shown_difference, shown_states

Databases = Annotated[
    list[str] | None,
    typer.Option(
        help="a database: memory, sqlite, or a URL with {service}; may be repeated · 数据库，可多次给出"
    ),
]
EXAMPLES = examples(
    "microgov log replay veg.ndjson",
    "microgov log replay veg.ndjson --all --json",
    "microgov log replay veg.ndjson --update",
    "microgov log replay veg.ndjson --only issues --upto 148",
    "microgov log replay veg.ndjson --entity veg-1",
    "microgov log replay veg.ndjson --against ../microgov-before",
    "microgov log replay veg.ndjson --database memory --database 'postgresql+psycopg://me@127.0.0.1/replay_{service}'",
)


Every = Annotated[
    bool,
    typer.Option(
        "--all",
        help="all differences (20 are shown, --json has all), not only the first in the log · 全部差异",
    ),
]
Words = Annotated[
    bool, typer.Option(help="refusals that differ in their words alone are differences, too · 文字不同也算")
]
Update = Annotated[
    bool,
    typer.Option(
        help="show what differs, then write the present answers into the file · 以现在的应答更新文件"
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="with --update: write without asking · 不再询问")]
Against = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        file_okay=False,
        help="another checkout: shows its rows beside those of this one · 与另一份代码的行对照",
    ),
]


def replay(
    path: File,
    database: Databases = None,
    every: Every = False,
    words: Words = False,
    update: Update = False,
    yes: Yes = False,
    against: Against = None,
    only: Only = None,
    upto: Upto = None,
    entity: Entity = None,
    json: Json = False,
) -> None:
    """Feeds the recording to every service and names the first message that is answered otherwise than recorded · 重放"""
    check_options(update, only, upto, entity)
    check_json_options(json, update, yes, against)
    replayed = chosen_services(only)
    recording = read_recording(path)
    if entity is not None:
        must_be_named(recording.messages, entity)
    wrong = problems(recording)
    memory.freeze_heap()
    with TemporaryDirectory() as scratch, progress_bar() as shown:
        databases = _databases(database, scratch)
        options = Options(every or update, words or update, upto, entity)
        report = replaying.replay(recording, replayed, databases, options, _progress(shown, recording))
    if json:
        print_as_json({"problems": wrong, **report.as_json()})
    else:
        _show(report, wrong)
    if against is not None and report.differences:
        show_against(against, path, recording, report.differences[0][0])
    if update and not report.same:
        update_recording(path, recording, wrong, yes)
        if not json:
            echo(f"{path} 已更新。", f"{path} is updated.", style="green")
        return
    finish(not wrong and report.same and report.compared.something)


def _databases(names: Sequence[str] | None, folder: str) -> list[Database]:
    """The databases with these names, memory and SQLite files in this folder without any. Raises Misuse."""
    urls = {"memory": SCRATCH, "sqlite": f"sqlite:///{folder}/{{service}}.sqlite"}
    chosen = {name: urls.get(name, name) for name in names or urls}
    for name in chosen.keys() - urls.keys():
        _check_databases_free(name)
    return [_database(name, url) for name, url in chosen.items()]


def _database(name: str, url: str) -> Database:
    return Database(name, partial(_emptied_database, name, url), BATCHES.get(name, BATCH))


def _progress(shown: Progress, recording: Recording) -> Callable[[str, str, int], None]:
    """Advances a line of the progress bar for each database and service, and gives memory back as it goes."""
    advance, totals = lines_of_bar(shown), {one.name: to_fold(one, recording) for one in services()}
    release = memory.releasing()

    def folded(database: str, service: str, count: int) -> None:
        advance(f"{database}: {service}", totals[service], count)
        release(count)

    return folded


def _check_databases_free(name: str) -> None:
    """Raises Misuse, before anything is changed, if two services share a database or if it holds tables of others."""
    urls = [_engine(name, name, service).url for service in services()]
    if len({*urls}) < len(urls):
        raise Misuse(
            f"--database {name}：每个服务要有自己的数据库。请在 URL 中写上 {{service}}。",
            f"--database {name}: each service needs a database of its own. Put {{service}} into the URL.",
        )
    for service in services():
        database = _engine(name, name, service)
        file = Path(database.url.database or "") if database.url.get_backend_name() == "sqlite" else None
        if file is None or file.exists():
            _in_transaction(database, check_free)


def _emptied_database(name: str, url: str, service: Service) -> Engine:
    """The database of the service, with empty tables."""
    memory.release()
    database = _engine(name, url, service)
    _in_transaction(database, lambda c: emptied(c, service.base.metadata))
    return database


def _engine(name: str, url: str, service: Service) -> Engine:
    """Raises Misuse for what is not a database URL. `name` is what the user typed."""
    try:
        full = make_url(url.format(service=service.name)).render_as_string(hide_password=False)
        return engine(full, cache_kb=CACHE_KB)
    except (ArgumentError, ImportError, LookupError, ValueError) as error:
        raise Misuse(
            f"--database {name}：可用 memory、sqlite 或数据库 URL（可含 {{service}}）。",
            f"--database {name}: it can be memory, sqlite, or a database URL (with {{service}}).",
        ) from error


def _in_transaction(database: Engine, what: Callable[[Connection], None]) -> None:
    """Calls `what` in a transaction. Raises Misuse if the database holds tables of others, Problem if it cannot be used."""
    try:
        with database.begin() as c:
            what(c)
    except Occupied as found:
        raise Misuse(
            f"{found.url} 中有别人的表（{found.tables}）：重放会清空数据库，因此没有改动它。请指定一个空的数据库。",
            f"{found.url} holds tables of others ({found.tables}). A replay empties its database, so nothing was "
            "changed. Name an empty one.",
        ) from found
    except (DBAPIError, OSError) as error:
        shown, why = (
            database.url.render_as_string(hide_password=True),
            " ".join(str(getattr(error, "orig", error)).split()),
        )
        raise Problem(
            f"无法使用数据库 {shown}：{why}。请检查 --database，或用 memory、sqlite。",
            f"The database {shown} cannot be used: {why}. Check --database, or use memory or sqlite.",
        ) from error


def _show(report: Report, wrong: Sequence[str]) -> None:
    for name, states in report.states.items() if report.same else ():
        for service, sums in states.items():
            out.print(f"{name:12} {service:10} {state_digest(sums)[:16]}")
    lang = chosen_language()
    lines = [*wrong, *(shown_difference(found, on, lang) for found, on in report.differences)]
    for line in [*lines[:MAX_LINES], *shown_states(report, lang)]:
        out.print(line, style="red")
    if len(lines) > MAX_LINES:
        echo(f"… 另有 {len(lines) - MAX_LINES} 处", f"… and {len(lines) - MAX_LINES} more")
    show_compared(report, not lines)
