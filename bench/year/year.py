"""The synthetic year while it happens: lives that say something and wait, and the deployment that answers."""

import hashlib
import heapq
import random
from collections import Counter
from collections.abc import Callable, Generator
from datetime import datetime, timedelta

from bench.year.days import BEGIN, END, STEP, daytime
from bench.year.mistakes import Mistakes
from bench.year.town import TENANT, Person, Town
from microgov.contracts.fields import Role
from microgov.contracts.message import Event, Message
from microgov.services.chassis.log import Stored
from microgov.services.notify.channels.outcome import AttemptOutcome
from microgov.testing.deployment.memory_deployment import MemoryDeployment

Life = Generator[datetime, None, None]
"""Something that goes on for a while: it says what it has to say, then yields the time at which it goes on."""


class Year:
    """Runs lives side by side, in the order of time. `town`: who there is; `lives` counts the lives by name."""

    def __init__(self, town: Town, seed: int, sink: Callable[[Stored], None] | None = None) -> None:
        self.town, self.seed = town, seed
        self.deployment = MemoryDeployment(
            TENANT, start=BEGIN, sink=sink, collects=True, receiver=self._received
        )
        self.lives = Counter[str]()
        self.mistakes = Mistakes(town, self.chance("mistakes"), self.put)
        self._waiting: list[tuple[datetime, int, Life]] = []
        self._begun = 0

    @property
    def now(self) -> datetime:
        """The time of the year (UTC)."""
        return self.deployment.now

    def chance(self, name: str) -> random.Random:
        """Chance for one life: the same name has the same one, whatever the other lives draw."""
        return random.Random(f"{self.seed}/{name}")

    def begin(self, name: str, at: datetime, life: Callable[["Year", str], Life]) -> None:
        """Lets a life begin at this time. Its id is the name with a number."""
        self.lives[name] += 1
        self._begun += 1
        heapq.heappush(self._waiting, (at, self._begun, life(self, f"{name}-{self.lives[name]}")))

    def say(self, message: Message, subject: str, by: Person, whom: Person | None = None) -> str:
        """Sends a message now, in the name of a person, perhaps on behalf of another; returns its id. Now and then
        somebody makes a mistake beside it.
        """
        self.mistakes.before(message, subject, by)
        id = self.put(message, subject, by, whom)
        self.mistakes.after(message, subject, by)
        return id

    def put(self, message: Message, subject: str, by: Person, whom: Person | None = None) -> str:
        """Sends a message without any mistake beside it. The door lets nobody send what their role may not."""
        if by.role not in message.ROLES:
            raise ValueError(f"{by.role} may not send {message.NAME}")
        return self.deployment.put(message, subject, by.id, by.role, by.scope, whom.id if whom else None)

    def told_by(self, system: str, event: Event, subject: str) -> None:
        """Another computer system publishes an event about its own world."""
        self.deployment.put(event, subject, system, Role.SYSTEM, system=True)

    def state(self, service: str, table: str, id: str) -> str | None:
        """In which state an entity is, as people see it who look: once everything so far is folded. None: there is none."""
        with self.deployment.folds[service].engine.connect() as c:
            found = c.exec_driver_sql(f'SELECT state FROM "{table}" WHERE id = ?', (id,)).scalar()
        return None if found is None else str(found)

    def wait(self, chance: random.Random, days: float = 0, hours: float = 0) -> datetime:
        """The time to yield: about so many days later at some time of the day, or exactly so many hours later."""
        if hours:
            return self.now + timedelta(days=days, hours=hours)
        return max(self.now + STEP, daytime(self.now + timedelta(days=days), chance))

    def run(self, until: datetime = END, progress: Callable[[int], None] = lambda length: None) -> None:
        """Lets the year pass. `progress` is called with the length of the log."""
        at = self.now
        while at < until:
            at = min(until, at + STEP)
            while self._waiting and self._waiting[0][0] < at:
                moment, _, life = heapq.heappop(self._waiting)
                self.deployment.now = max(self.deployment.now, moment)
                self._go_on(life)
            self.deployment.advance(at, at_once=True)
            progress(self.deployment.log.length)

    def _go_on(self, life: Life) -> None:
        moment = next(life, None)
        if moment is not None:
            self._begun += 1
            heapq.heappush(self._waiting, (moment, self._begun, life))

    def _received(self, recipient: str, delivery: str, attempt: int) -> AttemptOutcome:
        """How an attempt to deliver by webhook ends: one in ten fails at first, one in fifty for good."""
        draw = hashlib.sha256(f"{self.seed}/{delivery}/{attempt}".encode()).digest()[0]
        if draw < 5:
            return AttemptOutcome("permanent", "http_410")
        if draw < 8:
            return AttemptOutcome("unknown", "no_answer")
        return AttemptOutcome("temporary", "http_503") if draw < 26 else AttemptOutcome("ok", "http_200")
