"""`microgov backup key`: the key pair to which backups are sealed."""

from pathlib import Path
from typing import Annotated

import typer

from microgov.client.connection import Misuse, connection_settings
from microgov.commands.backup_shared import RECIPIENT
from microgov.commands.base import echo, examples
from microgov.safekeeping import sealing
from microgov.services.chassis.runtime.file_access import replace_whole, text_of

EXAMPLES = examples("microgov backup key /media/usb/microgov.key", "microgov backup key new.key --replace")


def key(
    file: Annotated[Path, typer.Argument(help="the file for the private key · 私钥文件")],
    replace: Annotated[
        bool, typer.Option("--replace", help="seal to this new key from now on · 更换接收者")
    ] = False,
) -> None:
    """Makes a key pair: backups are sealed to its public half, its private half leaves this machine · 生成密钥对"""
    settings = connection_settings()
    place = settings.secrets / RECIPIENT
    if text_of(place) is not None and not replace:
        raise Misuse(
            f"备份已封给 {place} 中的接收者。要换一把钥匙请用 --replace；旧备份仍只能用旧私钥打开。",
            f"Backups are sealed to the recipient in {place} already. --replace takes another one; the backups of "
            "before go on to need the old private key.",
        )
    if not settings.secrets.is_dir():
        raise Misuse(
            f"没有文件夹 {settings.secrets}：请在运行 `make up` 的文件夹中运行，或用 MICROGOV_VAR 指定。",
            f"There is no folder {settings.secrets}: run this in the folder of `make up`, or name its data by MICROGOV_VAR.",
        )
    if file.exists():
        raise Misuse(
            f"{file} 已存在，不会被覆盖。请换一个文件名。",
            f"{file} is there already, and is not overwritten. Choose another name.",
        )
    private, public = sealing.new_key()
    replace_whole(file, f"# microgov backup, recipient: {public}\n{private}\n", 0o600)
    replace_whole(place, public + "\n", 0o644)
    echo(
        f"备份将封给 {public}。私钥在 {file}：请移到别的地方保存两份；没有它，任何备份都无法恢复。",
        f"Backups are sealed to {public}. The private key is in {file}: keep two copies of it away from this machine. "
        "Without it no backup can be restored.",
        style="yellow",
    )
