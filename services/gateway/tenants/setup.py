"""`microgov tenant add`: creates everything that a tenant needs before the services start for it. Idempotent.

It creates the streams, the databases at their newest revision, the line in tenants.toml, and the first messages of the log:
the place, its office, every section of the rules with its defaults, and the grant of the command line.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from nats.js import JetStreamContext
from sqlalchemy.engine import make_url

from microgov.contracts import directory
from microgov.contracts.fields import Part, Role
from microgov.contracts.message import Message
from microgov.contracts.rules import SECTIONS, BehaviourRules
from microgov.contracts.rules.behaviour import BEHAVIOUR
from microgov.services.chassis.columns import micros
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.fold.edge import InputWriter
from microgov.services.chassis.fold.lease import Lease
from microgov.services.chassis.installed import installed
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import Log
from microgov.services.chassis.messages.stamp import Draft, Input, Sender, reported_id, stamp_input
from microgov.services.chassis.runtime.file_access import replace_whole
from microgov.services.chassis.runtime.settings import Settings, TenantSettings
from microgov.services.chassis.store import migrate, outbox
from microgov.services.chassis.store.engine import engine as make_engine
from microgov.services.chassis.telemetry import new_traceparent
from microgov.services.gateway.accounts import streams
from microgov.services.gateway.accounts.permissions import CLI, Publisher, log_name
from microgov.services.gateway.model import DoorClock

OFFICE = "office"
SIMULATED_START = datetime(2026, 3, 2, tzinfo=UTC)
"""The start of a simulated clock: a Monday, 00:00 UTC, which is 8 a.m. in Hangzhou."""


async def add_tenant(
    name: str, settings: Settings, simulated: bool = False, start: datetime = SIMULATED_START
) -> bool:
    """Sets the tenant up; returns False if its log held messages already.

    Raises Problem if the tenant exists with the other kind of clock, and Again if the broker cannot be reached.
    """
    known = next((one for one in settings.hosted() if one.name == name), None)
    if known is not None and known.simulated_clock != simulated:
        zh, en = ("模拟", "simulated") if known.simulated_clock else ("真实", "real")
        raise Problem(
            f"租户 {name} 使用{zh}时钟，不能更改；没有改动任何内容。请用原来的选项，或另建租户。",
            f"The tenant {name} has a {en} clock, which cannot be changed: nothing was. Use the options of before, or add "
            "another tenant.",
        )
    tenant = TenantSettings(name=name, simulated_clock=simulated)
    bus = await Bus.connect(settings.address(), "setup")
    try:
        async with streams.administering(bus) as js:
            await _streams(js, name)
    finally:
        await bus.close()
    for one in installed():
        await asyncio.to_thread(make_database, settings, one.name, name)
    fresh = await _first_messages(tenant, settings, start)
    _note(settings.tenants, tenant)
    return fresh


async def _streams(js: JetStreamContext, name: str) -> None:
    await streams.ensure(js, streams.log_stream(name))
    await streams.ensure_publisher(js, Publisher(CLI, (name,), ""))


def make_database(settings: Settings, home: str, tenant: str) -> None:
    """Makes the database of a service for a tenant if there is none, at the newest revision."""
    url, password = make_url(settings.database_url(home, tenant)), settings.database_password
    if url.get_backend_name() == "postgresql":
        server = make_engine(url.set(database="postgres").render_as_string(hide_password=False), password)
        with server.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
            there = c.execute(
                sa.text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": url.database}
            ).first()
            if there is None:
                c.exec_driver_sql(f'CREATE DATABASE "{url.database}"')
        server.dispose()
    made = make_engine(url.render_as_string(hide_password=False), password)
    migrate.upgrade(made, home)
    made.dispose()


async def _first_messages(tenant: TenantSettings, settings: Settings, start: datetime) -> bool:
    """Writes the first messages as `gateway`, under the tenant's lease; does nothing if the log has begun already."""
    bus = await Bus.connect(settings.address(), "setup")
    log = JetStreamLog(bus, tenant.name)
    engine = make_engine(settings.database_url("gateway", tenant.name), settings.database_password)
    lease = Lease(engine, (), ("gateway",))
    try:
        if await log.last("gateway") is not None:
            return False
        await lease.take()
        now = start if tenant.simulated_clock else await _earlier_time(bus, tenant.name)
        await _write(log, lease, InputWriter("gateway", engine, lease), tenant, now)
        lease.give_back()
        return True
    finally:
        engine.dispose()
        await log.close()


async def _earlier_time(bus: Bus, tenant: str) -> datetime:
    """The time by the machine's clock or the broker's, whichever is earlier (UTC). The two have not been compared yet, and a
    time in the future would stop the tenant's clock until then.
    """
    broker_time = datetime.fromisoformat((await bus.api(f"STREAM.INFO.{log_name(tenant)}"))["ts"])
    return min(datetime.now(UTC), broker_time)


async def _write(
    log: Log, lease: Lease, input_writer: InputWriter, tenant: TenantSettings, now: datetime
) -> None:
    await input_writer.appender.start(log, lease.engine, lease.epoch)
    if await log.last("gateway") is not None:
        return  # start() has appended them from the outbox
    with lease.engine.begin() as c:
        known = outbox.said_already(c, "gateway", [_id(tenant.name, 0)])
        if not known:
            input_writer.write(c, list(_drafts(tenant.name, now)))
        if tenant.simulated_clock and c.execute(sa.select(DoorClock.now)).first() is None:
            c.execute(sa.insert(DoorClock).values(one=1, now=micros(now)))
    await input_writer.appender.start(log, lease.engine, lease.epoch)


def _id(tenant: str, n: int) -> str:
    return reported_id(tenant, "setup", n)


def _drafts(tenant: str, now: datetime) -> Iterator[Draft]:
    sender = Sender("setup", "system", Role.OPERATOR)
    for n, (subject, message) in enumerate(_messages(tenant)):
        given = Input(message, subject, _id(tenant, n), now, sender, traceparent=new_traceparent())
        yield stamp_input(tenant, "gateway", given)


def _messages(tenant: str) -> Iterator[tuple[str, Message]]:
    yield tenant, directory.DefinePlace(kind="sub_district", name=tenant)
    yield OFFICE, directory.RegisterPerson(household=OFFICE, place=tenant)
    yield OFFICE, directory.GrantRole(role=Role.OFFICE, place=tenant)
    for section in SECTIONS:
        content = BehaviourRules(behaviour=BEHAVIOUR) if section is BehaviourRules else section()
        yield section_name(section), directory.ChangeRules(content=content)  # type: ignore[arg-type]  # one of the union's members
    everything = directory.GrantPublisher(types=["*"], follows=["*"], roles=list(Role), speaks_for="anyone")
    yield CLI, everything


def section_name(section: type[Part]) -> str:
    """The name of a section of the rules."""
    return str(section.model_fields["section"].default)


def _note(file: Path, tenant: TenantSettings) -> None:
    """Writes the line in tenants.toml; the services read the file when they start."""
    known = {one.name: one for one in Settings(tenants=file).hosted()} | {tenant.name: tenant}
    lines = ["# written by `microgov tenant add`", "[tenants]"]
    lines += [
        f"{name} = {{ simulated_clock = {str(one.simulated_clock).lower()} }}"
        for name, one in sorted(known.items())
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    replace_whole(file, "\n".join(lines) + "\n", 0o600)
