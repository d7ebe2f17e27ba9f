"""`microgov achieved`: how much was achieved, counted from verified action items."""

from typing import Any

from microgov.client.publisher import Client
from microgov.commands.base import (
    TENANT,
    Csv,
    Json,
    Lang,
    Tenant,
    echo,
    examples,
    machine,
    one_way,
    sheet,
    with_client,
)
from microgov.commands.lists import Community, table
from microgov.contracts.issues import ShowAchieved

EXAMPLES = examples("microgov achieved", "microgov achieved --community donghu-yuanbu --json")
HEADS = ("unit", "done", "at_least", "items", "issues")
REPLACED = ("hazard", "unit", "done", "at_least", "items")


def achieved(
    community: Community = None,
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """What was achieved: quantities by unit, of action items that somebody else has verified · 落实成果"""
    one_way(json, csv)

    async def ask(client: Client) -> dict[str, Any]:
        return await client.ask("issues", ShowAchieved(community=community, after=await client.end()))

    found = with_client(tenant, ask)
    if json:
        machine(found)
    elif csv:
        sheet(HEADS, ([one[head] for head in HEADS] for one in found["quantities"]))
    else:
        table(HEADS, found["quantities"])
        if found["replaced"]:
            echo("其中替代的隐患：", "Of these, what took the place of a hazard:", lang)
            table(REPLACED, found["replaced"])
        waiting = found["open_items"]
        echo(f"另有 {waiting} 项尚未核实。", f"{waiting} more are not verified yet.", lang, "dim")
