"""`microgov log show`: the messages of a recording in words, one line for each."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Annotated

import typer
from rich.text import Text

from microgov.client.operator import offset_in, parse_stored
from microgov.commands.base import Json, Lang, chosen_language, echo, examples, out, print_as_json
from microgov.commands.message_types import full_types, storable
from microgov.commands.recordings import File
from microgov.commands.tail import line, matches
from microgov.commands.times import parse_time
from microgov.contracts.directory import RulesChanged
from microgov.contracts.message import plain, type_in
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.log import Stored, body_of, recorded_in
from microgov.services.chassis.recording.browsing import chain_around, messages_in
from microgov.services.chassis.recording.damage import BadRecording
from microgov.text.sentences import use_local_time

EXAMPLES = examples(
    "microgov log show veg.ndjson | head",
    "microgov log show veg.ndjson --entity veg-1 --type VoteCast",
    "microgov log show veg.ndjson --person li --from 2026-03-02T08:00:00+08:00 --until 2026-03-09T08:00:00+08:00",
    "microgov log show veg.ndjson --seq 148",
    "microgov log show veg.ndjson --type VoteCast --json",
)
Person = Annotated[
    str | None, typer.Option(help="what this person sent or somebody sent for them, and the answers · 某人")
]
Shown = Callable[[Stored], bool]


def show(
    path: File,
    entity: Annotated[str | None, typer.Option(help="messages that contain this id · 与此编号有关的")] = None,
    person: Person = None,
    kind: Annotated[
        str | None,
        typer.Option("--type", help="the type, such as VoteCast, vote_cast or issues.vote_cast.v1 · 类型"),
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", help="recorded at this time or later, with time zone · 起始时间")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="recorded before this time, with time zone · 截止时间")
    ] = None,
    seq: Annotated[
        int | None,
        typer.Option(
            min=1, help="this message, its causes and all that followed from it · 一条消息的前因后果"
        ),
    ] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """What happened, in words, from the file of a recording · 以文字显示录制"""
    if kind is not None:
        full_types("--type", kind, storable())
    wanted = [
        partial(matches, kind=kind, entity=entity),
        partial(_of_person, person=person),
        partial(
            _between, first=parse_time(from_) if from_ else None, end=parse_time(until) if until else None
        ),
    ]
    try:
        _show(path, seq, lambda stored: all(one(stored) for one in wanted), lang, json)
    except (BadRecording, UnicodeDecodeError) as error:
        raise Problem(
            f"无法读取录制：{path}: {error}", f"The recording cannot be read: {path}: {error}"
        ) from error


def _show(path: File, seq: int | None, wanted: Shown, lang: str | None, json: bool) -> None:
    shown = 0
    for depth, stored in _messages(path, seq):
        if not wanted(stored):
            continue
        shown += 1
        if json:
            print_as_json({"seq": stored.seq, "subject": stored.subject, "event": body_of(stored)})
        else:
            _print(stored, depth, stored.seq == seq, lang)
    if not shown and not json:
        echo(f"{path} 中没有符合条件的消息。", f"{path} holds no such message.", lang, "dim")


def _messages(path: File, seq: int | None) -> Iterator[tuple[int, Stored]]:
    """The messages to choose from, each with its depth in the chain of `seq`; times are shown as the log's rules say."""
    use_local_time(offset_in({}))
    messages = partial(_in_local_time, path)
    return ((0, stored) for stored in messages()) if seq is None else chain_around(messages, seq)


def _in_local_time(path: File) -> Iterator[Stored]:
    """The messages of the file. A change of the rules' section `calendar` sets the local time from there on."""
    for stored in messages_in(path):
        m = parse_stored(stored) if type_in(stored.subject) == RulesChanged.TYPE else None
        if m is not None and isinstance(m.data, RulesChanged) and m.data.section == "calendar":
            use_local_time(offset_in({"calendar": plain(m.data.content)}))
        yield stored


def _of_person(stored: Stored, person: str | None) -> bool:
    if person is None:
        return True
    body = body_of(stored)
    return person in (body.get("authid"), body.get("onbehalfof"))


def _between(stored: Stored, first: datetime | None, end: datetime | None) -> bool:
    if first is None and end is None:
        return True
    at = recorded_in(stored)
    return (first is None or at >= first) and (end is None or at < end)


def _print(stored: Stored, depth: int, marked: bool, lang: str | None) -> None:
    m = parse_stored(stored)
    if m is None:
        out.print(f"{stored.seq:>6}  {stored.subject}", style="red")
        return
    before = Text("  " * depth + ("▸ " if marked else ""))
    out.print(before + line(stored.seq, m, lang or chosen_language()))
