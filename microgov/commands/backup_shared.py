"""What the commands on backups share: the folder, the recipient, progress, and a backup in words and as JSON."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from microgov.client.connection import Misuse
from microgov.commands.base import progress_bar
from microgov.safekeeping import sealing
from microgov.safekeeping.create import Step
from microgov.safekeeping.databases import Progress
from microgov.safekeeping.folder import Backup
from microgov.services.chassis.runtime.file_access import text_of
from microgov.services.chassis.runtime.settings import Settings

RECIPIENT = "backup_recipient"
"""The file, beside the secrets, with the recipient to whom backups are sealed."""
Folder = Annotated[
    Path | None, typer.Option("--folder", help="the folder of all backups (MICROGOV_BACKUPS) · 备份文件夹")
]


def recipient(settings: Settings) -> str:
    """The recipient to whom backups are sealed. Raises Misuse if there is none yet."""
    found = text_of(settings.secrets / RECIPIENT)
    if found is None:
        raise Misuse(
            "还没有接收者：备份中的个人信息和密钥要封给不在本机的私钥。请先运行 `microgov backup key 文件`。",
            "There is no recipient yet: what a backup holds of people, and all keys, are sealed to a private key that "
            "is not on this machine. Run `microgov backup key FILE` first.",
        )
    return sealing.check_recipient(found)


def as_json(one: Backup) -> dict[str, object]:
    """The backup as JSON values, without its files."""
    verified = one.verified()
    return {
        "backup": one.name,
        "folder": str(one.folder),
        "damage": one.damage or None,
        "verified": verified.isoformat() if verified else None,
        "size": one.manifest.size if one.manifest else None,
        **(one.manifest.model_dump(mode="json", exclude={"files"}) if one.manifest else {}),
    }


def size_of(one: Backup) -> str:
    """The size of a backup in words."""
    return f"{one.manifest.size / 1e6:,.1f} MB" if one.manifest is not None else "–"


@contextmanager
def steps() -> Iterator[Step]:
    """Shows a line for each step of a backup, on a terminal."""
    with progress_bar() as shown:

        def step(what: str, total: int | None) -> Progress:
            task = shown.add_task(what, total=total)
            return lambda count: shown.advance(task, count)

        yield step


def private_key(file: Path) -> str:
    found = text_of(file)
    if found is None:
        raise Misuse(f"没有私钥文件 {file}。", f"There is no file {file} with a private key.")
    return found
