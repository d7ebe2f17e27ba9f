"""Parses the times and lengths of time that a person types as options, and asks for a tenant's time."""

import re
from datetime import UTC, datetime, timedelta

import typer

from microgov.client.publisher import Client
from microgov.contracts.log import AskProgress
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.runtime.settings import Settings

UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def has_simulated_clock(settings: Settings, tenant: str) -> bool:
    """Whether the tenant's clock is simulated; also true on a machine without a file of tenants, where that is unknown."""
    return (
        any(one.simulated_clock for one in settings.hosted() if one.name == tenant)
        or not settings.tenants.exists()
    )


async def tenant_time(client: Client, service: str) -> datetime:
    """The tenant's time, in UTC. Raises Problem if its log is empty.

    It is the time of the last message that the service has folded if the clock is simulated, else that of this machine.
    """
    if not has_simulated_clock(client.settings, client.tenant):
        return datetime.now(UTC)
    now = (await client.ask(service, AskProgress(after=await client.end()))).get("now")
    if now is None:
        raise Problem(
            f"租户 {client.tenant} 的日志还是空的。", f"The log of tenant {client.tenant} is empty yet."
        )
    return datetime.fromisoformat(now)


def parse_time(text: str) -> datetime:
    """The instant of an ISO 8601 text, in UTC. Raises BadParameter if the text is not a time or has no time zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text} is no time such as 2026-04-01T08:00:00+08:00 · 不是时间") from error
    if found.tzinfo is None:
        raise typer.BadParameter(f"{text} has no time zone: add +08:00 or Z · 缺少时区")
    return found.astimezone(UTC)


def parse_duration(text: str) -> timedelta:
    """The length of time of a text such as 3d or 1d12h (units: UNITS). Raises BadParameter for any other text."""
    if not re.fullmatch(r"(\d{1,6}[wdhms])+", text):
        raise typer.BadParameter(f"{text} is no span such as 3d or 1d12h · 不是时长")
    return sum(
        (timedelta(**{UNITS[unit]: int(n)}) for n, unit in re.findall(r"(\d+)([wdhms])", text)), timedelta()
    )
