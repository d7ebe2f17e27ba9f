"""`microgov restore`: an installation from a backup, on an empty machine or in the place of the one that is there."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, NamedTuple

import typer

from microgov.client.connection import COMPOSE, Misuse, connection_settings, data_folder
from microgov.commands.backup_shared import Folder, private_key, steps
from microgov.commands.base import Json, echo, examples, print_as_json
from microgov.commands.times import parse_time
from microgov.safekeeping.compose_place import PASSWORD, ComposePlace
from microgov.safekeeping.create import Step
from microgov.safekeeping.folder import TAILS
from microgov.safekeeping.point import LOG, Chosen, Point, choose
from microgov.safekeeping.private_broker import broker_on
from microgov.safekeeping.replacing import DataFolder, left_beside
from microgov.safekeeping.restore import Restored, Restoring
from microgov.safekeeping.tails import Tail, record_tails
from microgov.safekeeping.verify import Verification
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.runtime.settings import Settings

EXAMPLES = examples(
    "microgov restore --key /media/usb/microgov.key --folder /mnt/nas/microgov",
    "microgov restore --key microgov.key --to 2026-12-01T08:30:00+08:00 --replace",
    "microgov restore --key microgov.key --to donghu:1234 --replace",
)


class Done(NamedTuple):
    """What a restore has done, and where. `aside`: where what was there before is now."""

    place: str
    chosen: Chosen
    restored: Restored
    aside: Path | str | None
    tails: list[Tail]


def restore(
    key: Annotated[Path, typer.Option(help="the file with the private key · 私钥文件")],
    folder: Folder = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="POINT", help="TENANT:SEQUENCE, or a time with its zone; else the newest · 恢复到何处"
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="move what is there aside whole · 把现有数据整体移开")
    ] = False,
    password_only: Annotated[bool, typer.Option("--password-only", hidden=True)] = False,
    json: Json = False,
) -> None:
    """Restores a backup; nothing is sent until `microgov resume` · 恢复"""
    settings = connection_settings()
    folder = (folder or settings.backups).absolute()
    if password_only:
        return _write_password(settings, choose(folder, None), private_key(key))
    _check_folder(folder, data_folder().absolute())
    chosen = choose(folder, _point(to))
    place = (
        ComposePlace(settings, chosen.manifest.tenants)
        if settings.compose
        else DataFolder(data_folder().absolute(), folder)
    )
    if not replace and not place.is_empty():
        raise Misuse(
            f"{place} 中已有数据，不会被覆盖。要恢复到这里，请加 --replace：现有数据会整体移到旁边。",
            f"{place} holds data, which is not overwritten. To restore here, add --replace: what is there is moved aside "
            "whole.",
        )
    done = _restored(place, folder, chosen, private_key(key))
    _show(done, settings.compose, json)


def _check_folder(folder: Path, var: Path) -> None:
    """Raises Misuse if there is no folder of backups, and names those that an interrupted restore has left beside `var`."""
    beside = ", ".join(map(str, left_beside(var, folder.name)))
    if not folder.is_dir() and beside:
        raise Misuse(
            f"没有文件夹 {folder}。中断的恢复把备份留在了：{beside}。请用 --folder 指定。",
            f"There is no folder {folder}. A restore that was interrupted has left backups in {beside}: name them by "
            "--folder.",
        )


def _point(text: str | None) -> Point | None:
    if text is None:
        return None
    tenant, _, seq = text.rpartition(":")
    if tenant and seq.isdecimal() and "T" not in tenant:
        return Point(tenant, int(seq))
    return Point(time=parse_time(text))


def _restored(place: DataFolder | ComposePlace, folder: Path, chosen: Chosen, key: str) -> Done:
    """Makes the installation beside what is there, and puts it in its place."""
    with place.stopped(), steps() as step:
        _check_files(folder, chosen, step)
        place.begin()
        restoring = Restoring(folder, chosen, key, place.settings, step)
        restored, tails = asyncio.run(_filled(place, restoring))
        aside = place.put_in_place(datetime.now(UTC))
    return Done(str(place), chosen, restored, aside, tails)


async def _filled(place: DataFolder | ComposePlace, restoring: Restoring) -> tuple[Restored, list[Tail]]:
    logs = {name: one for name, one in restoring.chosen.streams.items() if name.startswith(LOG)}
    tails = await record_tails(place.old_store, logs, restoring.folder / TAILS)
    restoring.generation = max((restoring.generation, *(one.generation + 1 for one in tails)))
    restoring.settings_back()
    with broker_on(place.store) as address:
        bus = await Bus.connect(address, "restore")
        try:
            await restoring.streams_back(bus)
        finally:
            await bus.close()
    return await restoring.databases_back(), tails


def _write_password(settings: Settings, chosen: Chosen, key: str) -> None:
    """Writes the password of the databases, with which PostgreSQL is to begin; leaves alone one that is there."""
    if not (settings.secrets / PASSWORD).exists():
        with TemporaryDirectory(dir=settings.secrets) as scratch:
            whole = settings.model_copy(
                update={name: Path(scratch) / name for name in ("secrets", "publishers", "tenants")}
            )
            Restoring(Path(), chosen, key, whole).settings_back()
            if not (whole.secrets / PASSWORD).exists():
                raise Misuse(
                    f"这份备份不是 compose 部署的，其中没有 PostgreSQL 的密码。请先运行 {COMPOSE} run --rm cli secrets make "
                    "/secrets。",
                    "This backup is not of an installation under compose: it has no password of PostgreSQL. Run "
                    f"`{COMPOSE} run --rm cli secrets make /secrets` first.",
                )
            owner = settings.secrets.stat()
            os.chown(whole.secrets / PASSWORD, owner.st_uid, owner.st_gid)
            (whole.secrets / PASSWORD).rename(settings.secrets / PASSWORD)


def _check_files(folder: Path, chosen: Chosen, step: Step) -> None:
    """Raises Problem if a file that is needed is damaged."""
    verification = Verification(folder, (), step=step)
    for manifest in chosen.needed:
        verification.check_files(chosen.backup, manifest)
    if verification.findings:
        first = verification.findings[0]
        raise Problem(
            f"{first.zh}。没有恢复任何内容。请用 `microgov backup verify` 查看，或用 --to 选较早的备份。",
            f"{first.en}. Nothing was restored. See `microgov backup verify`, or choose an earlier point by --to.",
        )


def _show(done: Done, compose: bool, json: bool) -> None:
    restored = done.restored
    if json:
        print_as_json(_as_json(done))
        return
    ends = ", ".join(f"{name}: {end:,}" for name, end in restored.ends.items())
    echo(
        f"已从备份 {done.chosen.backup.name} 恢复到 {done.place}：日志 {ends}（第 {restored.generation} 代），保存的行 "
        f"{restored.rows} 条。",
        f"Restored from {done.chosen.backup.name} to {done.place}: logs {ends} (generation {restored.generation}), "
        f"{restored.rows:,} kept rows.",
        style="green",
    )
    if restored.erased:
        echo(
            f"备份之后被删除的 {restored.erased} 行没有恢复。",
            f"{restored.erased:,} rows that were erased since the backup were not restored.",
        )
    for one in restored.lacking:
        echo(
            f"日志说有而备份没有：{one.database} 的 {one.table}：{one.of}。",
            f"The log tells of it and the backup lacks it: {one.table} of {one.of} ({one.database}).",
            style="yellow",
        )
    _show_aside(done)
    start = f"{COMPOSE} up --wait" if compose else "make up"
    echo(
        f"启动：{start}。在 `microgov resume` 之前，不会向任何人发送。",
        f"Start it by `{start}`. Nothing is sent to anybody until `microgov resume`.",
    )


def _show_aside(done: Done) -> None:
    if done.aside is not None:
        echo(f"原来的数据整体在 {done.aside}。", f"What was there before is in {done.aside}, whole.")
    for one in done.tails:
        if not one.generation:
            echo(
                f"原来的日志 {one.tenant} 无法读取。",
                f"The log of {one.tenant} that was there before cannot be read.",
                style="yellow",
            )
        elif one.file is not None:
            echo(
                f"{one.tenant}：之后还有 {one.messages} 条消息，不在恢复后的日志中。查看：microgov log show {one.file}",
                f"{one.tenant}: {one.messages:,} messages behind that point are not in the restored log. To read them: "
                f"microgov log show {one.file}",
                style="yellow",
            )


def _as_json(done: Done) -> dict[str, Any]:
    return {
        "backup": done.chosen.backup.name,
        "ends": dict(done.restored.ends),
        "generation": done.restored.generation,
        "rows": done.restored.rows,
        "erased": done.restored.erased,
        "lacking": [one._asdict() for one in done.restored.lacking],
        "aside": str(done.aside) if done.aside is not None else None,
        "tails": [
            {**one._asdict(), "file": str(one.file) if one.file else None}
            for one in done.tails
            if one.messages
        ],
    }
