"""`microgov log redact`: a recording without what people wrote and without the names of anybody and anything."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from microgov.client.connection import Misuse
from microgov.commands.base import Json, echo, examples, finish, out, print_as_json, progress_bar
from microgov.commands.recordings import (
    MAX_LINES,
    File,
    must_be_new,
    read_recording,
    services,
    with_states,
    writing,
)
from microgov.contracts.message import type_in
from microgov.contracts.registry import every_message
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.regeneration.redacting import Redacted, redacted
from microgov.services.chassis.regeneration.regenerate import Regenerated
from microgov.testing.updating import write

EXAMPLES = examples(
    "microgov log redact veg.ndjson tests/logs/case.ndjson",
    "microgov log redact veg.ndjson case.ndjson --json",
    "head -c 32 /dev/urandom > my.key && microgov log redact veg.ndjson case.ndjson --key my.key",
)
LEAST_KEY = 16
"""The least number of bytes of a key."""
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key",
        help="a file with at least 16 random bytes: the same key gives the same names again; "
        "without it the key is random and not kept · 密钥文件",
    ),
]
NewFile = Annotated[Path, typer.Argument(metavar="OUT", help="the new file · 新文件")]


def redact(path: File, to: NewFile, key: KeyFile = None, json: Json = False) -> None:
    """Blanks texts and titles, and gives every person, thing and message a new name; the result replays · 去除个人信息"""
    must_be_new(to)
    secret = read_key(key)
    recording = read_recording(path)
    made = redact_recording(recording, secret)
    whole = with_states(Regenerated(made.recording, ()))
    with writing(to):
        write(to, whole)
    many = sum(1 for _ in made.recording.messages)
    if json:
        other = [{"seq": one.seq, "type": type_in(one.subject)} for one in made.otherwise]
        print_as_json({"messages": many, "otherwise": other})
    else:
        echo(f"{to}：{many} 条消息，已去除个人信息", f"{to}: {many} messages, redacted")
        show_otherwise(made)
    finish(not made.otherwise)


def read_key(path: Path | None) -> bytes:
    """The key in this file; a random one without a file. Raises Misuse for a file that is too short or cannot be read."""
    if path is None:
        return secrets.token_bytes(32)
    try:
        key = path.read_bytes()
    except OSError as error:
        raise Misuse(f"--key {path}：{error.strerror}。", f"--key {path}: {error.strerror}.") from error
    if len(key) < LEAST_KEY:
        raise Misuse(
            f"--key {path}：只有 {len(key)} 字节，至少要 {LEAST_KEY} 个随机字节（head -c 32 /dev/urandom）。",
            f"--key {path}: it has {len(key)} bytes; at least {LEAST_KEY} random ones are needed (head -c 32 /dev/urandom).",
        )
    return key


def redact_recording(recording: Recording, key: bytes) -> Redacted:
    """The recording, redacted, as the present services answer it."""
    every_message()
    with progress_bar() as shown:
        task = shown.add_task("改写 · redacting", total=len(recording.messages))
        return redacted(recording, services(), key, lambda n: shown.advance(task, n))


def show_otherwise(made: Redacted) -> None:
    """Names the answers that the present services do not give as recorded."""
    if made.otherwise:
        echo(
            f"现在的服务对 {len(made.otherwise)} 条应答另有所答（原录制中的序号；先看 `microgov log replay`）：",
            f"The present services give {len(made.otherwise)} answers otherwise (sequences of the old recording; see "
            "`microgov log replay` first):",
            style="yellow",
        )
    for one in made.otherwise[:MAX_LINES]:
        out.print(f"{one.seq:>6}  {type_in(one.subject)}", style="yellow")
