"""Runs one service message by message: no broker, no batches, one in-memory database."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from microgov.contracts.directory import PersonRegistered, PlaceDefined, RulesChanged
from microgov.contracts.fields import Role
from microgov.contracts.ids import MESSAGE_NAMESPACE, message_id
from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import Command, Envelope, Event, Message, plain
from microgov.contracts.rules import SECTIONS
from microgov.services.chassis.model import Refused, Said
from microgov.services.chassis.service import Service, several
from microgov.testing.driver_session import DriverSession
from microgov.testing.envelopes import stored_envelope
from microgov.testing.memory_databases import content, copied, database

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""When every test begins: a Monday, 16:00 by local time (UTC+8)."""
TYPICAL_ROLES = (Role.RESIDENT, Role.BRANCH, Role.ORGANISATION, Role.OFFICE)
"""The first of these roles that may send a command sends it, unless the test names another."""
PLACES = {"donghu": [], "yuanbu": ["donghu"], "yuanbu-south": ["yuanbu", "donghu"], "elsewhere": ["donghu"]}
"""Each place with the places around it, the nearest first."""


class ServiceDriver:
    """`say` sends a command, `hear` an event of another service, at the time `now`; `wait` lets time pass.

    `log` holds the events of the service, `everything` also the messages that it received.
    """

    def __init__(self, service: Service, session: DriverSession | None = None) -> None:
        self.service, self.now, self.count = service, START, 0
        self.log: list[Envelope[Any]] = []
        self.everything: list[Envelope[Any]] = []
        self.s = session or DriverSession(database(service))

    def say(
        self,
        command: Command,
        subject: str | None = None,
        by: str = "p-wang",
        role: str | None = None,
        scope: str = "donghu",
        at: datetime | None = None,
        on_behalf_of: str | None = None,
    ) -> list[Said]:
        """Sends a command; returns its events. Raises Refused, and then no row has changed."""
        chosen = Role(role) if role else next((r for r in TYPICAL_ROLES if r in command.ROLES), None)
        if chosen not in command.ROLES:
            raise Refused("role_not_allowed", "身份不符", "this role may not send it", "role")
        return self.fold(
            self.envelope(command, subject, by=by, role=chosen, scope=scope, at=at, onbehalfof=on_behalf_of)
        )

    def hear(
        self, event: Event, subject: str = "x", by: str = "p-office", role: str | None = None
    ) -> list[Said]:
        """Folds an event of another service; returns the events that follow."""
        return self.fold(self.envelope(event, subject, by=by, role=Role(role) if role else None, scope=None))

    def envelope(
        self,
        message: Message,
        subject: str | None,
        by: str,
        role: Role | None,
        scope: str | None,
        at: datetime | None = None,
        onbehalfof: str | None = None,
        cause: Envelope[Any] | None = None,
        n: int = 0,
    ) -> Envelope[Any]:
        """The message as it would stand in the log, parsed from its own bytes; `n`: which event of the cause it is."""
        self.count += 1
        name = f"test/{self.service.name}/{self.count}"
        id = (
            message_id(cause.id, f"{self.service.name}/{n}") if cause else message_id(MESSAGE_NAMESPACE, name)
        )
        self.now = max(self.now, at or self.now)
        sender = {"authid": by, "role": role, "scope": scope, "onbehalfof": onbehalfof}
        values = {
            "id": id,
            "subject": subject or id,
            "sequence": f"{self.count:019}",
            "correlationid": cause.correlationid if cause else id,
        }
        return stored_envelope(message, at or self.now, values | sender)

    def fold(self, m: Envelope[Any]) -> list[Said]:
        """Handles a message as the fold does: calls the handler, writes the rows, returns the events."""
        handler = self.service.handlers.get(type(m.data))
        if isinstance(m.data, DeadlineReached):
            handler = self.service.deadlines[m.data.kind]
        if handler is None:
            return []
        self.s.flush()
        self.everything.append(m)
        try:
            said = list(several(handler(m, self.s)))
        except Refused:
            assert self.s.pending() == [], "a refusal changed rows"
            raise
        self.s.flush()
        before = len(self.log)
        for n, (event, subject, _) in enumerate(said):
            self.log.append(
                self.envelope(
                    event,
                    subject,
                    by=m.authid,
                    role=m.role,
                    scope=m.scope,
                    at=m.recordedtime,
                    onbehalfof=m.onbehalfof,
                    cause=m,
                    n=n,
                )
            )
        self.everything += self.log[before:]
        return said

    def wait(self, **time: int) -> list[Said]:
        """Lets time pass; the deadlines that fall due are handled in their order. Returns their events."""
        until, said, deadline = self.now + timedelta(**time), list[Said](), self._deadline_class()
        while True:
            due = self.s.scalars(
                select(deadline)
                .where(deadline.due_at <= until)
                .order_by(deadline.due_at, deadline.kind, deadline.entity)
            ).first()
            if due is None:
                self.now = until
                return said
            reached = DeadlineReached(
                service=self.service.name, kind=due.kind, entity=due.entity, due_at=due.due_at
            )
            self.s.delete(due)
            self.s.flush()
            said += self.fold(
                self.envelope(reached, reached.entity, by="clock", role=None, scope=None, at=due.due_at)
            )

    def _deadline_class(self) -> Any:
        """The class of the service's deadline rows."""
        return next(m.class_ for m in self.service.base.registry.mappers if m.class_.__name__ == "Deadline")

    def row(self, cls: Any, *key: Any) -> Any:
        """The row with this key, which must exist."""
        found = self.s.get(cls, key if len(key) > 1 else key[0])
        assert found is not None
        return found

    def rows(self, cls: Any) -> list[Any]:
        """All rows of a table, in the order of the key."""
        return list(self.s.scalars(select(cls).order_by(*cls.__mapper__.primary_key)))


