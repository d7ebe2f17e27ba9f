"""What `microgov log record` writes: the recording, redacted if that is asked for, and a line that says who did so."""

import os
import pwd
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from microgov.client.connection import Misuse, data_folder
from microgov.commands.log_redact import redact_recording, show_otherwise
from microgov.commands.recordings import with_states, writing
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.regeneration.regenerate import Regenerated
from microgov.services.chassis.runtime.file_access import copy_owner, folder_of
from microgov.testing.updating import write

NOTES = Path("log") / "recordings.ndjson"
"""The file in the installation's data folder that says who has recorded what: a line of JSON when a recording begins, and
one when it is written."""
Redact = Annotated[
    bool,
    typer.Option("--redact", help="write no text and no name of anybody (see log redact) · 去除个人信息"),
]


def check_redact_options(redact: bool, key: Path | None, resume: bool) -> None:
    """Raises Misuse for a key without redaction, since who gives one expects that nothing personal is written; and for a
    redacted recording that is to be resumed, since its messages are not those of the log.
    """
    if key is not None and not redact:
        raise Misuse("--key 只与 --redact 同用。", "--key goes with --redact.")
    if resume and redact:
        raise Misuse(
            "--resume 不能与 --redact 同用：已去除个人信息的录制不能接着录。请另录一份。",
            "--resume does not go with --redact: a redacted recording cannot be continued. Record anew.",
        )


def write_redacted(path: Path, recording: Recording, key: bytes, quiet: bool) -> bool:
    """Writes the recording without texts and names; returns whether the services gave the recorded answers meanwhile, and
    unless `quiet` names those that they did not give.
    """
    found = redact_recording(recording, key)
    made = with_states(Regenerated(found.recording, ()))
    if not quiet:
        show_otherwise(found)
    with writing(path):
        write(path, made)
    copy_owner(path, path.absolute().parent)
    return not found.otherwise


def note_recording(path: Path, tenant: str, redacted: bool, upto: int | None = None) -> None:
    """Appends to NOTES who records what, and when: once when it begins, and, with the last sequence (`upto`), once it is
    written. Raises Problem if it cannot be noted.
    """
    note: dict[str, Any] = {
        "time": datetime.now(UTC),
        "user": _user(),
        "tenant": tenant,
        "file": str(path.absolute()),
        "upto": upto,
        "redacted": redacted,
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
