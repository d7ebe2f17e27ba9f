"""`microgov backup list` and `microgov backup verify`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from microgov.client.connection import connection_settings
from microgov.commands.backup_shared import Folder, as_json, private_key, size_of, steps
from microgov.commands.base import Json, chosen_language, echo, examples, finish, out, print_as_json
from microgov.commands.recordings import services
from microgov.safekeeping.folder import Backup, backups_in, chosen
from microgov.safekeeping.verify import Verification, Verified

LIST_EXAMPLES = examples("microgov backup list", "microgov backup list --json")
EXAMPLES = examples(
    "microgov backup verify",
    "microgov backup verify 20261201T023000Z --folder /mnt/nas/microgov",
    "microgov backup verify --key /media/usb/microgov.key --json",
)
Key = Annotated[
    Path | None,
    typer.Option("--key", help="the file with the private key: opens what is sealed, too · 私钥文件"),
]


def list_(folder: Folder = None, json: Json = False) -> None:
    """The backups, the oldest first · 列出备份"""
    found = backups_in(folder or connection_settings().backups)
    if json:
        print_as_json([as_json(one) for one in found])
        return
    shown = Table("backup", "microgov", "logs", "size", "verified")
    for one in found:
        if one.manifest is None:
            shown.add_row(one.name, "–", one.damage, "–", "–", style="red")
            continue
        logs = ", ".join(
            f"{name.removeprefix('LOG-')} {stream.end:,}"
            for name, stream in one.manifest.streams.items()
            if name.startswith("LOG-")
        )
        verified = one.verified()
        shown.add_row(
            one.name,
            one.manifest.version,
            logs,
            size_of(one),
            f"{verified:%Y-%m-%d %H:%M}" if verified else "–",
        )
    out.print(shown)


def verify(
    name: Annotated[
        str | None, typer.Argument(help="the backup; the newest if not given · 备份名，默认最新")
    ] = None,
    folder: Folder = None,
    key: Key = None,
    json: Json = False,
) -> None:
    """Compares every file with its sha256 and replays the logs; with the key it opens what is sealed, too · 核对"""
    place = folder or connection_settings().backups
    backup = chosen(place, name)
    private = private_key(key) if key is not None else None
    with steps() as step:
        found = Verification(place, services(), private, step).run(backup)
    if json:
        said = [{"zh": one.zh, "en": one.en} for one in found.findings]
        print_as_json({"ok": found.ok, "backup": backup.name, **found._asdict(), "findings": said})
    else:
        _show(backup, found)
    finish(found.ok)


def _show(backup: Backup, found: Verified) -> None:
    for finding in found.findings:
        out.print(*finding.lines(chosen_language()), sep="\n", style="red")
    if not found.ok:
        return
    sealed = (
        (f"，{found.sealed} 个封存文件已打开", f", {found.sealed} sealed files opened")
        if found.sealed
        else ("", "")
    )
    echo(
        f"{backup.name} 完好：{found.files} 个文件（{found.bytes / 1e6:.1f} MB）sha256 相同，{found.messages} 条消息重放，"
        f"{found.answers} 个应答相同{sealed[0]}。",
        f"{backup.name} is whole: {found.files} files ({found.bytes / 1e6:.1f} MB) have their sha256, {found.messages:,} "
        f"messages replay with {found.answers:,} answers the same{sealed[1]}.",
        style="green",
    )
