"""`microgov log coverage`: what a set of recordings exercises, and what none of them tries."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from microgov.commands.base import Json, echo, examples, finish, out, print_as_json, progress_bar
from microgov.commands.recordings import lines_of_bar, read_recording, services
from microgov.contracts.registry import every_message
from microgov.services.chassis.replay.coverage import KINDS, Coverage
from microgov.services.chassis.replay.coverage import coverage as measured
from microgov.testing.notices import NOTICES, exercised_notices

EXAMPLES = examples(
    "microgov log coverage tests/logs/*.ndjson",
    "microgov log coverage tests/logs/*.ndjson --missing --at-least 40",
    "microgov log coverage mine.ndjson --json",
)
Files = Annotated[list[Path], typer.Argument(help="recordings (NDJSON) · 录制文件")]
Missing = Annotated[bool, typer.Option(help="list what no recording exercises · 列出未覆盖的部分")]
AtLeast = Annotated[
    int, typer.Option(min=0, max=100, help="exit 1 if less than this percentage is exercised · 最低百分比")
]


def coverage(files: Files, missing: Missing = False, at_least: AtLeast = 0, json: Json = False) -> None:
    """Shows which handlers, deadlines, transitions, refusals and notices the recordings exercise · 覆盖情况"""
    every_message()
    recordings = [read_recording(path) for path in files]
    with progress_bar() as shown:
        covered = measured(services(), recordings, lines_of_bar(shown))
    found = [*covered, Coverage("notify", {NOTICES: exercised_notices(recordings)})]
    counts = [one.counts(kind) for one in found for kind in one.found]
    percentage = 100 * sum(some for some, _ in counts) // max(1, sum(every for _, every in counts))
    if json:
        parts = [{"service": one.service, "found": one.found} for one in found]
        print_as_json({"percentage": percentage, "services": parts})
    else:
        _show(found, missing)
        echo(f"共 {percentage}%", f"{percentage} % in all")
    finish(percentage >= at_least)


def _show(found: list[Coverage], missing: bool) -> None:
    table = Table("service · 服务", *(f"{kind}" for kind in (*KINDS, NOTICES)))
    for service in services():
        mine = {kind: one.counts(kind) for one in found if one.service == service.name for kind in one.found}
        cells = [f"{mine[kind][0]}/{mine[kind][1]}" if kind in mine else "" for kind in (*KINDS, NOTICES)]
        table.add_row(service.name, *cells)
    out.print(table)
    for one in found if missing else ():
        for kind in one.found:
            for name in one.missing(kind):
                out.print(f"{one.service} {kind}: {name}")
