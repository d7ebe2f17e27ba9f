"""`microgov log replay`: feeds a recording to every service and compares messages and state with the recorded ones."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from microgov.client.connection import Misuse
from microgov.commands.base import Json, echo, examples, finish, out, print_as_json, progress_bar
from microgov.commands.recordings import MAX_LINES, File, problems, read_recording, services
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.replay.recording import Recording
from microgov.services.chassis.replay.replay import Difference, check, digest
from microgov.services.chassis.runtime import memory
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.create_tables import Occupied, check_free, emptied
from microgov.services.chassis.store.engine import engine

Databases = Annotated[
    list[str] | None,
    typer.Option(
        help="a database: memory, sqlite, or a URL with {service}; may be repeated · 数据库，可多次给出"
    ),
]
EXAMPLES = examples(
    "microgov log replay veg.ndjson",
    "microgov log replay veg.ndjson --database memory --database 'postgresql+psycopg://me@127.0.0.1/replay_{service}'",
)


def replay(path: File, database: Databases = None, json: Json = False) -> None:
    """Feeds the recording to every service and names the first message that differs from the recorded one · 重放"""
    recording = read_recording(path)
    results: dict[str, dict[str, str]] = {}
    differences: list[Difference | str] = [*problems(recording, lambda n: None)]
    memory.freeze_heap()
    with TemporaryDirectory() as scratch:
        urls = {"memory": "sqlite://", "sqlite": f"sqlite:///{scratch}/{{service}}.sqlite"}
        chosen = {name: urls.get(name, name) for name in database or urls}
        for name in chosen.keys() - urls.keys():
            _check_databases_free(name)
        for name, url in chosen.items():
            results[name], found = _replayed(name, url, recording)
            differences += found
    same = all(found == dict(recording.digests) for found in results.values())
    if json:
        counted = dict(zip(("messages", "answers", "services"), _counted(recording), strict=True))
        print_as_json(
            {**counted, "digests": results, "same_state": same, "differences": [str(d) for d in differences]}
        )
    else:
        _show(recording, results, differences, same)
    finish(not differences and same)


def _replayed(name: str, url: str, recording: Recording) -> tuple[dict[str, str], list[Difference]]:
    digests: dict[str, str] = {}
    differences: list[Difference] = []
    for service in services():
        database = _emptied_database(name, url, service)
        with progress_bar() as shown:
            task = shown.add_task(f"{name}: {service.name}", total=None)
            difference = check(service, recording, database, partial(shown.advance, task))
        differences += [difference] if difference is not None else []
        with database.connect() as c:
            digests[service.name] = digest(c, service)
        database.dispose()
    return digests, differences


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
    database = _engine(name, url, service)
    _in_transaction(database, lambda c: emptied(c, service.base.metadata))
    return database


def _engine(name: str, url: str, service: Service) -> Engine:
    """Raises Misuse for what is not a database URL. `name` is what the user typed."""
    try:
        return engine(make_url(url.format(service=service.name)).render_as_string(hide_password=False))
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


def _show(
    recording: Recording,
    results: dict[str, dict[str, str]],
    differences: Sequence[Difference | str],
    same: bool,
) -> None:
    for name, digests in results.items():
        for service, found in digests.items():
            out.print(f"{name:12} {service:10} {found[:16]}…")
    for difference in differences[:MAX_LINES]:
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


def _counted(recording: Recording) -> tuple[int, int, int]:
    """The number of messages, of those sent by services, and of the services which sent any."""
    answers = [len(recording.by(service.name)) for service in services()]
    return len(recording.messages), sum(answers), sum(map(bool, answers))
