"""Who may publish and subscribe to what, tried on a real server: every user, every kind of subject."""

import asyncio
import re

import pytest

from microgov.services.gateway.accounts.permissions import (
    INTERNAL_USERS,
    SERVERS,
    WRITERS,
    matches,
    permissions,
    publisher_permissions,
)
from tests.gateway.conftest import TENANTS, AccountsServer

SERVICES = ("issues", "matching", "notify")
EVERYBODY = (*INTERNAL_USERS, "cli", "portal", "other")


def declared() -> dict[str, set[str]]:
    """Every kind of subject, and who alone may publish to it: the rules as a list of subjects, not as patterns."""
    subjects: dict[str, set[str]] = {}
    for tenant in TENANTS:
        for service, writers in WRITERS.items():
            subjects |= {f"log.{tenant}.{writer}.issues.issue_submitted.v1": {service} for writer in writers}
            for asker in ("gateway", "operator", "cli", "portal", "other"):
                subjects[f"ask.{asker}.{tenant}.{service}.ask_progress"] = {asker}
        for publisher in ("cli", "portal", "other"):
            subjects[f"in.{publisher}.{tenant}.issues.submit_issue.v1"] = {publisher}
            subjects[f"receipt.{publisher}.{tenant}"] = {"gateway"}
            subjects[f"out.{publisher}.{tenant}.issues.issue_closed.v1"] = {"gateway"}
        for verb in ("CREATE", "UPDATE", "PURGE", "DELETE"):
            subjects[f"$JS.API.STREAM.{verb}.LOG-{tenant}"] = {"gateway"}
        for call in ("STREAM.INFO.{}", "STREAM.MSG.GET.{}", "CONSUMER.CREATE.{}.x", "CONSUMER.MSG.NEXT.{}.x"):
            subjects["$JS.API." + call.format(f"LOG-{tenant}")] = set(INTERNAL_USERS)
            subjects["$JS.API." + call.format(f"IN-{tenant}_cli")] = {"gateway"}
    for stream in ("RECEIPT", "OUT"):
        for verb in ("CREATE", "UPDATE", "PURGE", "DELETE"):
            subjects[f"$JS.API.STREAM.{verb}.{stream}"] = {"gateway"}
        for call in ("STREAM.INFO.{}", "STREAM.MSG.GET.{}", "CONSUMER.CREATE.{}.x"):
            subjects["$JS.API." + call.format(stream)] = {"gateway", "operator"}
        for publisher in ("cli", "portal", "other"):
            subjects[f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{publisher}"] = {"gateway", "operator", publisher}
            subjects[f"$JS.ACK.{stream}.{publisher}.1.1.1.1.0"] = {publisher}
    subjects |= {
        "$SYS.REQ.SERVER.X.RELOAD": set(),
        "$JS.API.STREAM.CREATE.EVIL": set(),
        "$JS.API.STREAM.NAMES": set(),
        "_INBOX.issues.x": set(),
        "_INBOX.gateway.x": set(),
        "_R_.x": {"gateway", *SERVICES},
        "log.donghu": set(),
    }
    subjects[SERVERS] = {"gateway"}
    for tenant, publisher in (("xihu", "portal"), ("donghu", "other")):
        for subject in subjects:
            if re.match(rf"(in|ask)\.{publisher}\.{tenant}\.", subject):
                subjects[subject] = set()
    return subjects


@pytest.mark.parametrize("user", EVERYBODY)
async def test_a_user_may_publish_what_is_declared_and_nothing_else(
    deployment: AccountsServer, user: str
) -> None:
    subjects = [subject for subject in declared() if "STREAM" not in subject or user != "gateway"]

    async with deployment.client(user) as (client, forbidden):
        for subject in subjects:
            await client.publish(subject, b"not json")
        await client.flush()
        await wait_for_refusals(forbidden)

    allowed = {subject for subject in subjects if subject.lower() not in forbidden}
    assert allowed == {subject for subject in subjects if user in declared()[subject]}
    assert allowed == {
        subject for subject in subjects if any(matches(p, subject) for p in patterns(deployment, user))
    }


async def wait_for_refusals(forbidden: list[str]) -> None:
    """Waits until no more refusals arrive: the server sends each by itself, on a busy machine some time later."""
    before = -1
    while len(forbidden) != before:
        before = len(forbidden)
        await asyncio.sleep(0.2)


def patterns(deployment: AccountsServer, user: str) -> tuple[str, ...]:
    publishers = deployment.credentials.load().publishers
    if user in publishers:
        return publisher_permissions(publishers[user]).publish
    return permissions(user, publishers.values(), TENANTS).publish


def test_the_matrix_is_large_enough() -> None:
    assert len(declared()) * len(EVERYBODY) >= 200


@pytest.mark.parametrize("user", EVERYBODY)
async def test_a_user_may_subscribe_to_what_is_its_own(deployment: AccountsServer, user: str) -> None:
    own = {f"_INBOX.{user}.>"} | {
        f"ask.{asker}.*.{user}.>" for asker in ("gateway", "operator") if user in SERVICES
    }
    own |= {"ask.>", "ask.portal.>", "ask.gateway.*.issues.>"} if user == "gateway" else set()
    others = {f"_INBOX.{other}.>" for other in INTERNAL_USERS if other != user and user in INTERNAL_USERS}
    asked = {"ask.>", "ask.portal.>", "ask.gateway.*.issues.>"}
    tried = own | others | asked | {">", "log.>", "log.donghu.>", "in.>", "receipt.>", "$JS.>", "$SYS.>"}
    if user == "issues":
        own |= {"ask.gateway.*.issues.>"}

    async with deployment.client(user) as (client, forbidden):
        for subject in sorted(tried):
            await client.subscribe(subject)
        await client.flush()
        await wait_for_refusals(forbidden)

    assert {subject for subject in tried if subject.lower() not in forbidden} == own


@pytest.mark.parametrize(
    ("pattern", "subject", "inside"),
    [
        ("a.>", "a.b.c", True),
        ("a.>", "a", False),
        ("a.*.c", "a.b.c", True),
        ("a.*", "a.b.c", False),
        ("a.b", "a.b", True),
    ],
)
def test_patterns_are_read_as_the_server_reads_them(pattern: str, subject: str, inside: bool) -> None:
    assert matches(pattern, subject) is inside
