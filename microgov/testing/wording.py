"""The differences of a replay in words, in Chinese and English, for the command line and for pytest."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

from microgov.services.chassis.replay.difference import Change, Difference
from microgov.services.chassis.replay.report import Report
from microgov.text.sentences import Sentence

CONTEXT = 30
"""How many characters are shown on both sides of the place where two texts differ."""
SUMMARIES = {
    "missing": Sentence("录制了 {recorded}，现在没有", "recorded {recorded}, now nothing"),
    "extra": Sentence("多出 {said}，未曾录制", "one too many: {said} was not recorded"),
    "otherwise": Sentence("录制了 {recorded}，现在是 {said}", "recorded {recorded}, now {said}"),
    "changed": Sentence("{recorded} 的内容不同", "{recorded} differs in {paths}"),
    "order": Sentence(
        "应答的顺序不同：录制 {recorded}，现在 {said}", "another order: recorded {recorded}, now {said}"
    ),
    "state": Sentence(
        "应答相同，此后表 {paths} 的行不同", "the same answers, but other rows in {paths} afterwards"
    ),
    "interrupted": Sentence("被中断（KeyboardInterrupt）", "interrupted (KeyboardInterrupt)"),
}


WHAT_TO_DO = Sentence(
    "若现在的应答有误，请修改处理函数；若这是新规则，而旧日志按旧规则决定，请提高 behaviour；"
    "若只是这份录制过时，请用 --update。",
    "If the present answer is wrong: mend the handler. If it is a new rule, and logs were decided by the old one, let it "
    "begin at the next `behaviour`. If only this recording is out of date, use --update. (docs/replaying.md)",
)


def shown_difference(found: Difference, on: Sequence[str], lang: str | None = None) -> str:
    """The difference: a line that says what differs, then the values, the error, the handler and the chain of causes.

    `on`: the names of the databases on which it was found.
    """
    names = {
        "recorded": _names(found.recorded),
        "said": _names(found.said),
        "paths": ", ".join(change.path for change in found.changes) or "bytes that are not canonical",
    }
    place = f"{found.service} {found.seq} {found.cause}"
    words = [line.format(**names) for line in SUMMARIES[found.kind].lines(lang)]
    lines = [f"{place}: {' · '.join(words)}", *_values(found, lang)]
    if found.error is not None:
        lines += [f"  {_label('错误', 'error', lang)}: {found.error.type}: {found.error.text}"]
        lines += [f"    {line}" for line in found.error.trace.rstrip().splitlines()]
    file = f"{found.handler.file}:{found.handler.line} " if found.handler.file else ""
    lines.append(f"  {_label('处理函数', 'handler', lang)}: {file}{found.handler.name}")
    if found.handler.registered:
        lines.append(f"  {_label('登记于', 'registered in', lang)}: {found.handler.registered}")
    lines.append(f"  {_label('起因', 'because of', lang)}:")
    lines += [f"    {one.seq} {one.writer} {one.type} {one.subject}" for one in found.chain]
    lines.append(f"  {_label('数据库', 'on', lang)}: {', '.join(on)}")
    lines += [f"  {line}" for line in WHAT_TO_DO.lines(lang)]
    return "\n".join(lines)


def shown_states(report: Report, lang: str | None = None) -> Iterator[str]:
    """A line for each service whose rows differ from the recorded ones at the end, unless a difference says so already."""
    told = {found.service for found, _ in report.differences if found.kind == "state"}
    for service, on in sorted(report.other_state.items()):
        if service in told:
            continue
        words = Sentence("状态与录制不同", "another state than recorded").lines(lang)
        tables = ", ".join(report.other_tables(service))
        yield f"{service}: {' · '.join(words)}{f' ({tables})' if tables else ''} [{', '.join(on)}]"


def _label(zh: str, en: str, lang: str | None) -> str:
    return " · ".join(Sentence(zh, en).lines(lang))


def _names(messages: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(_name(one) for one in messages)


def _name(message: Mapping[str, Any]) -> str:
    """The message's type; of a refusal or a quarantine its code as well."""
    data = message.get("data")
    code = data.get("code") if isinstance(data, dict) else None
    return f"{message.get('type', '?')} ({code})" if code else str(message.get("type", "?"))


def _values(found: Difference, lang: str | None) -> Iterator[str]:
    if found.kind == "state" and found.after is not None and not found.rows:
        yield f"  {_label('首次不同于', 'first after', lang)}: {found.after} … {found.seq}"
    yield from (f"  {change.path}: {shown_change(change)}" for change in found.changes)
    for table, rows in found.rows.items():
        yield from (f"  {_label('写入', 'written', lang)} {table}: {_json(row)}" for row in rows)
    if found.kind in ("missing", "extra", "otherwise"):
        for label, messages in (
            (_label("录制", "recorded", lang), found.recorded),
            (_label("现在", "now", lang), found.said),
        ):
            yield from (f"  {label}: {_name(one)} {_json(one.get('data'))}" for one in messages)


def shown_change(change: Change) -> str:
    """The recorded value and the present one; of long texts only the part that differs, with some characters around it."""
    before, now = change.recorded, change.said
    if isinstance(before, str) and isinstance(now, str):
        start = _common(before, now)
        end = _common(before[start:][::-1], now[start:][::-1])
        if start + end > CONTEXT:
            return f"{_excerpt(before, start, end)} → {_excerpt(now, start, end)}"
    return f"{_json(before)} → {_json(now)}"


def _common(one: str, other: str) -> int:
    """How many characters at the beginning are the same."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _excerpt(text: str, start: int, end: int) -> str:
    """The text without what lies far from the part between `start` and `end` characters from its end, which is marked."""
    stop = len(text) - end
    head = text[:start] if start <= CONTEXT else f"…{text[start - CONTEXT : start]}"
    tail = text[stop:] if end <= CONTEXT else f"{text[stop : stop + CONTEXT]}…"
    return f'"{head}[{text[start:stop]}]{tail}"'


def _json(value: Any) -> str:
    return "–" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
