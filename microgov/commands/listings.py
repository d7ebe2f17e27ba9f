"""`microgov list NAME`, such as `list issues`, and `microgov waitlist`."""

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Annotated, Any, NamedTuple

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
from microgov.commands.times import parse_time
from microgov.contracts.issues import ListIssues, ListVisits
from microgov.contracts.matching import (
    ListCareTeams,
    ListOffers,
    ListOrders,
    ListOrganisations,
    ListProviders,
    ListWaiting,
)
from microgov.contracts.message import Question

EXAMPLES = examples("microgov waitlist fair-1", "microgov waitlist fair-1 morning --json")


def _option(text: str, *flags: str, of: Any = str) -> Any:
    """The annotation of an optional option."""
    return Annotated[of | None, typer.Option(*flags, help=text)]


def _due_before(given: dict[str, Any]) -> dict[str, Any]:
    """Parses the option `--due-before` and puts it into the field `deadline` of the question."""
    due = given.pop("due_before")
    return {**given, "deadline": parse_time(due) if due else None}


class Listing(NamedTuple):
    """One `microgov list NAME`. `filters` are the options that become fields of the question, in the order of `--help`;
    `rows` is the field of the answer that is shown, with these columns.
    """

    name: str
    words: str
    question: type[Question]
    columns: str
    filters: dict[str, Any]
    examples: tuple[str, ...]
    rows: str | None = None
    prepare: Callable[[dict[str, Any]], dict[str, Any]] = dict
    after: str = "the last one of the previous page · 上次的最后一个"


ORGANISATION = _option("the organisation · 组织编号")
LISTINGS = (
    Listing(
        "issues",
        "Issues in the order of their ids: state, co-signers, what is due next · 事项列表",
        ListIssues,
        "issue state title place theme urgency people households due_at",
        {
            "state": _option("the state: submitted, triaged, closed, … · 状态"),
            "community": Community,
            "theme": _option("the theme set by triage · 主题"),
            "due_before": _option("issues with something due before this time · 此时之前到期"),
        },
        (
            "--state triaged --community donghu-yuanbu",
            "--theme greening --after veg-1 --json",
            "--due-before 2026-04-01T08:00:00+08:00 --csv",
        ),
        prepare=_due_before,
        after="the last issue of the previous page · 上次的最后一件",
    ),
    Listing(
        "visits",
        "Visits in the order of their ids: whom, how often it was tried, how it ended · 走访列表",
        ListVisits,
        "visit round contact kind place state result attempts refusals",
        {
            "round": _option("the round of visits · 哪一轮"),
            "state": _option("the state: planned, attempted, made, … · 状态"),
            "community": Community,
        },
        ("--round round-1 --state attempted", "--community donghu-yuanbu --json"),
        after="the last visit of the previous page · 上次的最后一个",
    ),
    Listing(
        "organisations",
        "Organisations and other parties: what they are, at which stage, where they serve · 组织列表",
        ListOrganisations,
        "organisation kind name status stage places domains",
        {
            "kind": _option("the kind: organisation, enterprise, university, team · 类别"),
            "stage": _option("the stage: applying, incubating, active, dormant, closed · 孵化阶段"),
            "status": _option("the status: filed, registered · 备案或登记"),
            "community": _option("those who serve this place · 服务于此地点"),
        },
        ("--community donghu-yuanbu --stage active", "--kind enterprise --most 1000 --csv"),
    ),
    Listing(
        "providers",
        "Who is registered to serve, for whom, in which roles and languages · 服务者列表",
        ListProviders,
        "person state place organisations roles languages",
        {
            "organisation": ORGANISATION,
            "community": _option("those who live there · 居住地点"),
            "able": _option("a language, a skill or a check by its name · 语言、技能或核验"),
        },
        ("--able wenzhou", "--organisation org-1 --json"),
    ),
    Listing(
        "offers",
        "Offers with the places of all their slots: how many are taken and waited for · 出单列表",
        ListOffers,
        "offer state organisation title module place slots capacity taken waiting full",
        {
            "state": _option("the state: draft, submitted, published, paused, … · 状态"),
            "organisation": ORGANISATION,
            "module": _option("the service module · 服务模块"),
            "community": Community,
            "free": _option("with a place left, or without · 有无名额", "--free/--full", of=bool),
        },
        ("--state published --free", "--module repair --csv"),
    ),
    Listing(
        "orders",
        "Orders: for whom, from which offer, to whom they are assigned · 点单列表",
        ListOrders,
        "order state beneficiary place offer slot organisation person closing",
        {
            "state": _option("the state: placed, ready, waitlisted, assigned, … · 状态"),
            "community": Community,
            "organisation": ORGANISATION,
            "beneficiary": _option("the person whom they are for · 受益人"),
            "offer": _option("the offer that they came from · 出单编号"),
        },
        ("--state waitlisted", "--beneficiary p-liu --json"),
    ),
    Listing(
        "care-teams",
        "Care teams: who has which role, and who is cared for · 联户组列表",
        ListCareTeams,
        "team state name place party_member dasao landlord households observations",
        {
            "state": _option("the state: forming, active, incomplete, dissolved · 状态"),
            "community": Community,
        },
        ("--state incomplete", "--community donghu-yuanbu --json"),
        rows="teams",
    ),
)
WAITING = ("slot", "number", "order", "beneficiary", "promoted")


def _add(listing: Listing) -> None:
    """Adds the command to `microgov list`; typer reads its options from the signature."""
    options = {**listing.filters, "after": _option(listing.after)}
    shared = {
        "most": (Most, 50),
        "tenant": (Tenant, TENANT),
        "lang": (Lang, None),
        "json": (Json, False),
        "csv": (Csv, False),
    }

    def command(**given: Any) -> None:
        fields = listing.prepare({name: given[name] for name in listing.filters})
        asked = listing.question.model_validate({**fields, "after_id": given["after"]}, strict=False)
        rows, columns = listing.rows or listing.name, tuple(listing.columns.split())
        show(asked, columns, rows, *(given[name] for name in shared))

    parameters = {**{name: (kind, None) for name, kind in options.items()}, **shared}
    command.__signature__ = Signature(  # type: ignore[attr-defined]  # a function may have one
        [
            Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=kind)
            for name, (kind, default) in parameters.items()
        ]
    )
    command.__annotations__ = {name: kind for name, (kind, _) in parameters.items()}
    lines = [f"microgov list {listing.name} {example}" for example in listing.examples]
    app.command(listing.name, help=listing.words, epilog=examples(*lines))(command)


for _listing in LISTINGS:
    _add(_listing)


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
