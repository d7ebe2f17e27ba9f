"""What all lists share: paging and output."""

from typing import Annotated, Any

import typer
from rich.table import Column, Table

from microgov.client.publisher import Client
from microgov.commands.base import (
    Terminal,
    check_output_options,
    echo,
    group,
    joined,
    print_as_json,
    print_csv,
    with_client,
)
from microgov.contracts.message import Question
from microgov.text.sentences import as_text

app = group("Lists of issues, visits, organisations, providers, offers and orders · 列表")
PAGE_SIZE, WIDTH = 200, 2000
"""The largest page of an answer; the width of a table in characters, so that no cell is broken."""
Community = Annotated[str | None, typer.Option(help="a place and everything inside it · 地点及其下所有")]
Most = Annotated[int, typer.Option(min=1, max=100_000, help="the most rows · 最多几条")]


def show(
    asked: Question,
    heads: tuple[str, ...],
    what: str,
    most: int,
    tenant: str,
    lang: str | None,
    json: bool,
    csv: bool,
) -> None:
    """Asks page by page, and prints the rows as a table for people, as JSON or as CSV.

    `what` is the field of the answers that holds the rows, `heads` the columns, `most` the greatest number of rows.
    """
    check_output_options(json, csv)

    async def ask(client: Client) -> dict[str, Any]:
        return await paged(client, asked, what, "after_id", most)

    found = with_client(tenant, ask)
    if json:
        print_as_json(found)
    elif csv:
        print_csv(heads, ([one.get(head) for head in heads] for one in found[what]))
    else:
        table(heads, found[what])
        _count(found, what, what.removesuffix("s"), tenant, lang)


def _count(found: dict[str, Any], what: str, one: str, tenant: str, lang: str | None) -> None:
    zh, en = (
        ("", "")
        if "next" not in found
        else (f"后面还有：--after {found['next']}", f" More: --after {found['next']}")
    )
    many = len(found[what])
    echo(
        f"{tenant} 共 {many} 件。{zh}",
        f"{many} {one}{'' if many == 1 else 's'} in {tenant}.{en}",
        lang,
        "dim",
    )


async def paged(client: Client, asked: Question, what: str, key: str, most: int) -> dict[str, Any]:
    """The first answer to the question, extended by the rows of the following pages, up to `most` rows.

    `what` is the field that holds the rows, `key` the field of the question for the last row of the page before. The result
    has `next` if there are more rows.
    """
    seq, found = await client.end(), dict[str, Any]()
    while True:
        left = most - len(found.get(what, ()))
        page = await client.ask(
            asked.OWNER, asked.model_copy(update={"most": min(left, PAGE_SIZE), "after": seq})
        )
        found = {**page, **found, what: [*found.get(what, ()), *page[what]]}
        found.pop("next", None)
        if "next" in page:
            found["next"] = page["next"]
        if "next" not in page or len(found[what]) >= most:
            return found
        asked = type(asked).model_validate({**asked.model_dump(), key: page["next"]}, strict=False)


def table(heads: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    """Prints a table for people, with times to the minute in local time.

    A row is one line, however long, since the ids in it are what the reader types next.
    """
    shown = Table(*map(column, heads), box=None, header_style="bold")
    for row in rows:
        shown.add_row(*(_text(row.get(head)) for head in heads))
    print_wide(shown)


def column(head: str) -> Column:
    """A column of a table. Titles and names are cut off after 40 characters, ids never."""
    return Column(head, no_wrap=True, max_width=40 if head in ("title", "name") else None)


def print_wide(shown: Table) -> None:
    """Prints a table as wide as it needs to be: the terminal may break a line at its edge, not inside a column."""
    Terminal(width=WIDTH).print(shown)


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return joined(value, ", ")
    return as_text(value)
