"""`microgov log rows`: the rows of a service after a message of a recording."""

from functools import partial
from typing import Annotated

import typer
from rich.table import Table

from microgov.client.connection import Misuse
from microgov.commands.base import Json, examples, out, print_as_json, progress_bar
from microgov.commands.recordings import File, read_recording, services
from microgov.contracts.registry import every_message
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.replay.feeding import to_fold
from microgov.services.chassis.replay.rows import Row, rows_after
from microgov.services.chassis.service import Service

EXAMPLES = examples(
    "microgov log rows veg.ndjson issues --upto 148",
    "microgov log rows veg.ndjson issues --table issue --json",
)
ServiceName = Annotated[str, typer.Argument(metavar="SERVICE", help="the service · 哪个服务")]
Upto = Annotated[
    int | None, typer.Option(min=1, help="the sequence of the last message that is folded · 折叠到哪一条")
]
TableName = Annotated[str | None, typer.Option(help="this table alone · 只看这张表")]


def rows(
    path: File, service: ServiceName, upto: Upto = None, table: TableName = None, json: Json = False
) -> None:
    """Shows the rows of a service after a message of the recording · 某条消息之后的行"""
    every_message()
    found = _rows_after(service_named(service), read_recording(path), upto)
    if table is not None:
        if table not in service_named(service).base.metadata.tables:
            raise Misuse(
                f"{service} 没有表 {table}。有行的表：{'、'.join(found)}。",
                f"{service} has no table {table}. Tables with rows: {', '.join(found)}.",
            )
        found = {table: found.get(table, [])}
    if json:
        print_as_json(found)
        return
    for name, some in found.items():
        out.print(_shown(name, some))


def _rows_after(service: Service, recording: Recording, upto: int | None) -> dict[str, list[Row]]:
    with progress_bar() as shown:
        task = shown.add_task(f"重放 · replaying: {service.name}", total=to_fold(service, recording))
        return rows_after(service, recording, upto, partial(shown.advance, task))


def service_named(name: str) -> Service:
    """The service with this name. Raises Misuse if there is none."""
    found = next((one for one in services() if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in services())
        raise Misuse(f"没有服务 {name}。可用：{known}。", f"There is no service {name}. It can be: {known}.")
    return found


def _shown(name: str, rows: list[Row]) -> Table:
    shown = Table(*(rows[0] if rows else ()), title=name, title_justify="left")
    for row in rows:
        shown.add_row(*("–" if value is None else str(value) for value in row.values()))
    return shown
