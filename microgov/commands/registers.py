"""`microgov list organisations|providers|offers|orders|care-teams`, and `microgov waitlist`: what matching has many of."""

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
from microgov.commands.lists import Community, Most, app, paged, show, table
from microgov.contracts.matching import (
    ListCareTeams,
    ListOffers,
    ListOrders,
    ListOrganisations,
    ListProviders,
    ListWaiting,
)

EXAMPLES = examples("microgov waitlist fair-1", "microgov waitlist fair-1 morning --json")
ORGANISATIONS = ("organisation", "kind", "name", "status", "stage", "places", "domains")
PROVIDERS = ("person", "state", "place", "organisations", "roles", "languages")
OFFERS = (
    "offer",
    "state",
    "organisation",
    "title",
    "module",
    "place",
    "slots",
    "capacity",
    "taken",
    "waiting",
    "full",
)
ORDERS = ("order", "state", "beneficiary", "place", "offer", "slot", "organisation", "person", "closing")
CARE_TEAMS = (
    "team",
    "state",
    "name",
    "place",
    "party_member",
    "dasao",
    "landlord",
    "households",
    "observations",
)
WAITING = ("slot", "number", "order", "beneficiary", "promoted")
After = Annotated[str | None, typer.Option(help="the last one of the list before · 上次的最后一个")]
Organisation = Annotated[str | None, typer.Option(help="of this organisation · 组织编号")]


@app.command(
    epilog=examples(
        "microgov list organisations --community donghu-yuanbu --stage active",
        "microgov list organisations --kind enterprise --most 1000 --csv",
    )
)
def organisations(
    kind: Annotated[
        str | None, typer.Option(help="organisation, enterprise, university, team · 类别")
    ] = None,
    stage: Annotated[
        str | None, typer.Option(help="applying, incubating, active, dormant, closed · 孵化阶段")
    ] = None,
    status: Annotated[str | None, typer.Option(help="filed, registered · 备案或登记")] = None,
    community: Annotated[str | None, typer.Option(help="whoever serves this place · 服务于此地点")] = None,
    after: After = None,
    most: Most = 50,
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Organisations and other parties: what they are, at which stage, where they serve · 组织列表"""
    asked = ListOrganisations.model_validate(
        {"kind": kind, "stage": stage, "status": status, "community": community, "after_id": after}
    )
    show(asked, ORGANISATIONS, "organisations", most, tenant, lang, json, csv)


@app.command(
    epilog=examples(
        "microgov list providers --able wenzhou", "microgov list providers --organisation org-1 --json"
    )
)
def providers(
    organisation: Organisation = None,
    community: Annotated[str | None, typer.Option(help="who lives there · 居住地点")] = None,
    able: Annotated[
        str | None, typer.Option(help="a language, a skill or a check by its name · 语言、技能或核验")
    ] = None,
    after: After = None,
    most: Most = 50,
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Who is registered to serve, for whom, in which roles and languages · 服务者列表"""
    asked = ListProviders(organisation=organisation, community=community, able=able, after_id=after)
    show(asked, PROVIDERS, "providers", most, tenant, lang, json, csv)


@app.command(
    epilog=examples(
        "microgov list offers --state published --free", "microgov list offers --module repair --csv"
    )
)
def offers(
    state: Annotated[str | None, typer.Option(help="draft, submitted, published, paused, … · 状态")] = None,
    organisation: Organisation = None,
    module: Annotated[str | None, typer.Option(help="a service module · 服务模块")] = None,
    community: Community = None,
    free: Annotated[
        bool | None, typer.Option("--free/--full", help="with a place left, or without · 有无名额")
    ] = None,
    after: After = None,
    most: Most = 50,
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Offers with the places of all their slots: how many are taken and waited for · 出单列表"""
    asked = ListOffers(
        state=state, organisation=organisation, module=module, community=community, free=free, after_id=after
    )
    show(asked, OFFERS, "offers", most, tenant, lang, json, csv)


@app.command(
    epilog=examples(
        "microgov list orders --state waitlisted", "microgov list orders --beneficiary p-liu --json"
    )
)
def orders(
    state: Annotated[str | None, typer.Option(help="placed, ready, waitlisted, assigned, … · 状态")] = None,
    community: Community = None,
    organisation: Organisation = None,
    beneficiary: Annotated[str | None, typer.Option(help="whom they are for · 受益人")] = None,
    offer: Annotated[str | None, typer.Option(help="from this offer · 出单编号")] = None,
    after: After = None,
    most: Most = 50,
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Orders: for whom, from which offer, to whom they are assigned · 点单列表"""
    asked = ListOrders(
        state=state,
        community=community,
        organisation=organisation,
        beneficiary=beneficiary,
        offer=offer,
        after_id=after,
    )
    show(asked, ORDERS, "orders", most, tenant, lang, json, csv)


@app.command(
    "care-teams",
    epilog=examples(
        "microgov list care-teams --state incomplete",
        "microgov list care-teams --community donghu-yuanbu --json",
    ),
)
def care_teams(
    state: Annotated[str | None, typer.Option(help="forming, active, incomplete, dissolved · 状态")] = None,
    community: Community = None,
    after: After = None,
    most: Most = 50,
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Care teams: who has which role, and who is cared for · 联户组列表"""
    asked = ListCareTeams(state=state, community=community, after_id=after)
    show(asked, CARE_TEAMS, "teams", most, tenant, lang, json, csv)


def waitlist(
    offer: Annotated[str, typer.Argument(help="an offer · 出单编号")],
    slot: Annotated[str | None, typer.Argument(help="one slot of it; all if not given · 时段")] = None,
    most: Most = 50,
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Who waits for a place of an offer, the oldest of each slot first · 候补名单"""
    check_output_options(json, csv)

    async def ask(client: Client) -> dict[str, Any]:
        return await paged(client, ListWaiting(offer=offer, slot=slot), "waiting", "after_key", most)

    found = with_client(tenant, ask)
    if json:
        print_as_json(found)
    elif csv:
        print_csv(WAITING, ([one.get(head) for head in WAITING] for one in found["waiting"]))
    else:
        table(WAITING, found["waiting"])
        many = len(found["waiting"])
        echo(f"候补 {many} 单。", f"{many} on the waiting list.", lang, "dim")
