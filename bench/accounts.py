"""The broker as it is deployed: the accounts and permissions of a deployment, through which every contestant goes.

A contestant finds the credentials in the folder that BENCH_CREDENTIALS names; without it the broker is a plain one, and
everybody may do everything.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.workload import TENANT
from microgov.services.chassis.jetstream.connection import BrokerAddress
from microgov.services.gateway.accounts.credentials import Credentials
from tests.support.servers import NatsServer, free_port

CREDENTIALS_VARIABLE = "BENCH_CREDENTIALS"
EXTRA_SUBJECTS = (f"$JS.API.CONSUMER.DURABLE.CREATE.LOG-{TENANT}.>", f"$JS.ACK.LOG-{TENANT}.>")
"""What the obvious way needs besides: our services have no durable consumer and acknowledge nothing, and so may not."""
SERVICES_MEASURED = ("issues", "matching")


class User(NamedTuple):
    """Who a contestant is at the broker; nobody at a plain one."""

    name: str | None
    password_file: Path | None

    @property
    def password(self) -> str | None:
        """The secret itself."""
        return self.password_file.read_text().strip() if self.password_file is not None else None

    def address(self, url: str) -> BrokerAddress:
        """Where the broker is, and who we are there."""
        return BrokerAddress(url, self.name, self.password)


def user(name: str) -> User:
    """A service, or the program that prepares log and database (`gateway`)."""
    folder = os.environ.get(CREDENTIALS_VARIABLE)
    return User(name, Path(folder) / f"nats_{name}") if folder else User(None, None)


@contextmanager
def broker(folder: Path, plain: bool = False) -> Iterator[NatsServer]:
    """A running one; contestants that are started inside of this go through its accounts."""
    if plain:
        with NatsServer(folder / "nats") as server:
            yield server
        return
    port, credentials = free_port(), Credentials(folder / "nats", folder / "secrets")
    credentials.prepare([TENANT])
    credentials.write_server(port=port, store_dir=str(folder / "store"))
    accounts = folder / "nats" / "accounts.conf"
    accounts.write_text(_acknowledging(accounts.read_text()))
    os.environ[CREDENTIALS_VARIABLE] = str(folder / "secrets")
    try:
        with NatsServer(folder / "nats", (folder / "nats" / "nats.conf").read_text(), port) as server:
            yield server
    finally:
        del os.environ[CREDENTIALS_VARIABLE]


def _acknowledging(text: str) -> str:
    """The accounts, in which the services may keep durable consumers, which push what they read into their inboxes."""
    for name in SERVICES_MEASURED:
        inbox, account = f'"_INBOX.{name}.>"', f'"USER-{name}"'
        allowed = ", ".join(f'"{subject}"' for subject in EXTRA_SUBJECTS)
        text = _after(text, f'user: "{name}"', "allow: [", f"{allowed}, ")
        text = _after(
            text,
            f"{account} {{",
            "imports: [",
            *(f'\n      {{ service: {{ account: "HOUSE", subject: "{subject}" }} }}' for subject in EXTRA_SUBJECTS),
            f'\n      {{ stream: {{ account: "HOUSE", subject: {inbox} }} }}',
        )
        text = _after(
            text, '"HOUSE" {', "exports: [", f"\n      {{ stream: {inbox}, accounts: [{account}] }}"
        )
    everybody = ", ".join(f'"USER-{name}"' for name in SERVICES_MEASURED)
    services = (f'\n      {{ service: "{subject}", accounts: [{everybody}] }}' for subject in EXTRA_SUBJECTS)
    return _after(text, '"HOUSE" {', "exports: [", *services)


def _after(text: str, place: str, mark: str, *more: str) -> str:
    """The text with more of it behind the first mark that follows a place."""
    at = text.index(mark, text.index(place)) + len(mark)
    return text[:at] + "".join(more) + text[at:]