def refusal(driver: ServiceDriver, command: Command, subject: str | None = None, **how: Any) -> Refused:
    """Sends a command that must be refused; returns the refusal, which has a sentence in both languages."""
    try:
        driver.say(command, subject, **how)
    except Refused as refused:
        assert refused.words.zh
        assert refused.words.en
        return refused
    raise AssertionError(f"{type(command).__name__} was not refused")


def driver_of(
    service: Service, session: DriverSession | None = None, /, **rules: dict[str, Any]
) -> ServiceDriver:
    """A driver whose service knows places, people p-1 … p-8 and the default rules; `rules` changes values by section."""
    if session is not None:
        return idle_driver(ServiceDriver(service, session), **rules)
    tables = service.base.metadata.tables
    key = id(service), len(tables), repr(sorted(rules.items()))
    if key not in PREPARED:
        PREPARED[key] = PreparedDriver(idle_driver(ServiceDriver(service), **rules))
    return PREPARED[key].driver()


class PreparedDriver:
    """The state of a driver, of which copies can be made."""

    def __init__(self, driver: ServiceDriver) -> None:
        driver.s.commit()
        # Kept, so that no later service gets its `id`, by which PREPARED finds this one.
        self.service = driver.service
        self.rows = content(driver.s.engine)
        self.log, self.everything, self.now, self.count = (
            driver.log,
            driver.everything,
            driver.now,
            driver.count,
        )

    def driver(self) -> ServiceDriver:
        """A new driver with a copy of the state."""
        made = ServiceDriver(self.service, DriverSession(copied(self.rows)))
        made.log, made.everything, made.now, made.count = (
            [*self.log],
            [*self.everything],
            self.now,
            self.count,
        )
        return made


PREPARED: dict[tuple[int, int, str], PreparedDriver] = {}
"""Prepared drivers by service, number of tables and rules: most tests start with the same ones."""


def idle_driver(driver: ServiceDriver, **rules: dict[str, Any]) -> ServiceDriver:
    """Sends the reference data of `driver_of` to an existing driver."""
    for place, path in PLACES.items():
        kind = "sub_district" if not path else "compound"
        driver.hear(PlaceDefined.model_validate({"kind": kind, "name": place, "path": [place, *path]}), place)
    for section in SECTIONS:
        name = section.model_fields["section"].default
        change_rules(driver, name, **rules.get(name, {}))
    for n in range(1, 9):
        driver.hear(
            PersonRegistered(
                person=f"p-{n}",
                household=f"h-{(n + 1) // 2}",
                place="yuanbu-south",
                language="zh-Hans" if n % 2 else "en",
            ),
            f"p-{n}",
        )
    return driver


def change_rules(driver: ServiceDriver, section: str, **values: Any) -> None:
    """Puts a section of the rules in force: these values, and defaults for all others."""
    chosen = next(s for s in SECTIONS if s.model_fields["section"].default == section)
    content = plain(chosen.model_validate(values))
    driver.hear(RulesChanged.model_validate({"section": section, "version": 1, "content": content}), section)


def names(said: list[Said]) -> list[str]:
    """The class names of the events."""
    return [type(event).__name__ for event, _, _ in said]
