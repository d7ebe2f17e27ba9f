"""The fold of issues, run in the process of the test: it crashes and restarts faster than a process could start."""

import asyncio
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from microgov.contracts.directory import PersonRegistered, PlaceDefined, RulesChanged
from microgov.contracts.fields import Role
from microgov.contracts.ids import MESSAGE_NAMESPACE, message_id, outside_id
from microgov.contracts.message import Message
from microgov.contracts.rules import SECTIONS
from microgov.contracts.validation.incoming import check
from microgov.services.chassis.cancellation import cancel_and_wait
from microgov.services.chassis.fault_points import NO_FAULTS, FaultPoints
from microgov.services.chassis.fold.lease import Lease
from microgov.services.chassis.fold.loop import FoldLoop
from microgov.services.chassis.jetstream.connection import BrokerAddress, Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import Log, Outgoing, Stored
from microgov.services.chassis.messages.parsed import HandlerFailed, Parsed
from microgov.services.chassis.messages.stamp import Draft, Input, Sender, stamp_input, system_sender
from microgov.services.chassis.service import Service
from microgov.services.chassis.store import migrate
from microgov.services.chassis.store.engine import engine as make_engine
from microgov.services.gateway.accounts import streams
from microgov.services.gateway.tenants.setup import section_name
from microgov.services.issues.handlers import service as issues
from tests.rig import ledger
from tests.rig.expected_fold import ExpectedFold
from tests.rig.fault_actions import SimulatedCrash
from tests.rig.idle import IdleWatch
from tests.rig.ledger import Findings
from tests.rig.publisher import BRANCH, PEOPLE, PLACE, PUBLISHER, LoadPublisher, Sent
from tests.rig.streams import read_all

COMMANDS = 120
NUMBERS = count(1)


@dataclass
class Parts:
    """The parts that a fold is made of. A test replaces one of them by a planted bug, and those that would hide the bug.

    `replayed` is the service of the expected fold if that differs from `service`. `alter_fold` may change the fold before it
    runs. `batch` is the greatest number of messages in a transaction.
    """

    service: Service = issues
    replayed: Service | None = None
    lease: type[Lease] = Lease
    fold: type[FoldLoop] = FoldLoop
    log: type[JetStreamLog] = JetStreamLog
    alter_fold: Callable[[FoldLoop], None] = lambda fold: None
    batch: int = 20


