"""Questions of outside programs are answered only within the scope and the role of the person who asks."""

import json
from datetime import timedelta
from typing import Any

from microgov.client import simulated_clock
from microgov.contracts import directory, issues, matching
from microgov.contracts.fields import Role
from microgov.contracts.log import SetClock
from microgov.contracts.message import Message, Question
from microgov.contracts.state import AskState, StateShown
from microgov.contracts.subjects import ask_subject
from microgov.contracts.validation.incoming import incoming
from microgov.services.chassis.installed import fold_names
from tests.journeys.conftest import RunningTenant

PEOPLE = {
    "p-north": (Role.SOCIAL_WORKER, "north"),
    "p-south": (Role.SOCIAL_WORKER, "south"),
    "p-boss": (Role.BRANCH, "town"),
    "p-li": (Role.RESIDENT, "north"),
}
ALL = [role for _, (role, _) in PEOPLE.items()] + [Role.OFFICE]


async def send_and_wait(running: RunningTenant, message: Message, subject: str, by: str) -> None:
    """Sends a command; the door accepts it and a service reacts to it."""
    receipt = await running.client.send(message, subject, by=by)
    assert receipt.status == "accepted", receipt
    await running.client.reaction(receipt)


async def set_up(running: RunningTenant) -> None:
    """Sets up communities north and south, an issue in north, the portal (asks for anyone) and the board (for itself)."""
    client, tenant = running.client, running.client.tenant
    for place in ("north", "south"):
        await send_and_wait(
            running, directory.DefinePlace(kind="community", name=place, parent=tenant), place, "office"
        )
    for person, (role, place) in PEOPLE.items():
        where = tenant if place == "town" else place
        await send_and_wait(
            running, directory.RegisterPerson(household=f"h-{person}", place=where), person, "office"
        )
        await send_and_wait(running, directory.GrantRole(role=role, place=where), person, "office")
    for name, roles, speaks_for in (("portal", ALL, "anyone"), ("board", [Role.AUDITOR], "itself")):
        grant = directory.GrantPublisher.model_validate(
            {"types": ["*"], "follows": [], "roles": roles, "speaks_for": speaks_for}
        )
        await client.reaction(await client.send(grant, name, role="operator"))
    await send_and_wait(
        running, issues.SubmitIssue(title="路灯", text="不亮", place="north", channel="app"), "lamp", "p-li"
    )
    await running.deployment.quiet()


async def ask(
    running: RunningTenant, question: Question, by: str | None, publisher: str = "portal", **named: Any
) -> Any:
    """Sends a question as this publisher. Returns the answer, or the code of the error."""
    body = incoming(question, id="q-1", source="/portal", authid=by, **named)
    subject = ask_subject(publisher, running.client.tenant, type(question))
    reply = json.loads((await running.deployment.nc.request(subject, body, timeout=10)).data)
    return reply["answer"] if "answer" in reply else reply["error"]["code"]


async def test_the_operator_is_told_the_state_of_a_service_and_nobody_else_is(running: RunningTenant) -> None:
    await set_up(running)

    states = [StateShown.model_validate(await running.client.ask(name, AskState())) for name in fold_names()]

    by_service = {one.service: {table.table for table in one.tables} for one in states}
    assert {"place", "person"} <= by_service["directory"]
    assert "issue" in by_service["issues"]
    assert all(one.position > 0 for one in states)
    assert await ask(running, AskState(), "p-boss") == "role_missing"


async def test_questions_are_answered_within_the_scope_of_the_asker(running: RunningTenant) -> None:
    await set_up(running)

    north, south = [await ask(running, issues.ListIssues(), by) for by in ("p-north", "p-south")]
    shown = {
        by: await ask(running, issues.ShowIssue(issue="lamp"), by)
        for by in ("p-north", "p-boss", "office", "p-south")
    }

    past = [await ask(running, issues.ShowHistory(issue="lamp"), by) for by in ("p-north", "p-south")]

    assert [issue["issue"] for issue in north["issues"]] == ["lamp"]
    assert south["issues"] == []
    assert await ask(running, issues.ListIssues(community="north"), "p-south") == "outside_scope"
    assert await ask(running, issues.ListIssues(community="nowhere"), "p-south") == "unknown_place"
    assert shown["p-north"] == shown["p-boss"] == shown["office"]
    assert shown["p-north"]["state"] == "submitted"
    assert shown["p-south"] == "outside_scope"
    assert [one["event"]["type"] for one in past[0]["events"]] == ["issues.issue_submitted.v1"]
    assert past[0]["place"] == "north"
    assert "next" not in past[0]
    assert past[1] == "outside_scope"
    assert await ask(running, issues.ShowBallot(ballot="none"), "p-boss") == "not_found"
    assert (await ask(running, matching.ListOrders(), None, "board"))["orders"] == []


async def test_questions_about_the_whole_sub_district_need_a_role_there(running: RunningTenant) -> None:
    await set_up(running)

    assert await ask(running, matching.ListWaiting(offer="x"), "p-north") == "not_found"
    assert await ask(running, issues.ShowAchieved(), "p-boss") != "whole_sub_district"
    assert await ask(running, matching.ShowHours(person="p-li"), "p-north") == "whole_sub_district"


async def test_a_forbidden_question_is_refused_with_a_code_by_the_gateway(running: RunningTenant) -> None:
    await set_up(running)
    tenant, nc = running.client.tenant, running.deployment.nc
    body = incoming(issues.ShowIssue(issue="lamp"), id="q", source="/p", authid="office")
    raw = [
        await nc.request(f"ask.portal.{tenant}.{subject}", data, timeout=10)
        for subject, data in (
            ("issues.list_issues", body),
            ("issues.show_issue", b"{"),
            ("issues.show_issue", body.replace(b"show_issue", b"close_issue")),
        )
    ]

    assert await ask(running, issues.ListIssues(), "p-li") == "role_missing"
    assert await ask(running, issues.ListIssues(), "p-nobody") == "unknown_person"
    assert await ask(running, issues.ListIssues(), None, "stranger") == "publisher_unknown"
    assert await ask(running, issues.ListIssues(), "p-north", "board") == "may_not_speak_for_others"
    assert (
        await ask(running, issues.ReadHouseholdFile(household="h", by="p-north", why="visit"), "p-north")
        == "role_missing"
    )
    assert [json.loads(one.data)["error"]["code"] for one in raw] == [
        "wrong_subject",
        "not_json",
        "unknown_question",
    ]


async def test_an_expired_role_is_decided_by_the_tenants_clock(running: RunningTenant) -> None:
    await set_up(running)
    tomorrow = await simulated_clock.now(running.client) + timedelta(days=1)
    await send_and_wait(
        running, directory.GrantRole(role=Role.BRANCH, place="south", until=tomorrow), "p-south", "office"
    )

    async def outcome() -> Any:
        return await ask(running, issues.ShowIssue(issue="lamp"), "p-south", role=Role.BRANCH)

    before = await outcome()
    await running.client.send(SetClock(to=tomorrow), "clock")

    assert (before, await outcome()) == ("outside_scope", "role_missing")
