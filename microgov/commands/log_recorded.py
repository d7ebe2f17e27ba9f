"""What `microgov log record` writes: the recording, redacted if that is asked for, and a line that says who did so."""

import os
import pwd
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from microgov.client.connection import Misuse, data_folder
from microgov.commands.base import progress_bar
from microgov.commands.log_redact import redact_recording, show_otherwise
from microgov.commands.recordings import services
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.replay import recording as recordings
from microgov.services.chassis.replay.recording import Recording, States
from microgov.services.chassis.replay.regenerate import Regenerated
from microgov.services.chassis.runtime.file_access import copy_owner, folder_of
from microgov.testing.updating import with_states

NOTES = Path("log") / "recordings.ndjson"
"""The file in the installation's data folder that says who has recorded what: a line of JSON for each recording."""
Redact = Annotated[
    bool,
    typer.Option("--redact", help="write no text and no name of anybody (see log redact) · 去除个人信息"),
]


def check_key_option(redact: bool, key: Path | None) -> None:
    """Raises Misuse for a key without redaction: who gives one expects that nothing personal is written."""
    if key is not None and not redact:
        raise Misuse("--key 只与 --redact 同用。", "--key goes with --redact.")


def write_recording(
    path: Path, recording: Recording, states: Mapping[str, States], key: bytes | None
) -> tuple[int, bool]:
    """Writes the recording, redacted if there is a key, after noting who does so. Returns how many messages were written,
    and whether the services gave the recorded answers when it was redacted. Raises Problem; then no file is written.

    What is not redacted is nowhere but in memory.
    """
    made, same = replace(recording, states=states), True
    if key is not None:
        with progress_bar() as shown:
            task = shown.add_task("改写 · redacting", total=None)
            found = redact_recording(recording, key, lambda n: shown.advance(task, n))
        made = with_states(Regenerated(found.recording, ()), services()).recording
        show_otherwise(found)
        same = not found.otherwise
    last = max((stored.seq for stored in recording.messages), default=0)
    note_recording(path, recording.tenant, last, key is not None, recording.open)
    count = recordings.write(path, made.tenant, made.messages, made.states, made.open)
    copy_owner(path, path.absolute().parent)
    return count, same


def note_recording(path: Path, tenant: str, last: int, redacted: bool, open_: bool) -> None:
    """Appends to NOTES who records what, up to which sequence, and when. Raises Problem if it cannot be written."""
    note: dict[str, Any] = {
        "time": datetime.now(UTC),
        "user": _user(),
        "tenant": tenant,
        "file": str(path.absolute()),
        "upto": last,
        "redacted": redacted,
        "open": open_,
    }
    file = data_folder() / NOTES
    try:
        folder_of(file.parent, 0o700)
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(orjson.dumps(note, option=orjson.OPT_UTC_Z) + b"\n")
        copy_owner(file, file.parent)
    except OSError as error:
        raise Problem(
            f"无法在 {file} 中记下谁录制了什么（{error.strerror}），因此没有录制。请以启动服务的用户身份运行。",
            f"Who records what cannot be noted in {file} ({error.strerror}), so nothing was recorded. Run this as the "
            "user who started the services.",
        ) from error


def _user() -> str:
    """The user who runs this; with sudo, the one who called it."""
    called = os.environ.get("SUDO_USER")
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # in a container there may be no such user
        name = str(os.getuid())
    return name if called is None else f"{name} ({called})"
