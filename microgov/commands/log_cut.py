"""`microgov log cut`: a recording about one entity."""

from pathlib import Path
from typing import Annotated

import typer

from microgov.commands.base import Json, echo, examples, finish, out, print_as_json, progress_bar
from microgov.commands.recordings import (
    MAX_LINES,
    File,
    lines_of_bar,
    must_be_new,
    read_recording,
    services,
    with_states,
    writing,
)
from microgov.contracts.message import type_in
from microgov.contracts.registry import every_message
from microgov.services.chassis.regeneration.cutting import Cut, cut
from microgov.services.chassis.replay.feeding import to_fold
from microgov.testing.updating import write

EXAMPLES = examples(
    "microgov log cut all.ndjson veg.ndjson --entity veg-1",
    "microgov log cut all.ndjson veg.ndjson --entity veg-1 --upto 148 --json",
)
Out = Annotated[Path, typer.Argument(metavar="OUT", help="the new file · 新文件")]


def cut_log(
    path: File,
    to: Out,
    entity: Annotated[str, typer.Option(help="the id of an issue, an order, a person … · 编号")],
    upto: Annotated[
        int | None, typer.Option(min=1, help="the sequence of the last message that counts · 到哪一条")
    ] = None,
    json: Json = False,
) -> None:
    """Cuts out what is about one entity, with all inputs on which it depends; the present services answer them · 剪取"""
    must_be_new(to)
    every_message()
    recording = read_recording(path)
    with progress_bar() as shown:
        advance, totals = lines_of_bar(shown), {one.name: to_fold(one, recording) for one in services()}
        made = cut(
            recording,
            services(),
            entity,
            upto,
            lambda service, count: advance(f"追溯 · tracing: {service}", totals[service], count),
        )
    whole = with_states(made.made)
    with writing(to):
        write(to, whole)
    many = sum(1 for _ in made.made.recording.messages)
    if json:
        print_as_json(_as_json(made, many))
    else:
        _show(to, entity, made, many)
    finish(not made.other)


def _as_json(made: Cut, many: int) -> dict[str, object]:
    return {
        "messages": many,
        "of_messages": made.of_messages,
        "inputs": made.inputs,
        "of_inputs": made.of_inputs,
        "answers": made.answers,
        "same": made.answers - len(made.other),
        "other": [{"seq": one.seq, "type": type_in(one.subject)} for one in made.other],
    }


def _show(to: Path, entity: str, made: Cut, many: int) -> None:
    same = made.answers - len(made.other)
    echo(
        f"{to}：{many} 条消息（原 {made.of_messages} 条），输入 {made.inputs} 条（原 {made.of_inputs} 条）",
        f"{to}: {many} messages of {made.of_messages}, {made.inputs} inputs of {made.of_inputs}",
    )
    echo(
        f"提到 {entity} 的 {made.answers} 条应答中，{same} 条与原来相同",
        f"{same} of the {made.answers} answers that name {entity} are the same as before",
        style="yellow" if made.other else "green",
    )
    for one in made.other[:MAX_LINES]:
        out.print(f"{one.seq:>6}  {type_in(one.subject)}", style="yellow")
