"""What the commands on recordings share: reading one, the services, and what is wrong with a recording."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from microgov.client.connection import Misuse
from microgov.contracts.registry import every_message
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.replay import recording as recordings
from microgov.services.chassis.replay.damage import BadRecording
from microgov.services.chassis.replay.recording import Recording
from microgov.services.chassis.replay.verifying import foreign_parts, verify
from microgov.services.chassis.service import Service

MAX_LINES = 20
"""The greatest number of problems or differences that are printed."""
File = Annotated[Path, typer.Argument(help="the file of the recording (NDJSON) · 录制文件")]


def read_recording(path: Path) -> Recording:
    """The recording in this file. Raises Problem if it cannot be read."""
    try:
        return recordings.read(path)
    except (BadRecording, OSError, UnicodeDecodeError) as error:
        raise Problem(f"无法读取录制：{error}", f"The recording cannot be read: {error}") from error


def must_be_new(path: Path) -> None:
    """Raises Misuse if the file cannot be written, because its folder is missing or because it is there already."""
    if not path.absolute().parent.is_dir():
        raise Misuse(f"{path.parent} 不是文件夹。请先建立它。", f"{path.parent} is no folder. Make it first.")
    if path.exists():
        raise Misuse(
            f"{path} 已存在，不会被覆盖。请换一个文件名，或先删除它。",
            f"{path} is there already, and is not overwritten. Choose another name, or delete it first.",
        )


def services() -> tuple[Service, ...]:
    """Every service that folds the log; imported on first use, since this takes a second."""
    from microgov.folds import FOLDS

    return FOLDS


def problems(recording: Recording, progress: Callable[[int], None]) -> list[str]:
    """The problems of the recording, a line for each: damage, and messages or digests of services that do not exist.

    `progress` is called with the number of messages checked.
    """
    every_message()
    return [*foreign_parts(recording, [one.name for one in services()]), *verify(recording, progress)]
