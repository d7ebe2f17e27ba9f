"""A whole deployment in memory: services that hear each other, time that passes, and what their edges report.

deployment = MemoryDeployment("donghu", start=datetime(2026, 3, 2, tzinfo=UTC))
deployment.send(DefinePlace(kind="sub_district", name="东湖"), "donghu", by="office", role=Role.OFFICE)
deployment.advance(deployment.now + timedelta(days=3))
deployment.write(Path("tests/logs/mine.ndjson"))
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from microgov.contracts.directory import ChangeRules
from microgov.contracts.fields import Role
from microgov.contracts.ids import outside_id
from microgov.contracts.issues import BallotOpened
from microgov.contracts.message import Event, Message
from microgov.contracts.rules import SECTIONS, Rules
from microgov.contracts.subjects import log_subject
from microgov.folds import FOLDS
from microgov.services.chassis.log import Stored
from microgov.services.chassis.messages.parsed import Parsed
from microgov.services.chassis.messages.stamp import (
    Draft,
    Input,
    Sender,
    reported_id,
    stamp_input,
    system_sender,
)
from microgov.services.chassis.service import Service
from microgov.testing.deployment import edges
from microgov.testing.deployment.edges import Receiver, received, writer_of
from microgov.testing.deployment.log import Sink
from microgov.testing.deployment.services import DeploymentState, ServicesInMemory
from microgov.testing.deployment.teller import TellerInMemory

DOOR, PUBLISHER = "gateway", "cli"
START = datetime(2026, 1, 1, tzinfo=UTC)


class MemoryDeployment(ServicesInMemory):
    """The services of one tenant in memory. What they decide is what they decide in production; the door's decisions (who
    may send what, in which role and scope) are the caller's.

    `receiver` decides how deliveries of notices end. The other arguments are those of ServicesInMemory.
    """

    def __init__(
        self,
        tenant: str,
        services: Sequence[Service] = FOLDS,
        start: datetime = START,
        sink: Sink | None = None,
        collects: bool = False,
        receiver: Receiver = received,
    ) -> None:
        super().__init__(tenant, services, start, sink, collects)
        self.receiver = receiver
        self._begin_counting()

    def _begin_counting(self) -> None:
        issues = self.folds.get("issues")
        self._teller = TellerInMemory(issues.engine, self.tenant) if issues is not None else None

    def restore(self, kept: DeploymentState) -> None:
        """Returns to an earlier state; secret ballots that were open in it are counted again."""
        super().restore(kept)
        self._begin_counting()

    def send(
        self,
        message: Message,
        subject: str,
        by: str,
        role: Role | None = None,
        scope: str | None = None,
        on_behalf_of: str | None = None,
        at: datetime | None = None,
    ) -> list[Stored]:
        """Sends a message in the name of the person `by` and folds it with everything that follows, which is returned.

        `role`: needed if the type of message allows several. `scope`: the place at which the person has it; the whole
        tenant, unless it is named. `at`: moves the clock to this time first; what is due in between is not reported.
        """
        self.put(message, subject, by, role, scope, on_behalf_of, at)
        return self.settle()

    def put(
        self,
        message: Message,
        subject: str,
        by: str,
        role: Role | None = None,
        scope: str | None = None,
        on_behalf_of: str | None = None,
        at: datetime | None = None,
        name: str | None = None,
        system: bool = False,
    ) -> str:
        """Writes a message into the log as the door does, and returns its id. Nothing is folded before `settle`, so that
        many messages can be folded at once.

        `name` is the id that the publisher gives the message. `system`: a program sends it in its own name, `by`.
        """
        self.now = max(self.now, at or self.now)
        publisher, own = by if system else PUBLISHER, name or f"{self.log.numbers.get(DOOR, 0) + 1}"
        if role is None:
            role = _only_role(message)
        if system:
            sender = Sender(by, "service_account", role)
        else:
            sender = Sender(by, "app_user", role, scope or self.tenant, on_behalf_of)
        id = outside_id(self.tenant, publisher, own)
        given = Input(message, subject, id, self.now, sender, publisher=publisher, publisherid=own)
        self.append(DOOR, stamp_input(self.tenant, DOOR, given))
        return id

    def set_rules(self, *sections: Rules) -> None:
        """Puts the rules in force: these sections, and the defaults of every other, as `microgov tenant add` does."""
        given = {one.section: one for one in sections}
        for section in SECTIONS:
            default: Any = section()
            content = given.get(default.section, default)
            self.put(ChangeRules(content=content), content.section, "office", Role.OFFICE)
        self.settle()

    def report(self, service: str, event: Event, subject: str, name: str | None = None) -> None:
        """Writes an event as the edge of this service reports it. `name` tells two reports of one type about one subject
        apart. Nothing is folded before `settle`.
        """
        writer = writer_of(service)
        id = reported_id(self.tenant, writer, name or subject, event.TYPE)
        self._put_reports([Input(event, subject, id, self.now, system_sender(writer))])

    def hear(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """Appends an input as it stands in another log, with a number of its own; returns everything that follows."""
        self.now = max(self.now, datetime.fromisoformat(body["recordedtime"]))
        subject = log_subject(self.tenant, body["writer"], body["type"])
        data = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        self.append(body["writer"], Draft(body["id"], subject, data))
        return [orjson.loads(stored.data) for stored in self.settle()]

    def _put_reports(self, inputs: Iterable[Input]) -> int:
        before = self.log.length
        for one in inputs:
            self.append(one.sender.authid, stamp_input(self.tenant, one.sender.authid, one))
        return self.log.length - before

    def folded(self, messages: Sequence[Parsed]) -> None:
        """Makes the keys of secret ballots that were opened."""
        if self._teller is not None:
            for one in messages:
                if isinstance(one.m.data, BallotOpened) and one.m.data.secret:
                    self._teller.opened(one.m.subject)

    def advance(self, to: datetime, at_once: bool = False) -> None:
        """Lets time pass: deadlines are reported, notices delivered, secret ballots counted.

        Each deadline is reported at its own time; `at_once`: all that are due by `to` are reported at `to`, as by an edge
        that was away for a while. That is faster.
        """
        self.settle()
        self.report_work()
        while found := self._due(to):
            at = to if at_once else found[0].due_at
            self.now = max(self.now, at)
            some = found if at_once else [one for one in found if one.due_at == at]
            self._put_reports(one.report(self.tenant, self.now) for one in some)
            self.settle()
            self.report_work()
        self.now = max(self.now, to)

    def report_due(self, until: datetime, most: int) -> int:
        """Reports the deadlines that are due by `until`, each at its own time, and nothing else; returns their number.

        At most `most`: some entities set the next deadline whenever one is reached, for ever.
        """
        for count in range(most):
            found = self._due(until, 1)
            if not found:
                return count
            self.now = max(self.now, found[0].due_at)
            self._put_reports([found[0].report(self.tenant, found[0].due_at)])
            self.settle()
        return most

    def _due(self, until: datetime, most: int = edges.DUE_AT_ONCE) -> list[edges.Due]:
        return sorted(one for fold in self.folds.values() for one in edges.due(fold, until, most))

    def report_work(self) -> None:
        """Delivers the notices that wait, and makes keys and counts of secret ballots, until nothing is left to do."""
        while self._put_reports([*self._attempts(), *self._counts()]):
            self.settle()

    def _attempts(self) -> list[Input]:
        notify = self.folds.get("notify")
        return edges.attempts(notify, self.tenant, self.now, self.receiver) if notify is not None else []

    def _counts(self) -> list[Input]:
        return self._teller.reports(self.now) if self._teller is not None else []


def _only_role(message: Message) -> Role:
    """The role in which a message is sent if its type allows one alone."""
    allowed = sorted(message.ROLES)
    if len(allowed) != 1:
        raise ValueError(f"name the role: {message.NAME} may be sent by {', '.join(allowed)}")
    return allowed[0]
