"""`microgov attempts`: refused attempts to give a role, a grant or a rule without permission."""

import json as jsons
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
    print_as_json_lines,
    print_csv,
    with_client,
)
from microgov.commands.lists import table
from microgov.contracts.directory import Attempt, Attempts, ListAttempts
from microgov.text.sentences import hour

EXAMPLES = examples("microgov attempts", "microgov attempts --most 500 --csv")
COLUMNS = ("at", "publisher", "person", "role", "type", "subject", "about", "code")


def attempts(
    most: Annotated[int, typer.Option(min=1, max=500, help="how many of the newest · 最近几条")] = 50,
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Refused attempts to give a role, a grant or a rule without permission, the newest first · 越权未遂的记录"""
    check_output_options(json, csv)

    async def ask(client: Client) -> Attempts:
        return Attempts.model_validate_json(
            jsons.dumps(await client.ask("directory", ListAttempts(most=most)))
        )

    found = with_client(tenant, ask)
    if json:
        print_as_json_lines(one.model_dump(mode="json", exclude_none=True) for one in found.attempts)
    elif csv:
        print_csv(COLUMNS, ([row.get(head) for head in COLUMNS] for row in map(_row, found.attempts)))
    elif not found.attempts:
        echo("没有越权的尝试。", "Nobody has tried.", lang, "green")
    else:
        table(COLUMNS, [_row(one) for one in found.attempts])
        echo(f"共 {found.count} 条。", f"{found.count} in all.", lang)


def _row(one: Attempt) -> dict[str, Any]:
    return {**one.model_dump(mode="json", exclude_none=True), "at": hour(one.at)}
