"""`microgov quarantine` lists messages, tries them all again, and counts those that failed again."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from microgov.client.connection import connection_settings
from microgov.client.publisher import Client
from microgov.contracts import directory, issues
from microgov.contracts.fields import Role
from microgov.contracts.message import Message
from microgov.services.issues.handlers import service
from tests.commands.conftest import CommandLine

TITLES = ("a", "b", "c", "d")


def fail_at_titles(broken: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the handler of submit_issue fail at these titles."""
    handlers: Any = service.handlers
    honest = handlers[issues.SubmitIssue]

    def submit(m: Any, s: Any) -> Iterator[Any]:
        if m.data.title in broken:
            raise ZeroDivisionError("broken on purpose")
        yield from honest(m, s)

    submit.reads = honest.reads  # type: ignore[attr-defined]  # the same rows as the honest one
    monkeypatch.setitem(handlers, issues.SubmitIssue, submit)


async def test_all_are_tried_again_and_those_that_failed_again_are_counted(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = {"a", "b", "c"}
    fail_at_titles(broken, monkeypatch)
    people: tuple[Message, ...] = (
        directory.RegisterPerson(household="h", place=line.tenant),
        directory.GrantRole(role=Role.RESIDENT, place=line.tenant),
    )
    async with Client(connection_settings(), line.tenant) as client:
        for message in people:
            await client.send(message, "p-1", by="office")
        for title in TITLES:
            sent = issues.SubmitIssue(title=title, text="x", place=line.tenant, channel="app")
            await client.reaction(await client.send(sent, f"issue-{title}", by="p-1"), 5.0)
        await client.settle()

    listed = await line("quarantine", "list", "--json")
    assert [json.loads(one)["subject"] for one in listed.out.splitlines()] == [
        "issue-a",
        "issue-b",
        "issue-c",
    ]
    some = await line("quarantine", "list", "--most", "2")
    assert "issues has 3 in all, 2 are shown here" in some.out
    assert "issue-c" not in some.out
    broken -= {"a", "b"}
    tried = await line("quarantine", "retry", "issues", "--all", "--json")
    assert (tried.code, json.loads(tried.out)) == (1, {"ok": False, "retried": 3, "failed": 1})
    broken.clear()
    tried = await line("quarantine", "retry", "issues", "--all", "--json")
    assert (tried.code, json.loads(tried.out)) == (0, {"ok": True, "retried": 1, "failed": 0})
    assert "issue-c" in (await line("list", "issues", "--json")).out
