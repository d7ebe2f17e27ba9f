"""`microgov plan`: whom the planner suggests for orders that can be assigned, and why; or care teams (`--teams`)."""

import json as jsonlib
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from microgov.client.connection import Misuse
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
    out,
    print_as_json,
    print_csv,
    with_client,
)
from microgov.commands.lists import Most
from microgov.commands.times import tenant_time
from microgov.contracts.matching import GroupHouseholds, PlanOrders
from microgov.text.sentences import Sentence

EXAMPLES = examples(
    "microgov plan --community donghu-yuanbu",
    "microgov plan --community donghu-yuanbu --engine optimal --lang en",
    "microgov plan --community donghu --most 1000 --json",
    "microgov plan --community donghu-yuanbu --json > monday.json",
    "microgov plan --community donghu-yuanbu --so-far monday.json",
    "microgov plan --community donghu-yuanbu --teams --most 80",
)
ENGINES = ("greedy", "optimal")
ROLES = ("party_member", "dasao", "landlord")
CSV_COLUMNS = ("order", "provider", "organisation", "offer", "slot", "cost", "runner_up", "runner_up_cost")
TEAM_COLUMNS = (*ROLES, "households")
LABELS = {
    "order": Sentence("点单", "order"),
    "who": Sentence("建议", "suggestion"),
    "offer": Sentence("出单", "offer"),
    "cost": Sentence("成本（米）", "cost (m)"),
    "why": Sentence("理由", "why"),
    "next": Sentence("次选", "runner-up"),
    "why_not": Sentence("为何不选", "why not"),
    "reason": Sentence("原因", "reason"),
    "distance": Sentence("步行", "walk"),
    "unknown": Sentence("步行（无定位，按估计）", "walk (no pin, assumed)"),
    "fairness": Sentence("近30天已服务", "served in 30 days"),
    "continuity": Sentence("曾服务此人", "has served them"),
    "stability": Sentence("已在计划中", "in the plan already"),
    "unnamed": Sentence("组织未定人选", "nobody named yet"),
    "party_member": Sentence("党员", "party member"),
    "dasao": Sentence("工农大嫂", "dasao"),
    "landlord": Sentence("房东", "landlord"),
    "households": Sentence("住户（代表）", "households (by whom)"),
}


