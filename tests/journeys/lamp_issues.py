"""Helpers of the tests that restart a gateway: a resident whose issue is a broken lamp, and checks of log and receipts."""

import asyncio
from collections import Counter
from pathlib import Path

from microgov.contracts import directory, issues
from microgov.contracts.fields import Role
from microgov.services.chassis.recording.audit import check_log
from tests.support.deployment import Deployment, OutsideProgram

LAMP = issues.SubmitIssue(title="路灯", text="不亮", place="town", channel="app")


def database(folder: Path) -> str:
    return f"sqlite:///{folder}/{{service}}/{{tenant}}.sqlite"


async def audit_findings(deployment: Deployment) -> list[str]:
    """What an audit of the log finds wrong."""
    log = await deployment.log()
    try:
        return (await check_log(log)).findings
    finally:
        await log.close()


async def register_resident(cli: OutsideProgram) -> None:
    """Registers resident p-1."""
    for message, subject, by in (
        (directory.RegisterPerson(household="h", place=cli.tenant), "p-1", "office"),
        (directory.GrantRole(role=Role.RESIDENT, place=cli.tenant), "p-1", "office"),
    ):
        await cli.receipt(await cli.publish(message, subject, by=by), "accepted")


def lamp(tenant: str) -> issues.SubmitIssue:
    """An issue about a broken lamp, in the tenant's whole area."""
    return LAMP.model_copy(update={"place": tenant})


async def check_one_receipt_each(cli: OutsideProgram, ids: list[str]) -> None:
    """Asserts that each message has one receipt of the door, and that no second one arrives within half a second."""
    for id in ids:
        await cli.receipt(id)
    await asyncio.sleep(0.5)
    counts: Counter[str] = Counter(
        {id: len([r for r in cli.receipts[id] if r["status"] != "refused"]) for id in ids}
    )
    assert set(counts.values()) == {1}, counts
