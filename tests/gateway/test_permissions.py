"""Who may publish and subscribe to which subjects: every user tries every kind of subject on a real server."""

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
    """An example of every kind of subject, and the users who alone may publish to it.

    These are the rules a second time, as a list of subjects instead of patterns.
    """
    subjects = _shared_subjects()
    for tenant in TENANTS:
        subjects |= _subjects_of_tenant(tenant)
    # Tenants for which the publisher has no grant.
    for tenant, publisher in (("xihu", "portal"), ("donghu", "other")):
        for subject in subjects:
            if re.match(rf"(in|ask)\.{publisher}\.{tenant}\.", subject):
                subjects[subject] = set()
    return subjects


def _subjects_of_tenant(tenant: str) -> dict[str, set[str]]:
    """The subjects of one tenant, for publishers with a grant."""
    subjects: dict[str, set[str]] = {}
    # The log under the names of its writers, and questions to each service.
    for service, writers in WRITERS.items():
        subjects |= {f"log.{tenant}.{writer}.issues.issue_submitted.v1": {service} for writer in writers}
        for asker in ("gateway", "operator", "cli", "portal", "other"):
            subjects[f"ask.{asker}.{tenant}.{service}.ask_progress"] = {asker}
    # What a publisher sends, and what it gets from the gateway.
    for publisher in ("cli", "portal", "other"):
        subjects[f"in.{publisher}.{tenant}.issues.submit_issue.v1"] = {publisher}
        subjects[f"receipt.{publisher}.{tenant}"] = {"gateway"}
        subjects[f"out.{publisher}.{tenant}.issues.issue_closed.v1"] = {"gateway"}
    # The streams of the tenant: first how they are changed, then how they are read.
    for verb in ("CREATE", "UPDATE", "PURGE", "DELETE"):
        subjects[f"$JS.API.STREAM.{verb}.LOG-{tenant}"] = {"gateway"}
    for call in ("STREAM.INFO.{}", "STREAM.MSG.GET.{}", "CONSUMER.CREATE.{}.x", "CONSUMER.MSG.NEXT.{}.x"):
        subjects["$JS.API." + call.format(f"LOG-{tenant}")] = set(INTERNAL_USERS)
        subjects["$JS.API." + call.format(f"IN-{tenant}_cli")] = {"gateway", "operator"}
    return subjects


def _shared_subjects() -> dict[str, set[str]]:
    """The subjects that belong to no tenant."""
    # Subjects of the broker, inboxes of others, and replies.
    subjects: dict[str, set[str]] = {
        "$SYS.REQ.SERVER.X.RELOAD": set(),
        "$JS.API.STREAM.CREATE.EVIL": set(),
        "$JS.API.STREAM.NAMES": set(),
        "_INBOX.issues.x": set(),
        "_INBOX.gateway.x": set(),
        "_R_.x": {"gateway", *SERVICES},
        "log.donghu": set(),
        SERVERS: {"gateway"},
    }
    # The streams for all publishers, of which each reads its own consumer alone.
    for stream in ("RECEIPT", "OUT"):
        for verb in ("CREATE", "UPDATE", "PURGE", "DELETE"):
            subjects[f"$JS.API.STREAM.{verb}.{stream}"] = {"gateway"}
        for call in ("STREAM.INFO.{}", "STREAM.MSG.GET.{}", "CONSUMER.CREATE.{}.x"):
            subjects["$JS.API." + call.format(stream)] = {"gateway", "operator"}
        for publisher in ("cli", "portal", "other"):
            subjects[f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{publisher}"] = {"gateway", "operator", publisher}
            subjects[f"$JS.ACK.{stream}.{publisher}.1.1.1.1.0"] = {publisher}
    return subjects


@pytest.mark.parametrize("user", EVERYBODY)
async def test_a_user_may_publish_to_the_declared_subjects_and_no_others(
    deployment: AccountsServer, user: str
) -> None:
    # The gateway is allowed to change streams, and would really do so.
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
    """The patterns of the subjects to which the user may publish."""
    publishers = deployment.credentials.load().publishers
    if user in publishers:
        return publisher_permissions(publishers[user]).publish
    return permissions(user, publishers.values(), TENANTS).publish


def test_at_least_200_pairs_of_subject_and_user_are_declared() -> None:
    assert len(declared()) * len(EVERYBODY) >= 200


@pytest.mark.parametrize("user", EVERYBODY)
async def test_a_user_may_subscribe_to_its_own_subjects_and_no_others(
    deployment: AccountsServer, user: str
) -> None:
    own = {f"_INBOX.{user}.>"} | {
        f"ask.{asker}.*.{user}.>" for asker in ("gateway", "operator") if user in SERVICES
    }
    own |= {"ask.>", "ask.portal.>", "ask.gateway.*.issues.>"} if user == "gateway" else set()
    others = {f"_INBOX.{other}.>" for other in INTERNAL_USERS if other != user and user in INTERNAL_USERS}
    asked = {"ask.>", "ask.portal.>", "ask.gateway.*.issues.>"}
    # What the user may subscribe to, and what belongs to other users, to the log or to the broker.
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
def test_a_pattern_matches_by_the_wildcards_of_nats(pattern: str, subject: str, inside: bool) -> None:
    assert matches(pattern, subject) is inside
