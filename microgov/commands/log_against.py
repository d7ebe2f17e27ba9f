"""`microgov log replay --against CHECKOUT`: the rows of another checkout beside those of this one."""

import json
import os
import subprocess
import sys
from pathlib import Path

from rich.table import Table

from microgov.commands.base import echo, out
from microgov.commands.log_rows import service_named
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.replay.difference import Difference
from microgov.services.chassis.replay.rows import Row, keys_of, rows_after

MOST_ROWS = 20
PATIENCE = 600.0
"""Seconds that the other checkout may take."""


def show_against(checkout: Path, path: Path, recording: Recording, found: Difference) -> None:
    """Prints the rows that differ after the message at which the difference was found, side by side."""
    service = service_named(found.service)
    theirs, ours = _rows_there(checkout, path, found), rows_after(service, recording, found.seq)
    shown = Table("table · 表", "key · 主键", "column · 列", f"{checkout}", "here · 此处")
    lines = [
        (name, *line)
        for name in sorted({*theirs, *ours})
        for line in _differing(theirs.get(name, []), ours.get(name, []), keys_of(service, name))
    ]
    for line in lines[:MOST_ROWS]:
        shown.add_row(*line)
    if lines:
        out.print(shown)
    echo(
        f"{found.seq} 之后有 {len(lines)} 个值不同（对照 {checkout}）",
        f"{len(lines)} values differ after {found.seq}, against {checkout}",
    )


def _rows_there(checkout: Path, path: Path, found: Difference) -> dict[str, list[Row]]:
    """The rows that the code of another checkout makes. Raises Problem if it cannot be asked."""
    own = checkout / ".venv" / "bin" / "python"
    python = str(own) if own.exists() else sys.executable
    command = ["log", "rows", str(path.absolute()), found.service, "--upto", str(found.seq), "--json"]
    try:
        done = subprocess.run(
            [python, "-m", "microgov", *command],
            cwd=checkout,
            env={**os.environ, "PYTHONPATH": str(checkout)},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Problem(
            f"{checkout} 在 {PATIENCE:g} 秒内没有回答。请先用 `microgov log cut` 剪小录制。",
            f"{checkout} has not answered within {PATIENCE:g} s. Cut the recording down first (`microgov log cut`).",
        ) from error
    if done.returncode:
        why = " ".join(done.stderr.split())[-500:]
        raise Problem(
            f"{checkout} 无法重放：{why}。它须是 microgov 的检出，且有命令 log rows。",
            f"{checkout} cannot replay it: {why}. It must be a checkout of microgov that has the command log rows.",
        )
    rows: dict[str, list[Row]] = json.loads(done.stdout)
    return rows


def _differing(theirs: list[Row], ours: list[Row], keys: list[str]) -> list[tuple[str, str, str, str]]:
    """A line for each value that differs: key, column, their value, ours."""
    before, now = ({tuple(str(row[key]) for key in keys): row for row in rows} for rows in (theirs, ours))
    found: list[tuple[str, str, str, str]] = []
    for key in sorted({*before, *now}):
        left, right = before.get(key, {}), now.get(key, {})
        columns = [name for name in {**left, **right} if left.get(name) != right.get(name)]
        found += [(" ".join(key), name, _value(left, name), _value(right, name)) for name in columns]
    return found


def _value(row: Row, name: str) -> str:
    return str(row[name]) if row.get(name) is not None else "–"
