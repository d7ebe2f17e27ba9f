"""`microgov show …`: one issue, topic, ballot, round table, order, offer, organisation, provider,
care team, visit or round of visits; and `microgov inbox`."""

import re
from typing import Annotated, Any, NamedTuple

import typer
from rich.table import Table

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
from microgov.commands.history import history, parse_event
from microgov.commands.tail import line
from microgov.contracts.issues import (
    ShowBallot,
    ShowIssue,
    ShowRoundTable,
    ShowTopic,
    ShowVisit,
    ShowVisitRound,
)
from microgov.contracts.matching import ShowCareTeam, ShowOffer, ShowOrder, ShowOrganisation, ShowProvider
from microgov.contracts.message import Question
from microgov.contracts.notify import ShowInbox
from microgov.text.sentences import as_text, hour_of

EXAMPLES = examples("microgov inbox p-wang", "microgov inbox p-wang --most 5 --json")

app = group("One thing with everything that became of it · 查看")
Id = Annotated[str, typer.Argument(help="its id · 编号")]


@app.command(
    epilog=examples("microgov show issue veg-1", "microgov show issue veg-1 --from 4200 --most 20 --json")
)
def issue(
    id: Id,
    first: Annotated[
        int, typer.Option("--from", min=1, help="its history from this sequence on · 历程从第几条起")
    ] = 1,
    most: Annotated[int, typer.Option(min=0, max=1000, help="so many events at most · 最多几条历程")] = 50,
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """State, co-signers, topic, votes, action items, survey; and its history out of the log · 事项及其历程"""

    async def ask(client: Client) -> tuple[dict[str, Any], list[dict[str, Any]], int | None]:
        found = await client.ask("issues", ShowIssue(issue=id, after=await client.end()))
        return found, *await history(client, id, first, most)

    found, events, more = with_client(tenant, ask)
    if json:
        print_as_json({**found, "history": events, "history_next": more})
        return
    _shown(found, json)
    for one in events:
        if (m := parse_event(one["event"])) is not None:
            out.print(line(one["seq"], m, lang))
    if more is not None:
        echo(f"还有更多：--from {more}", f"There is more: --from {more}", lang, "dim")


class Thing(NamedTuple):
    """One `microgov show NAME ID`: NAME is the question's name, ID its only required field."""

    question: type[Question]
    words: str
    example: str
    """An id, for `--help`."""

    @property
    def name(self) -> str:
        """The NAME of the command: care-team for the question ShowCareTeam."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", self.question.__name__.removeprefix("Show")).lower()

    def about(self, id: str) -> Question:
        """The question about this id."""
        (field,) = (name for name, one in self.question.model_fields.items() if one.is_required())
        return self.question.model_validate({field: id})


THINGS = (
    Thing(ShowTopic, "Options, sessions, every ballot with its tally · 议题", "topic-1"),
    Thing(
        ShowRoundTable, "Sittings with their needs and ideas, disagreements settled · 圆桌议事会", "table-1"
    ),
    Thing(
        ShowBallot,
        "What is voted on until when, in the open or sealed to which key, and how it came out · 表决",
        "b-1",
    ),
    Thing(ShowOrder, "State, slot, organisation, who was asked · 点单", "order-1"),
    Thing(
        ShowOffer,
        "What it requires, and every slot: places, how many are taken and waited for · 出单",
        "fair-1",
    ),
    Thing(
        ShowCareTeam, "Who has which role, which households it cares for, what it has seen · 联户组", "team-1"
    ),
    Thing(
        ShowOrganisation, "Filed or registered, its stage, where it serves, who acts for it · 组织", "org-1"
    ),
    Thing(
        ShowProvider,
        "Roles, languages, qualifications with their last day, when there is time · 服务者",
        "p-he",
    ),
    Thing(
        ShowVisit,
        "Attempts, refusals, and the fate of every line of its lists · 走访",
        "0b0b4a0e-6d0f-5a52-9a4c-2f6a6cbb6d10",
    ),
    Thing(
        ShowVisitRound,
        "A round of visits: how many of its contact list were visited, how many refused · 一轮走访",
        "round-1",
    ),
)


def _add(thing: Thing) -> None:
    """Adds the command to `microgov show`."""
    command = f"microgov show {thing.name} {thing.example}"

    @app.command(thing.name, help=thing.words, epilog=examples(command, f"{command} --json"))
    def show(id: Id, tenant: Tenant = TENANT, json: Json = False) -> None:
        _shown(_asked(tenant, thing.about(id)), json)


for _thing in THINGS:
    _add(_thing)


def inbox(
    person: Annotated[str, typer.Argument(help="a person's reference · 人员编号")],
    most: Annotated[int, typer.Option(min=1, max=200, help="so many at most · 最多几条")] = 20,
    before: Annotated[
        str | None, typer.Option(help="the last notice of the page before · 上一页最后一条")
    ] = None,
    tenant: Tenant = TENANT,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """What a person was told, newest first · 收件箱"""
    found = _asked(tenant, ShowInbox(person=person, most=most, before=before))
    if json:
        print_as_json(found)
        return
    for notice in found["notices"]:
        ways = ", ".join(
            f"{way['channel']}: {way['state']}" for way in notice["deliveries"] if way["channel"] != "inbox"
        )
        out.print(f"{hour_of(notice['made_at'])}  {notice['title']}", style="bold")
        out.print(f"    {notice['body']}{f'  ({ways})' if ways else ''}")
    echo(
        f"共 {found['total']} 条，显示 {len(found['notices'])} 条。",
        f"{len(found['notices'])} of {found['total']} notices.",
        lang,
        "dim",
    )


def _asked(tenant: str, question: Question) -> dict[str, Any]:
    async def ask(client: Client) -> dict[str, Any]:
        everything = question.model_copy(update={"after": await client.end()})
        return await client.ask(question.OWNER, everything)

    return with_client(tenant, ask)


def _shown(found: dict[str, Any], json: bool) -> None:
    if json:
        print_as_json(found)
        return
    table = Table(box=None, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for name, value in rows(found):
        table.add_row(name, value)
    out.print(table)


def rows(body: dict[str, Any], before: str = "") -> list[tuple[str, str]]:
    """The pairs of name and value that are printed, one a line; names of nested values are indented."""
    found: list[tuple[str, str]] = []
    for name, value in sorted(body.items(), key=lambda pair: isinstance(pair[1], dict | list)):
        inner = value if isinstance(value, list) else [value] if isinstance(value, dict) else None
        if inner is None:
            found.append((before + name, str(value).lower() if isinstance(value, bool) else as_text(value)))
            continue
        for one in inner:
            found += (
                [(before + name, ""), *rows(one, before + "  ")]
                if isinstance(one, dict)
                else [(before + name, str(one))]
            )
    return found
