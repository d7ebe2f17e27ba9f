"""`microgov due`: what is due soon, by the tenant's time."""

from datetime import datetime
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
from microgov.commands.lists import Community, Most, paged, table
from microgov.commands.times import parse_duration, tenant_time
from microgov.contracts.issues import ListDue
from microgov.contracts.message import plain
from microgov.text.sentences import Sentence, hour_of, zone

EXAMPLES = examples(
    "microgov due", "microgov due --within 7d --community donghu-yuanbu", "microgov due --within 1w --csv"
)
COLUMNS = ("due_at", "overdue", "kind", "issue", "title", "state", "place", "entity")

OVERDUE = Sentence("逾期", "overdue")


def due(
    within: Annotated[str, typer.Option(help="the time from now on: 7d, 12h, 1d6h … · 多久之内")] = "7d",
    community: Community = None,
    most: Most = 50,
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """What is due soon or overdue, the oldest first: clocks, ballots, reviews, action items · 即将到期与逾期"""
    check_output_options(json, csv)
    span = parse_duration(within)

    async def ask(client: Client) -> dict[str, Any]:
        now = await tenant_time(client, "issues")
        asked = ListDue(until=now + span, community=community)
        found = await paged(client, asked, "due", "after_key", most)
        due = [{**one, "overdue": datetime.fromisoformat(one["due_at"]) < now} for one in found["due"]]
        return {**found, "due": due, "until": plain(asked)["until"]}

    found = with_client(tenant, ask)
    if json:
        print_as_json(found)
    elif csv:
        print_csv(COLUMNS, ([one.get(head) for head in COLUMNS] for one in found["due"]))
    else:
        table(COLUMNS, [_brief(one, lang) for one in found["due"]])
        many, total, until = len(found["due"]), found["total"], f"{hour_of(found['until'])} ({zone()})"
        echo(
            f"{tenant} 在 {until} 之前到期 {total} 项，显示 {many} 项。",
            f"{many} of {total} due by {until} in {tenant}.",
            lang,
            "dim",
        )


def _brief(one: dict[str, Any], lang: str | None) -> dict[str, Any]:
    """The row as people see it: the entity only if it is not the issue itself."""
    late = " ".join(OVERDUE.lines(lang)) if one["overdue"] else ""
    return {**one, "overdue": late, "entity": None if one["entity"] == one["issue"] else one["entity"]}
