"""`microgov hours` and `microgov workload`: hours of service by person and by organisation."""

from typing import Annotated, Any

import typer

from microgov.client.publisher import Client
from microgov.commands.base import (
    TENANT,
    Csv,
    Json,
    Lang,
    Tenant,
    check_output_options,
    echo,
    examples,
    print_as_json,
    print_csv,
    with_client,
)
from microgov.commands.lists import Community, table
from microgov.commands.times import parse_time
from microgov.contracts.matching import ShowHours, ShowWorkload
from microgov.contracts.message import Question

EXAMPLES = examples(
    "microgov hours p-he",
    "microgov hours p-he --from 2026-01-01T00:00:00+08:00 --csv",
    "microgov workload --community donghu-yuanbu --json",
)
LINE_COLUMNS = ("at", "order", "organisation", "kind", "duty", "minutes", "number", "reverses")
SUM_COLUMNS = ("organisation", "name", "kind", "tasks", "minutes")
WORKLOAD_COLUMNS = ("organisation", "name", "people", "lead", "assist", "filled")
From = Annotated[str | None, typer.Option("--from", help="a time with a time zone · 从何时起")]
To = Annotated[str | None, typer.Option("--to", help="until before this time · 到何时之前")]


def hours(
    person: Annotated[str, typer.Argument(help="the person's id · 人员编号")],
    from_: From = None,
    to: To = None,
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """The hours of service of a person, as for a certificate, with the lines of the ledger · 服务时长"""
    check_output_options(json, csv)
    found = _ask(ShowHours(person=person, since=_time(from_), until=_time(to)), tenant)
    if json:
        print_as_json(found)
    elif csv:
        print_csv(LINE_COLUMNS, ([one.get(head) for head in LINE_COLUMNS] for one in found["lines"]))
    else:
        table(SUM_COLUMNS, found["by_organisation"])
        minutes, tasks, strikes = found["minutes"], found["tasks"], found["strikes"]
        echo(
            f"{person} 共 {tasks} 次服务，{minutes // 60} 小时 {minutes % 60} 分钟；爽约 {strikes} 次。",
            f"{person}: {tasks} tasks, {minutes // 60} h {minutes % 60} min; {strikes} strikes.",
            lang,
        )
        table(LINE_COLUMNS, found["lines"])


def workload(
    community: Community = None,
    from_: From = None,
    to: To = None,
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Minutes by organisation that social workers lead and volunteers assist, and the volunteers' share · 工作量"""
    check_output_options(json, csv)
    found = _ask(ShowWorkload(community=community, since=_time(from_), until=_time(to)), tenant)["workload"]
    if json:
        print_as_json({"workload": found})
    elif csv:
        print_csv(WORKLOAD_COLUMNS, ([one.get(head) for head in WORKLOAD_COLUMNS] for one in found))
    else:
        table(WORKLOAD_COLUMNS, found)
        echo(
            f"志愿者承担 {found[-1]['filled'] / 10:.1f} %。",
            f"Volunteers serve {found[-1]['filled'] / 10:.1f} %.",
            lang,
        )


def _time(text: str | None) -> Any:
    return None if text is None else parse_time(text)


def _ask(question: Question, tenant: str) -> dict[str, Any]:
    async def ask(client: Client) -> dict[str, Any]:
        return await client.ask("matching", question.model_copy(update={"after": await client.end()}))

    return with_client(tenant, ask)
