"""A program outside that sends commands about issues, and after any failure sends the whole burst again under the same ids.

It knows only `contracts` and nats-py, as every publisher does.
"""

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import nats
import nats.errors
from nats.js import JetStreamContext
from nats.js.errors import Error as JetStreamError

from microgov.contracts import issues
from microgov.contracts.fields import Role
from microgov.contracts.message import Message
from microgov.contracts.subjects import in_subject
from microgov.contracts.validation.incoming import incoming

PUBLISHER, PLACE, BRANCH = "loader", "yuanbu", "p-branch"
PEOPLE = tuple(f"p-{n}" for n in range(1, 13))


@dataclass
class Sent:
    """One message: what was sent, how often, and whether the broker has confirmed it."""

    id: str
    kind: str
    subject: str | None
    data: bytes
    tries: int = 0
    confirmed: bool = False


@dataclass
class LoadPublisher:
    """Everything that it has sent, by its own id, in the order of sending."""

    url: str
    tenant: str
    random: random.Random
    publisher: str = PUBLISHER
    sent: dict[str, Sent] = field(default_factory=dict)
    issues: list[str] = field(default_factory=list)
    failures: int = 0

    def make(
        self, message: Message, subject: str | None, by: str | None = None, role: Role | None = None
    ) -> Sent:
        """Puts a message down for sending."""
        id = f"m-{len(self.sent) + 1}"
        data = incoming(message, id=id, source=f"/{self.publisher}", subject=subject, authid=by, role=role)
        return self.sent.setdefault(id, Sent(id, message.TYPE, subject, data))

    def issue(self, title: str = "菜地", by: str = "p-1") -> Sent:
        """A new issue."""
        name = f"issue-{len(self.sent) + 1}"
        self.issues.append(name)
        return self.make(issues.SubmitIssue(title=title, text="没人管", place=PLACE, channel="app"), name, by)

    def cosign(self, issue: str | None, by: str) -> Sent:
        """A co-signature."""
        return self.make(issues.CosignIssue(channel="app"), issue, by)

    def withdraw(self, issue: str | None, by: str) -> Sent:
        """A co-signature taken back."""
        return self.make(issues.WithdrawCosign(channel="app"), issue, by)

    def operate(self, order: Message) -> Sent:
        """What an operator orders."""
        return self.make(order, None, role=Role.OPERATOR)

    def mixture(self, count: int) -> list[Sent]:
        """Commands of which some are refused by a rule and some rejected at the door."""
        return [self._any() for _ in range(count)]

    def _any(self) -> Sent:
        roll, person = self.random.random(), self.random.choice(PEOPLE)
        if not self.issues or roll < 0.15:
            return self.issue(by=person)
        about = self.random.choice(self.issues[-20:])
        if roll < 0.60:
            return self.cosign(about, person)
        if roll < 0.80:
            return self.withdraw(about, person)
        if roll < 0.90:
            return self.make(issues.AcceptIssue(), about, BRANCH, Role.BRANCH)
        if roll < 0.96:
            return self.make(issues.CloseIssue(outcome="resolved"), about, BRANCH, Role.BRANCH)
        return self.cosign(about, "p-nobody")

    async def send(self, messages: Sequence[Sent], burst: int = 60, pause: float = 0.01) -> None:
        """Returns when the broker has confirmed every message."""
        for some in _bursts(messages, burst, self.random):
            while not await self._burst(some):
                self.failures += 1
                await asyncio.sleep(0.2)
            await asyncio.sleep(self.random.random() * pause)

    async def _burst(self, messages: Sequence[Sent]) -> bool:
        try:
            nc = await nats.connect(self.url, allow_reconnect=False, connect_timeout=2, error_cb=_quiet)
        except (nats.errors.Error, OSError, TimeoutError):
            return False
        try:
            await asyncio.wait_for(self._publish(nc.jetstream(), messages), 5)
            return True
        except (nats.errors.Error, JetStreamError, OSError, TimeoutError):
            return False
        finally:
            await asyncio.gather(nc.close(), return_exceptions=True)

    async def _publish(self, js: JetStreamContext, messages: Sequence[Sent]) -> None:
        waiting = []
        for one in messages:
            one.tries += 1
            waiting.append(
                await js.publish_async(in_subject(self.publisher, self.tenant, one.kind), one.data)
            )
        await asyncio.gather(*waiting)
        for one in messages:
            one.confirmed = True


def _bursts(messages: Sequence[Sent], most: int, chance: random.Random) -> Iterator[Sequence[Sent]]:
    at = 0
    while at < len(messages):
        size = chance.randint(1, most)
        yield messages[at : at + size]
        at += size


async def _quiet(_: Exception) -> None:
    """A cut connection is what the rig is about; the burst is sent again."""