def plan(
    community: Annotated[str, typer.Option(help="a place and everything inside it · 地点及其下所有")],
    engine: Annotated[
        str, typer.Option(help="the engine: greedy, or optimal (needs highspy) · 引擎")
    ] = "greedy",
    most: Most = 200,
    so_far: Annotated[
        Path | None,
        typer.Option(help="an earlier plan (--json) to deviate from as little as possible · 沿用先前的计划"),
    ] = None,
    teams: Annotated[
        bool, typer.Option("--teams", help="suggest care teams for households that are in none · 联户组建议")
    ] = False,
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Whom to assign to the orders that are ready, why, and who would be next; only the branch assigns · 派单建议"""
    if engine not in ENGINES:
        raise Misuse(
            f"--engine {engine}：只能是 greedy 或 optimal。",
            f"--engine {engine}: it can be greedy or optimal.",
        )

    check_output_options(json, csv)
    planned = [] if so_far is None else _planned(so_far)

    async def ask(client: Client) -> dict[str, Any]:
        at = {"at": await tenant_time(client, "matching"), "after": await client.end()}
        asked = {"community": community, "most": min(most, 200), **at}
        if teams:
            return await client.ask("matching", GroupHouseholds.model_validate(asked))
        return await _pages(
            client, PlanOrders.model_validate({**asked, "engine": engine, "so_far": planned}), most
        )

    _output(with_client(tenant, ask), teams, lang, json, csv)


def _output(found: dict[str, Any], teams: bool, lang: str | None, json: bool, csv: bool) -> None:
    if json:
        print_as_json(found)
    elif csv:
        heads, rows = (
            (TEAM_COLUMNS, found["teams"]) if teams else (CSV_COLUMNS, map(_csv_row, found["suggestions"]))
        )
        print_csv(heads, ([row.get(head) for head in heads] for row in rows))
    elif teams:
        _show_teams(found, lang)
    else:
        _show(found, lang)


def _csv_row(one: dict[str, Any]) -> dict[str, Any]:
    other = one.get("runner_up") or {}
    return {**one, "runner_up": other.get("provider"), "runner_up_cost": other.get("cost")}


def _planned(path: Path) -> list[dict[str, str]]:
    """The providers that an earlier plan suggested, by order. Raises Misuse."""
    try:
        rows = jsonlib.loads(path.read_bytes())["suggestions"]
        return [{name: one[name] for name in ("order", "provider")} for one in rows]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Misuse(
            f"--so-far {path}：读不出计划（{error!r}）。请用 `microgov plan --json` 写成的文件。",
            f"--so-far {path}: no plan can be read ({error!r}). Name a file that `microgov plan --json` wrote.",
        ) from error


async def _pages(client: Client, asked: PlanOrders, most: int) -> dict[str, Any]:
    """The answer for the first `most` orders; all pages are computed for the same time and log sequence."""
    found = await client.ask("matching", asked)
    read = asked.most
    while "next" in found and read < most:
        further = asked.model_copy(update={"after_id": found.pop("next"), "most": min(200, most - read)})
        page = await client.ask("matching", further)
        found["suggestions"] += page["suggestions"]
        found["unplaced"] += page["unplaced"]
        found |= {"next": page["next"]} if "next" in page else {}
        read += further.most
    return found


def _show(found: dict[str, Any], lang: str | None) -> None:
    placed = Table(
        *(_label(head, lang) for head in ("order", "who", "offer", "cost", "why", "next", "why_not")),
        box=None,
        header_style="bold",
    )
    for one in found["suggestions"]:
        placed.add_row(*_row(one, lang))
    if found["suggestions"]:
        out.print(placed)
    left = Table(_label("order", lang), _label("reason", lang), box=None, header_style="bold")
    for one in found["unplaced"]:
        left.add_row(one["order"], _in_language(one["why"], lang))
    if found["unplaced"]:
        echo("未能安排：", "Not placed:", lang, "bold")
        out.print(left)
    orders, many = found["orders"], len({one["order"] for one in found["suggestions"]})
    echo(
        f"待下单 {orders} 件，建议 {many} 件（{found['engine']}）。下单由党支部决定（AssignOrder）。",
        f"{many} of {orders} orders have a suggestion ({found['engine']}). The branch decides (AssignOrder).",
        lang,
        "dim",
    )
    if "next" in found:
        echo("后面还有：加大 --most。", "There is more: raise --most.", lang, "dim")


def _show_teams(found: dict[str, Any], lang: str | None) -> None:
    table = Table(
        *(_label(head, lang) for head in (*ROLES, "households", "why")), box=None, header_style="bold"
    )
    for one in found["teams"]:
        homes = ", ".join(f"{home['household']} ({home['person']})" for home in one["households"])
        table.add_row(*(one[role] for role in ROLES), homes, _why(one, lang))
    if found["teams"]:
        out.print(table)
    if found["left_out"]:
        left = ", ".join(found["left_out"])
        echo(f"没有组能接纳：{left}", f"No team has room for: {left}", lang, "bold")
    many, asked = (
        len(found["teams"]),
        sum(len(one["households"]) for one in found["teams"]) + len(found["left_out"]),
    )
    echo(
        f"未入组住户 {found['households']} 户，本次考虑 {asked} 户，建议 {many} 组。由党支部决定（FormCareTeam）。",
        f"{many} teams for {asked} of {found['households']} households that are in none. The branch decides (FormCareTeam).",
        lang,
        "dim",
    )


def _row(one: dict[str, Any], lang: str | None) -> list[str]:
    who = (
        one["provider"]
        if one["provider"] == one["organisation"]
        else f"{one['provider']} ({one['organisation']})"
    )
    offer = "/".join(one[name] for name in ("offer", "slot") if name in one) or "–"
    other = one.get("runner_up")
    beside = (
        ["–", "–"]
        if other is None
        else [f"{other['provider']} ({other['cost']})", _in_language(other["why_not"], lang)]
    )
    return [one["order"], who, offer, str(one["cost"]), _why(one, lang), *beside]


def _why(one: dict[str, Any], lang: str | None) -> str:
    return ", ".join(f"{_label(part['name'], lang)} {part['metres']:+}" for part in one["why"])


def _label(name: str, lang: str | None) -> str:
    return " ".join(LABELS[name].lines(lang))


def _in_language(words: dict[str, str], lang: str | None) -> str:
    return " ".join(Sentence(words["zh"], words["en"]).lines(lang))
