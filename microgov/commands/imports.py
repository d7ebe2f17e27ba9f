"""`microgov import organisations`, `providers` and `offers`: imports registers from spreadsheets."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from microgov.client.publisher import Client
from microgov.commands.base import (
    TENANT,
    Json,
    Lang,
    Tenant,
    echo,
    examples,
    finish,
    group,
    print_as_json,
    progress_bar,
    with_client,
)
from microgov.importing.columns import COLUMNS
from microgov.importing.run import Import, ImportProblem, Report, numbered_rows

app = group(
    "Registers from spreadsheets (CSV UTF-8), again and again: what is there already is left alone · 导入"
)
Sheet = Annotated[Path, typer.Argument(help="a CSV file in UTF-8 with headings in English or Chinese · 文件")]
By = Annotated[str, typer.Option(help="the person who sends, in the role office · 由谁办理")]
OFFICE = "office"


@app.command(
    epilog=examples(
        "microgov import organisations organisations.csv",
        "microgov import organisations organisations.csv --by p-office --json",
    )
)
def organisations(
    file: Sheet, by: By = OFFICE, tenant: Tenant = TENANT, lang: Lang = None, json: Json = False
) -> None:
    """id 编号, name 名称, kind 类别, status 状态, stage 孵化阶段, domains 服务领域, places 服务地点, enterprises 服务企业,
    representatives 代表; several in a cell are separated by ; · 组织
    """
    _import("organisations", file, by, tenant, lang, json)


@app.command(
    epilog=examples(
        "microgov import providers providers.csv", "microgov import providers providers.csv --json"
    )
)
def providers(
    file: Sheet, by: By = OFFICE, tenant: Tenant = TENANT, lang: Lang = None, json: Json = False
) -> None:
    """person 人员, organisations 组织, roles 身份, languages 语言, qualifications 资质 (check:health=2027-01-31),
    availability 可服务时间 (6 09:00-12:00, 周六 09:00-12:00), days_off 休息日,
    conflicts 回避对象 (whom they may not serve · 不为其服务的人) · 服务者
    """
    _import("providers", file, by, tenant, lang, json)


@app.command(
    epilog=examples(
        "microgov import offers offers.csv", "microgov import offers offers.csv --by p-sun --json"
    )
)
def offers(
    file: Sheet,
    by: Annotated[
        str, typer.Option(help="the organisation's representative, if no column names one · 代表")
    ] = OFFICE,
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """id 编号, organisation 组织, title 标题, module 模块, place 地点, requires 资质要求, representative 代表; and a row
    for each slot: slot 时段, starts 开始, ends 结束, slot_place 时段地点, capacity 名额 · 出单
    """
    _import("offers", file, by, tenant, lang, json)


def _import(kind: str, file: Path, by: str, tenant: str, lang: str | None, json: bool) -> None:
    total = sum(1 for _ in numbered_rows(kind, file))

    async def run(client: Client) -> Report:
        with progress_bar() as shown:
            task = shown.add_task("→", total=total)
            import_ = Import(
                client,
                kind,
                by,
                lambda one: _show_problem(kind, one, lang, json),
                lambda rows: shown.advance(task, rows),
            )
            return await import_.run(file)

    report = with_client(tenant, run)
    if json:
        print_as_json({**asdict(report), "rows": total})
    else:
        echo(
            f"{file.name} 共 {total} 行：新增 {report.new}，已存在 {report.there}，"
            f"不同 {report.differs}，被拒 {report.refused}。",
            f"{file.name}, {total} rows: {report.new} new, {report.there} already there, {report.differs} differ, "
            f"{report.refused} refused.",
            lang,
        )
    finish(report.clean)


def _show_problem(kind: str, one: ImportProblem, lang: str | None, json: bool) -> None:
    if json:
        print_as_json({**one._asdict(), "message": one.message.model_dump()})
        return
    chinese = "、".join(COLUMNS[kind].get(name, name) for name in one.field.split(", "))
    echo(
        f"第 {one.line} 行，{chinese or '–'}（{one.code}）：{one.message.zh}",
        f"Line {one.line}, {one.field or '–'} ({one.code}): {one.message.en}",
        lang,
        "yellow",
    )
