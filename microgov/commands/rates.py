"""`microgov rates`: the rates of a period, as the service counts them or as computed from the log."""

from typing import Annotated, Any

import typer
from rich.table import Table

from microgov.client.operator import parse_stored
from microgov.client.publisher import Client
from microgov.commands.base import (
    TENANT,
    Csv,
    Json,
    Lang,
    Tenant,
    check_output_options,
    examples,
    print_as_json,
    print_csv,
    with_client,
)
from microgov.commands.lists import Community, column, print_wide
from microgov.commands.times import parse_time
from microgov.contracts.issues import RatesShown, ShowRates
from microgov.contracts.message import plain
from microgov.services.issues.questions import rates_from_log
from microgov.text.sentences import Sentence

EXAMPLES = examples(
    "microgov rates --from 2026-03-01T00:00:00+08:00 --to 2026-04-01T00:00:00+08:00",
    "microgov rates --from 2026-03-01T00:00:00+08:00 --to 2026-04-01T00:00:00+08:00 --community donghu-yuanbu --csv",
    "microgov rates --from 2026-03-01T00:00:00+08:00 --to 2026-04-01T00:00:00+08:00 --from-log --json",
)
COLUMNS = ("rate", "numerator", "denominator", "unreachable", "refused", "no_answer", "declined", "withdrawn")
LABELS = {
    "response": Sentence("响应率", "response"),
    "solved": Sentence("解决率", "solved"),
    "satisfied": Sentence("满意率", "satisfied"),
    "deliberated": Sentence("议事率", "deliberated"),
    "returned": Sentence("退单率", "returned"),
    "reopened": Sentence("重办率", "reopened"),
    "self_claimed": Sentence("认领率", "self-claimed"),
    "visit_coverage": Sentence("走亲覆盖率", "visit coverage"),
    "rate": Sentence("率", "rate"),
    "numerator": Sentence("分子", "numerator"),
    "denominator": Sentence("分母", "denominator"),
    "unreachable": Sentence("未能联系", "unreachable"),
    "refused": Sentence("拒绝", "refused"),
    "no_answer": Sentence("未回答", "no answer"),
    "declined": Sentence("不予受理", "declined"),
    "withdrawn": Sentence("已撤回", "withdrawn"),
    "share": Sentence("比率", "share"),
}


def rates(
    from_: Annotated[str, typer.Option("--from", help="a time with a time zone · 从何时起")],
    to: Annotated[str, typer.Option("--to", help="until before this time · 到何时之前")],
    community: Community = None,
    from_log: Annotated[
        bool, typer.Option("--from-log", help="compute the rates from the whole log · 由日志重算")
    ] = False,
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Response, solved, satisfied, deliberated and other rates, with what is excluded and why · 各项比率"""
    check_output_options(json, csv)
    asked = ShowRates(from_=parse_time(from_), to=parse_time(to), community=community)

    async def ask(client: Client) -> dict[str, Any]:
        seq = await client.end()
        counted = await client.ask("issues", asked.model_copy(update={"after": seq}))
        return await _from_log(client, asked, seq) if from_log else counted

    found = with_client(tenant, ask)
    if json:
        print_as_json(found)
    elif csv:
        print_csv(COLUMNS, map(_row, found["rates"]))
    else:
        _show(found["rates"], lang)


async def _from_log(client: Client, asked: ShowRates, end: int) -> dict[str, Any]:
    """The answer to the question, computed from the messages of the log up to the sequence `end`."""
    log = []
    async for stored in client.raw_log():
        m = parse_stored(stored)
        log += [m] if m is not None else []
        if stored.seq >= end:
            break
    given = RatesShown(
        from_=asked.from_, to=asked.to, community=asked.community, rates=rates_from_log.rates(log, asked)
    )
    return plain(given)


def _row(rate: dict[str, Any]) -> list[Any]:
    left_out = {one["reason"]: one["count"] for one in rate["excluded"]}
    return [*(rate[head] for head in COLUMNS[:5]), *(left_out.get(reason, 0) for reason in COLUMNS[5:])]


def _show(found: list[dict[str, Any]], lang: str | None) -> None:
    heads = (COLUMNS[0], "share", *COLUMNS[1:])
    table = Table(*(column(_label(head, lang)) for head in heads), box=None, header_style="bold")
    for rate in found:
        name, *counts = _row(rate)
        table.add_row(_label(name, lang), _share(rate), *map(str, counts))
    print_wide(table)


def _label(name: str, lang: str | None) -> str:
    return " ".join(LABELS[name].lines(lang))


def _share(rate: dict[str, Any]) -> str:
    """The rate in per cent, rounded to a tenth; 100.0 only if nothing is missing, and a dash if nothing was counted."""
    if not rate["denominator"]:
        return "–"
    part, whole = rate["numerator"], rate["denominator"]
    per_mille = 1000 if part == whole else min(999, (2000 * part + whole) // (2 * whole))
    return f"{per_mille // 10}.{per_mille % 10} %"
