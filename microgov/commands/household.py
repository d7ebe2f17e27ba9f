"""`microgov household keep`, `read` and `erase`: the file of a visited household; no text of it enters the log."""

from typing import Annotated

import typer
from rich.table import Table

from microgov.client.connection import Misuse
from microgov.client.publisher import Client
from microgov.commands.base import (
    TENANT,
    Json,
    Lang,
    Tenant,
    echo,
    examples,
    group,
    out,
    print_as_json,
    with_client,
)
from microgov.contracts.issues import (
    EraseHouseholdFile,
    FileEntry,
    HouseholdFileShown,
    KeepHouseholdFile,
    ReadHouseholdFile,
)
from microgov.contracts.message import Question

app = group("Household files: kept by consent, minimal, every reading is logged · 家庭档案")
Household = Annotated[str, typer.Argument(help="the household's id · 户编号")]
By = Annotated[str, typer.Option(help="the visitor · 走访人")]
Why = Annotated[
    str,
    typer.Option(help="the reason: visit, service, care, correction, withdrawn_consent, retention · 事由"),
]
EXAMPLE = "microgov household read h-12 --by p-chen --why visit"


@app.command(
    epilog=examples(
        "microgov household keep h-12 --by p-chen --consented-by p-liu --entry needs=奶奶走路不便 --entry members=3"
    )
)
def keep(
    household: Household,
    by: By,
    consented_by: Annotated[str, typer.Option(help="the member of the household who consents · 户内同意人")],
    entry: Annotated[
        list[str],
        typer.Option(help="NAME=TEXT, with members, needs, care, language, good_times or note · 内容"),
    ],
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Stores the whole file, replacing what was there · 建档"""
    entries = [_entry(one) for one in entry]
    kept = KeepHouseholdFile(household=household, by=by, consented_by=consented_by, entries=entries)
    _show_file(_ask(tenant, kept), json, lang)


@app.command(epilog=examples(EXAMPLE, f"{EXAMPLE} --json"))
def read(
    household: Household, by: By, why: Why, tenant: Tenant = TENANT, lang: Lang = None, json: Json = False
) -> None:
    """Shows the file; the log holds who read it and why · 查看"""
    asked = ReadHouseholdFile.model_validate({"household": household, "by": by, "why": why})
    _show_file(_ask(tenant, asked), json, lang)


@app.command(epilog=examples("microgov household erase h-12 --by p-chen --why withdrawn_consent"))
def erase(
    household: Household, by: By, why: Why, tenant: Tenant = TENANT, lang: Lang = None, json: Json = False
) -> None:
    """Erases the file · 删除"""
    asked = EraseHouseholdFile.model_validate({"household": household, "by": by, "why": why})
    _show_file(_ask(tenant, asked), json, lang)


def _entry(given: str) -> FileEntry:
    """The entry of an option NAME=TEXT. Raises Misuse for any other text."""
    name, equals, text = given.partition("=")
    if not equals or not text:
        raise Misuse(f"--entry {given}：请写成 名称=内容。", f"--entry {given}: write it as name=text.")
    return FileEntry(name=name, text=text)


def _ask(tenant: str, question: Question) -> HouseholdFileShown:
    async def ask(client: Client) -> HouseholdFileShown:
        everything = question.model_copy(update={"after": await client.end()})
        return HouseholdFileShown.model_validate(await client.ask("issues", everything))

    return with_client(tenant, ask)


def _show_file(found: HouseholdFileShown, json: bool, lang: str | None) -> None:
    if json:
        print_as_json(found.model_dump(mode="json"))
        return
    table = Table(box=None, show_header=False)
    for entry in found.entries:
        table.add_row(entry.name, entry.text)
    out.print(table)
    echo(
        f"户 {found.household}：{len(found.entries)} 栏，{found.consented_by} 同意。此次操作已记录。",
        f"Household {found.household}: {len(found.entries)} entries, with the consent of {found.consented_by}. "
        "This has been written down.",
        lang,
        "dim",
    )
