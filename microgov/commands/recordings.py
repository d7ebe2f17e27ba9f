"""What the commands on recordings share: reading one, the services, and what is wrong with a recording."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TaskID

from microgov.client.connection import Misuse
from microgov.commands.base import progress_bar
from microgov.contracts.registry import every_message
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.damage import BadRecording
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.recording.verifying import foreign_parts, verify
from microgov.services.chassis.regeneration.regenerate import Regenerated
from microgov.services.chassis.service import Service
from microgov.testing import updating

MAX_LINES = 20
"""The greatest number of problems or differences that are printed."""
MOST_PROBLEMS = 1_000
"""The greatest number of problems that are kept."""
File = Annotated[Path, typer.Argument(help="the recording (NDJSON; packed if it ends with .zst) · 录制文件")]


def read_recording(path: Path) -> Recording:
    """The recording in this file. Raises Problem if it cannot be read."""
    try:
        with progress_bar() as shown:
            task = shown.add_task(f"读取 · reading {path.name}", total=path.stat().st_size)
            return recordings.read(path, partial(shown.advance, task))
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


def problems(recording: Recording) -> list[str]:
    """The problems of the recording, a line for each: damage, and messages or digests of services that do not exist. Of very
    many the last line says how many more there are.
    """
    every_message()
    with progress_bar() as shown:
        task = shown.add_task("核对 · verifying", total=len(recording.messages))
        found = chain(
            foreign_parts(recording, [one.name for one in services()]),
            verify(recording, lambda n: shown.update(task, completed=n)),
        )
        some = list(islice(found, MOST_PROBLEMS))
        more = sum(1 for _ in found)
    return [*some, f"… and {more} more"] if more else some


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raises Problem if the file cannot be written, for example because the disk is full."""
    try:
        yield
    except OSError as error:
        raise Problem(
            f"无法写入 {path}（{error.strerror}）。", f"{path} cannot be written ({error.strerror})."
        ) from error


def with_states(made: Regenerated) -> Regenerated:
    """The regenerated recording with the states of the services, for a file. Raises Problem if it does not replay."""
    with progress_bar() as shown:
        try:
            return updating.with_states(made, services(), lines_of_bar(shown))
        except updating.NotUpdated as error:
            raise Problem(
                f"服务对同样的输入没有同样的应答，因此没有写入。\n{error}",
                f"The services do not give the same answers twice, so nothing was written.\n{error}",
            ) from error


def lines_of_bar(shown: Progress) -> Callable[[str, int, int], None]:
    """Advances the line of a name in the bar by a count; the first call adds the line, with this total."""
    tasks: dict[str, TaskID] = {}

    def advance(name: str, total: int, count: int) -> None:
        if name not in tasks:
            tasks[name] = shown.add_task(name, total=total)
        shown.advance(tasks[name], count)

    return advance