@dataclass
class InProcessFold:
    """A fold with its own tenant and log. `direct` is the URL of the broker, `url` the one that the fold uses (a proxy's).

    `last_number` and `last_seq` belong to the messages that were appended as the gateway: the last number, and its sequence
    in the log.
    """

    direct: str
    url: str
    folder: Path
    seed: int
    parts: Parts = field(default_factory=Parts)

    def __post_init__(self) -> None:
        self.tenant = f"b{next(NUMBERS)}-{self.seed}"
        self.random = random.Random(self.seed)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.engine = make_engine(f"sqlite:///{self.folder}/{self.seed}.sqlite")
        self.loader = LoadPublisher(self.direct, self.tenant, self.random)
        self.last_number = self.last_seq = 0

    async def set_up(self) -> None:
        """Writes reference data and commands into the log, as the directory and the door would."""
        migrate.upgrade(self.engine, "issues")
        bus = await Bus.connect(BrokerAddress(self.direct))
        await streams.ensure(bus.nc.jetstream(), streams.log_stream(self.tenant))
        deployment = [draft.numbered(n) for n, draft in enumerate(self._reference_data(), 1)]
        await JetStreamLog(bus, self.tenant).append("directory", deployment, 0)
        await bus.close()
        await self.add(self.loader.mixture(COMMANDS))

    async def add(self, sent: Sequence[Sent]) -> None:
        """Appends more commands, as the door would."""
        log = JetStreamLog(await Bus.connect(BrokerAddress(self.direct)), self.tenant)
        rows = [draft.numbered(self.last_number + n) for n, draft in enumerate(self._commands(sent), 1)]
        self.last_seq, self.last_number = (
            await log.append("gateway", rows, self.last_seq),
            self.last_number + len(rows),
        )
        await log.close()

    def _reference_data(self) -> Iterator[Draft]:
        facts: list[tuple[str, Message]] = [(PLACE, PlaceDefined(kind="compound", name=PLACE, path=[PLACE]))]
        facts += [
            (section_name(s), RulesChanged(section=section_name(s), version=1, content=s()))  # type: ignore[arg-type]  # one of the union
            for s in SECTIONS
        ]
        facts += [
            (p, PersonRegistered(person=p, household=p, place=PLACE, language="zh-Hans"))
            for p in (*PEOPLE, BRANCH)
        ]
        for n, (subject, fact) in enumerate(facts):
            given = Input(
                fact,
                subject,
                message_id(MESSAGE_NAMESPACE, f"{self.tenant}/{n}"),
                datetime.now(UTC),
                system_sender("directory"),
            )
            yield stamp_input(self.tenant, "directory", given)

    def _commands(self, sent: Sequence[Sent]) -> Iterator[Draft]:
        for one in sent:
            m = check(one.data)
            sender = Sender(m.authid or "", "app_user", m.role or Role.RESIDENT, PLACE)
            id = outside_id(self.tenant, PUBLISHER, m.id)
            yield stamp_input(
                self.tenant,
                "gateway",
                Input(
                    m.data,
                    m.subject or id,
                    id,
                    datetime.now(UTC),
                    sender,
                    publisher=PUBLISHER,
                    publisherid=m.id,
                ),
            )

    async def run_until_crash(
        self, points: FaultPoints = NO_FAULTS, alter_fold: Callable[[FoldLoop], None] = lambda fold: None
    ) -> None:
        """Runs a fold under its lease until it crashes or is cancelled; `alter_fold` may change it before."""
        lease = self.parts.lease(self.engine, ("LOG",), ("issues", "issues-edge"))
        await lease.take()

        async def connect() -> Log:
            return self.parts.log(await Bus.connect(BrokerAddress(self.url)), self.tenant, points=points)

        fold = self.parts.fold(
            self.parts.service, self.tenant, self.engine, connect, lease, points, self.parts.batch
        )
        self.parts.alter_fold(fold)
        alter_fold(fold)
        try:
            await fold.run()
        except SimulatedCrash:
            pass
        finally:
            await asyncio.to_thread(lease.give_back)
            fold.thread.shutdown()

    async def wait_until_idle(self, patience: float = 6.0) -> str:
        """Waits until nothing is in flight. Returns an empty text, or what is still in flight after `patience` seconds."""
        return await IdleWatch(self.direct, self.tenant, [issues], {"issues": self.engine}).wait(patience)

    async def settle(self, *running: "asyncio.Task[None]", patience: float = 6.0) -> Findings:
        """Waits until nothing is in flight, cancels the running folds, and returns the differences found by the ledger."""
        found = Findings()
        in_flight = await self.wait_until_idle(patience)
        found.stuck += [in_flight] if in_flight else []
        await cancel_and_wait(*running)
        self._check_ledger([one.stored for one in await read_all(self.direct, f"LOG-{self.tenant}")], found)
        self.engine.dispose()
        return found

    def _check_ledger(self, messages: list[Stored], found: Findings) -> None:
        log, fresh = (
            ledger.bodies(messages),
            ExpectedFold(self.parts.replayed or self.parts.service, self.tenant),
        )
        try:
            fresh.fold(messages)
        except HandlerFailed as failed:
            found.stuck.append(f"the log cannot be folded again: {failed}")
        ledger.check_numbers(log, found)
        with self.engine.connect() as c:
            ledger.check_said(issues, log, fresh, found)
            ledger.check_tables(issues, c, fresh, found)
            ledger.check_outboxes(c, log, found)
        ledger.check_effects([issues], log, set(), found)
        ledger.check_entities(log, found)
        fresh.close()


class PausedThread(FaultPoints):
    """Pauses a thread after its next commit once `armed` is set, until `wake` is set; `asleep` is set while it waits."""

    def __init__(self) -> None:
        self.armed = False
        self.asleep, self.wake = threading.Event(), threading.Event()

    def hit(self, name: str) -> None:
        if name == "after_commit":
            self._sleep()

    def _sleep(self) -> None:
        if self.armed:
            self.armed = False
            self.asleep.set()
            self.wake.wait(10)

    def pause_before_transaction(self, fold: FoldLoop) -> None:
        """Makes this fold pause between fetching messages and its transaction, instead of after a commit."""
        honest = fold._transaction

        def transaction(batch: Sequence[Parsed]) -> tuple[list[Outgoing], int]:
            self._sleep()
            return honest(batch)

        fold._transaction = transaction  # type: ignore[method-assign]  # this fold alone
