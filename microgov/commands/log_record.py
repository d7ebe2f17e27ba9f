"""`microgov log record`: writes the log of a tenant into a file as its messages come.

What came is in the file, whatever happens then. A file without its trailer is unfinished: `--resume` completes it. With
`--redact` the messages come into a file in the data folder, which is removed once the redacted ones are written.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from microgov.client.connection import Misuse, data_folder
from microgov.client.publisher import Client
from microgov.commands.base import (
    TENANT,
    Json,
    Tenant,
    chosen_language,
    echo,
    err,
    examples,
    finish,
    print_as_json,
    progress_bar,
    with_client,
)
from microgov.commands.log_reading import LogReading
from microgov.commands.log_recorded import Redact, check_redact_options, note_recording, write_redacted
from microgov.commands.log_redact import KeyFile, read_key
from microgov.commands.log_states import OtherRows, other_rows, running_states
from microgov.commands.recordings import File, lines_of_bar, services, writing
from microgov.commands.stopping import sigterm_as_ctrl_c, until_stopped
from microgov.contracts.state import StateShown
from microgov.services.chassis import memory
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.damage import BadRecording
from microgov.services.chassis.recording.recorder import Recorder
from microgov.services.chassis.recording.recording import Recording, States
from microgov.services.chassis.replay.collecting import states_of
from microgov.services.chassis.replay.difference import Difference
from microgov.services.chassis.replay.feeding import to_fold
from microgov.services.chassis.runtime.file_access import copy_owner
from microgov.testing.wording import shown_difference
from microgov.text.sentences import Sentence

EXAMPLES = examples(
    "microgov log record veg.ndjson --tenant demo",
    "microgov log record all.ndjson.zst --follow",
    "microgov log record all.ndjson.zst --resume",
    "microgov log record case.ndjson --redact",
)
STOPPED = Sentence(
    "录制已停止，正在写入状态……（再按一次 ctrl-C 则不写）",
    "The recording was stopped; the states are added … (ctrl-C again: without them)",
)
Follow = Annotated[
    bool, typer.Option(help="continue until ctrl-C; the recording is then marked as open · 持续")
]
Resume = Annotated[
    bool, typer.Option(help="go on with a recording that was interrupted, or is open · 接着录制")
]


def record(
    path: File,
    tenant: Tenant = TENANT,
    follow: Follow = False,
    resume: Resume = False,
    redact: Redact = False,
    key: KeyFile = None,
    json: Json = False,
) -> None:
    """Records from the first message until every service has handled the last one and what follows from it · 录制"""
    _check_file(path, resume)
    check_redact_options(redact, key, resume)
    secret = read_key(key) if redact else None
    note_recording(path, tenant, redact)
    with sigterm_as_ctrl_c(), _place(path, redact) as place:
        reading = partial(_record, path=place, follow=follow, resume=resume, kept=not redact)
        recorder, open_, running = with_client(tenant, reading)
        copy_owner(place, path.absolute().parent)
        recording = Recording(tenant, recorder.messages, {}, open_)
        with _unfinished(recorder, kept=not redact):
            states, differences = _states(recording)
            with writing(place):
                recorder.finish(states, open_)
        same = secret is None or write_redacted(path, recordings.read(place), secret, quiet=json)
    note_recording(path, tenant, redact, recorder.last.seq if recorder.last else 0)
    others = other_rows(recording, states, running)
    if json:
        print_as_json(
            {
                "file": str(path),
                "messages": recorder.count,
                "open": open_,
                "same_answers": same and not differences,
                "differences": [one.as_json() for one in differences],
                "other_rows": [one._asdict() for one in others],
            }
        )
    else:
        _show(recorder, path, open_, differences, others)
    finish(same and not differences and not others)


def _show(
    recorder: Recorder, path: Path, open_: bool, differences: list[Difference], others: list[OtherRows]
) -> None:
    echo(
        f"{path}：{recorder.count} 条消息{'（未完）' if open_ else ''}",
        f"{path}: {recorder.count} messages{' (open)' if open_ else ''}",
    )
    for difference in differences[:1]:
        err.print(shown_difference(difference, ["memory"], chosen_language()), style="red")
    for service, position, tables in others:
        echo(
            f"{service}：运行中的服务在 {position} 之后的行与重放不同（表 {'、'.join(tables)}）",
            f"{service}: after {position}, the rows of the running service are not those of a replay "
            f"(tables {', '.join(tables)})",
            style="red",
        )


@contextmanager
def _place(path: Path, redact: bool) -> Iterator[Path]:
    """The file in which the messages come: this one, or, if they are to be redacted, one that is removed at the end."""
    if not redact:
        yield path
        return
    with TemporaryDirectory(prefix=".recording-", dir=data_folder()) as folder:
        yield Path(folder) / path.name


def _check_file(path: Path, resume: bool) -> None:
    """Raises Misuse if the file cannot be begun, or resumed."""
    if not path.absolute().parent.is_dir():
        raise Misuse(f"{path.parent} 不是文件夹。请先建立它。", f"{path.parent} is no folder. Make it first.")
    if resume and not path.exists():
        raise Misuse(
            f"{path} 不存在，无法接着录制。请去掉 --resume。",
            f"There is no {path} to go on with. Leave --resume out.",
        )
    if path.exists() and not resume:
        raise Misuse(
            f"{path} 已存在，录制不会覆盖它。请换一个文件名，或先删除它；要接着录制，请用 --resume。",
            f"{path} is there already, and is not overwritten. Choose another name, or delete it first; to go on with "
            "it, use --resume.",
        )


async def _record(
    client: Client, path: Path, follow: bool, resume: bool, kept: bool
) -> tuple[Recorder, bool, list[StateShown]]:
    """Writes the messages of the log; returns whether the recording was stopped and is therefore open, and the states of the
    running services at its end.
    """
    recorder = await _resumed(client, path) if resume else Recorder.begun(path, client.tenant)
    with _unfinished(recorder, kept):
        with progress_bar() as shown:
            task = shown.add_task("录制 · recording", total=None)
            reading = LogReading(
                client, recorder, lambda count, total: shown.update(task, completed=count, total=total)
            )
            stopped = await until_stopped(reading.run(follow))
        if stopped:
            err.print(" · ".join(STOPPED.lines(chosen_language())), style="dim")
            return recorder, True, []
        return recorder, False, await running_states(client, [one.name for one in services()])


async def _resumed(client: Client, path: Path) -> Recorder:
    """Goes on with the recording in the file. Raises Problem if it is damaged, or not the beginning of this log."""
    try:
        recorder = recordings.resumed(path)
    except (BadRecording, OSError) as error:
        raise Problem(f"无法接着录制：{error}", f"The recording cannot be resumed: {error}") from error
    try:
        await _must_begin_the_log(client, recorder)
    except BaseException:
        recorder.discard()
        raise
    recorder.take_place()
    return recorder


async def _must_begin_the_log(client: Client, recorder: Recorder) -> None:
    """Raises Problem if what was recorded so far is not the beginning of this log."""
    last, log = recorder.last, JetStreamLog(client.bus, client.tenant)
    if recorder.tenant != client.tenant or (last is not None and await log.get(last.seq) != last):
        raise Problem(
            f"{recorder.path} 不是租户 {client.tenant} 的日志的开头，没有接着录制。请换一个文件名重新录制。",
            f"{recorder.path} is not the beginning of the log of {client.tenant}, and was not continued. Record it anew "
            "under another name.",
        )


@contextmanager
def _unfinished(recorder: Recorder, kept: bool) -> Iterator[None]:
    """Says how a recording can be completed that ends here without its trailer, if its file is kept."""
    try:
        yield
    except BaseException:
        recorder.close()
        if not kept:
            raise
        path, count = recorder.path, recorder.count
        words = Sentence(
            f"{path} 中有 {count} 条消息，尚未完成。请用 `microgov log record {path} --resume` 接着录制。",
            f"{path} holds {count} messages and is unfinished. `microgov log record {path} --resume` goes on with it.",
        )
        err.print(*words.lines(chosen_language()), sep="\n", style="yellow")
        raise


def _states(recording: Recording) -> tuple[dict[str, States], list[Difference]]:
    """The states of every service after its messages, and where a replay answers otherwise than the log."""
    states: dict[str, States] = {}
    differences: list[Difference] = []
    with progress_bar() as shown:
        advance = lines_of_bar(shown)
        for service in services():
            memory.release()
            progress = partial(advance, f"重放 · replaying: {service.name}", to_fold(service, recording))
            states[service.name], difference = states_of(service, recording, progress)
            differences += [difference] if difference is not None else []
    return states, sorted(differences, key=lambda one: one.seq)
