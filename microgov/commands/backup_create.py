"""`microgov backup create` and `microgov backup run`: backups, by hand and by themselves."""

import asyncio
import sys
from collections.abc import Awaitable
from datetime import datetime, time
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from microgov.client.connection import (
    COMPOSE,
    Misuse,
    check_local_installation,
    connect,
    connection_settings,
    data_folder,
)
from microgov.client.idle import hold_lock
from microgov.client.waiting import WaitingMessage
from microgov.commands.backup_erasures import erase_in
from microgov.commands.backup_shared import Folder, as_json, recipient, size_of, steps
from microgov.commands.base import Json, chosen_language, echo, err, examples, print_as_json
from microgov.safekeeping.create import create as make_backup
from microgov.safekeeping.folder import Backup
from microgov.safekeeping.private_broker import broker_on
from microgov.safekeeping.replacing import STORE
from microgov.safekeeping.retention import Retention
from microgov.safekeeping.schedule import Schedule
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.runtime.settings import Settings
from microgov.services.chassis.telemetry import start_logging
from microgov.services.gateway.accounts.permissions import OPERATOR

EXAMPLES = examples(
    "microgov backup create",
    "microgov backup create --folder /mnt/nas/microgov --json",
    "microgov backup create --stopped --folder ../before-the-repair",
)
RUN_EXAMPLES = examples(
    "microgov backup run", "microgov backup run --at 03:15 --days 14 --weeks 8 --months 24 --folder /mnt/nas"
)


def create(
    folder: Folder = None,
    stopped: Annotated[
        bool, typer.Option("--stopped", help="of an installation that does not run · 备份已停止的系统")
    ] = False,
    json: Json = False,
) -> None:
    """Makes a backup while everything runs; it costs as much as came since the last one · 备份"""
    settings = connection_settings()
    place = folder or settings.backups
    if stopped:
        made = _create_stopped(settings, place)
    else:
        check_local_installation(settings, "backup create")
        made = asyncio.run(_create(settings, place, recipient(settings)))
    assert made.manifest is not None
    if json:
        print_as_json(as_json(made))
        return
    messages = sum(one.end for name, one in made.manifest.streams.items() if name.startswith("LOG-"))
    rows = sum(sum(one.rows.values()) for one in made.manifest.databases.values())
    echo(
        f"已备份到 {made.folder}：日志 {messages} 条，保存的行 {rows} 条，{size_of(made)}。核对：microgov backup verify",
        f"Backed up to {made.folder}: {messages:,} messages of logs, {rows:,} kept rows, {size_of(made)}. "
        "To verify it: microgov backup verify",
        style="green",
    )


def run(
    at: Annotated[
        str, typer.Option(help="when a backup is due, HH:MM of this machine's time · 每日备份时刻")
    ] = "02:30",
    days: Annotated[int, typer.Option(min=1, help="keep the newest of so many days · 保留天数")] = 7,
    weeks: Annotated[int, typer.Option(min=0, help="… of so many weeks · 保留周数")] = 4,
    months: Annotated[int, typer.Option(min=0, help="… of so many months · 保留月数")] = 12,
    folder: Folder = None,
) -> None:
    """Backs up every day, verifies, deletes what is superfluous; until ctrl-C · 每日自动备份"""
    settings = connection_settings()
    check_local_installation(settings, "backup run")
    place = (folder or settings.backups).absolute()
    start_logging(settings.log_level)
    schedule = Schedule(
        settings,
        place,
        _time_of_day(at),
        Retention(days, weeks, months),
        recipient=partial(recipient, settings),
        make=lambda: _create(settings, place, recipient(settings)),
        verify=partial(_verify_alone, place),
        erase=partial(erase_in, settings, place),
    )
    asyncio.run(schedule.run())


def _time_of_day(text: str) -> time:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007  # a time of day alone
    except ValueError as error:
        raise Misuse(
            f"--at {text}：应形如 02:30（本机时间）。",
            f"--at {text}: it looks like 02:30, in this machine's time.",
        ) from error


async def _verify_alone(folder: Path, name: str) -> bool:
    """Verifies a backup in a process of its own, whose memory is given back."""
    command = [sys.executable, "-m", "microgov", "backup", "verify", name, "--folder", str(folder)]
    process = await asyncio.create_subprocess_exec(*command, stdout=sys.stderr)
    try:
        return await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()


def _create_stopped(settings: Settings, folder: Path) -> Backup:
    """Makes a backup of a data folder of `make up` on which nothing runs, by a broker of its own."""
    if settings.compose:
        raise Misuse(
            f"compose 部署请保留 nats 和 postgres：{COMPOSE} up --detach --wait nats postgres，再备份，不带 --stopped。",
            f"Under compose keep nats and postgres running ({COMPOSE} up --detach --wait nats postgres), and make the "
            "backup without --stopped.",
        )
    var = data_folder().absolute()
    if not (var / STORE).is_dir():
        raise Misuse(
            f"{var} 中没有数据。请在运行过 `make up` 的文件夹中运行，或用 MICROGOV_VAR 指定。",
            f"There is no installation in {var}. Run this where `make up` has run, or name its data by MICROGOV_VAR.",
        )
    to_whom = recipient(settings)
    with hold_lock(var), broker_on(var / STORE) as address:
        return asyncio.run(_made_by(Bus.connect(address, "backup"), settings, folder, to_whom))


async def _create(settings: Settings, folder: Path, to_whom: str) -> Backup:
    waiting = WaitingMessage(lambda words: err.print(*words.lines(chosen_language()), sep=" · ", style="dim"))
    return await _made_by(connect(settings, OPERATOR, waiting), settings, folder, to_whom)


async def _made_by(connecting: Awaitable[Bus], settings: Settings, folder: Path, to_whom: str) -> Backup:
    bus = await connecting
    try:
        with steps() as step:
            return await make_backup(bus, settings, folder, to_whom, step)
    finally:
        await bus.close()
