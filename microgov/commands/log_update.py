"""`microgov log replay --update`: writes what the present services answer into a recording."""

from collections.abc import Sequence
from pathlib import Path

import typer

from microgov.client.connection import Misuse
from microgov.commands.base import chosen_language, echo, err, progress_bar
from microgov.commands.recordings import lines_of_bar, services, writing
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.recording.recording import Recording
from microgov.testing.updating import NotUpdated, updated, write
from microgov.text.sentences import Sentence


def update_recording(path: Path, recording: Recording, wrong: Sequence[str], yes: bool) -> None:
    """Regenerates the recording and writes it, after a yes. Raises Misuse for a recording that is damaged, Problem if the
    services do not answer the new recording in the same way.
    """
    if wrong:
        raise Misuse(
            f"{path} 有上述问题，没有更新。请先修复它。",
            f"{path} has the problems above, and was not updated. Mend it first.",
        )
    with progress_bar() as shown:
        try:
            made = updated(recording, services(), lines_of_bar(shown))
        except NotUpdated as error:
            raise Problem(
                f"{path} 无法更新：服务对同样的输入没有同样的应答。\n{error}",
                f"{path} cannot be updated: the services do not give the same answers twice.\n{error}",
            ) from error
    for stored in made.left_out:
        err.print(f"{stored.seq} {stored.subject}: 其起因已不在日志中 · its cause is gone", style="yellow")
    before, after = len(recording.messages), len(made.recording.messages)
    words = Sentence(
        f"把 {path} 更新为现在的应答（{before} → {after} 条消息）？",
        f"Write the present answers into {path} ({before} → {after} messages)?",
    ).lines(chosen_language())
    if not yes and not typer.confirm(" · ".join(words)):
        echo("没有改动。", "Nothing was changed.")
        raise typer.Exit(1)
    with writing(path):
        write(path, made)
