"""A program outside that sends commands about issues; after any failure it sends the burst again under the same ids.

It uses only `contracts` and nats-py, as every publisher does.
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
    """A message, how often it was sent, and whether the broker has confirmed it."""

    id: str
    kind: str
    subject: str | None
    data: bytes
    tries: int = 0
    confirmed: bool = False


@dataclass
class LoadPublisher:
    """`sent` holds its messages by id, in the order of sending; `issues` the subjects of its issues."""

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
        """Creates a message, to be sent by `send`."""
        id = f"m-{len(self.sent) + 1}"
        data = incoming(message, id=id, source=f"/{self.publisher}", subject=subject, authid=by, role=role)
        return self.sent.setdefault(id, Sent(id, message.TYPE, subject, data))

    def issue(self, title: str = "菜地", by: str = "p-1") -> Sent:
        """The submission of a new issue."""
        name = f"issue-{len(self.sent) + 1}"
        self.issues.append(name)
        return self.make(issues.SubmitIssue(title=title, text="没人管", place=PLACE, channel="app"), name, by)

    def cosign(self, issue: str | None, by: str) -> Sent:
        """A co-signature."""
        return self.make(issues.CosignIssue(channel="app"), issue, by)

    def withdraw(self, issue: str | None, by: str) -> Sent:
        """The withdrawal of a co-signature."""
        return self.make(issues.WithdrawCosign(channel="app"), issue, by)

    def operate(self, order: Message) -> Sent:
        """A command of an operator."""
        return self.make(order, None, role=Role.OPERATOR)

    def mixture(self, count: int) -> list[Sent]:
        """Random commands; a rule refuses some of them, and the door rejects some."""
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
        """Sends messages in bursts of random size; returns when the broker has confirmed every message."""
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
    """Prints no connection errors: they are expected, and the burst is sent again."""
