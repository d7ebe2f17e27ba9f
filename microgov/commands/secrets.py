"""`microgov secrets make`: the secrets that deploy/compose.yaml mounts."""

from pathlib import Path
from typing import Annotated

import typer

from microgov.commands.base import echo, examples, group
from microgov.services.gateway.accounts import compose_secrets

app = group("Secrets as files · 密钥")


@app.callback()
def callback() -> None:
    """Secrets as files · 密钥"""


@app.command(epilog=examples("microgov secrets make deploy/secrets"))
def make(folder: Annotated[Path, typer.Argument(help="the folder for the secrets · 文件夹")]) -> None:
    """Makes the secrets that are missing and overwrites nothing · 生成密钥"""
    compose_secrets.make(folder)
    echo(
        f"密钥在 {folder}，请勿提交到代码库。",
        f"The secrets are in {folder}; keep them out of version control.",
    )
