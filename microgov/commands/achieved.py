"""`microgov achieved`: how much was achieved, counted from verified action items."""

from typing import Any

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
from microgov.contracts.issues import ShowAchieved

EXAMPLES = examples("microgov achieved", "microgov achieved --community donghu-yuanbu --json")
COLUMNS = ("unit", "done", "at_least", "items", "issues")
REPLACED_COLUMNS = ("hazard", "unit", "done", "at_least", "items")


def achieved(
    community: Community = None,
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """What was achieved: quantities by unit, of action items that somebody else has verified · 落实成果"""
    check_output_options(json, csv)

    async def ask(client: Client) -> dict[str, Any]:
        return await client.ask("issues", ShowAchieved(community=community, after=await client.end()))

    found = with_client(tenant, ask)
    if json:
        print_as_json(found)
    elif csv:
        print_csv(COLUMNS, ([one[head] for head in COLUMNS] for one in found["quantities"]))
    else:
        table(COLUMNS, found["quantities"])
        if found["replaced"]:
            echo("其中替代的隐患：", "Of these, what took the place of a hazard:", lang)
            table(REPLACED_COLUMNS, found["replaced"])
        waiting = found["open_items"]
        echo(f"另有 {waiting} 项尚未核实。", f"{waiting} more are not verified yet.", lang, "dim")
