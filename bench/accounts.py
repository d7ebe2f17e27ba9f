"""A broker with the accounts and permissions of a deployment, at which every contestant logs in.

A contestant is one of the programs that are measured side by side. It finds its credentials in the folder that the variable
BENCH_CREDENTIALS names. Without that variable the broker has no accounts, and every program may do everything.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.workload import TENANT
from microgov.services.chassis.jetstream.connection import BrokerAddress
from microgov.services.gateway.accounts.credentials import Credentials
from tests.support.ports import free_port
from tests.support.servers import NatsServer

CREDENTIALS_VARIABLE = "BENCH_CREDENTIALS"
EXTRA_SUBJECTS = (f"$JS.API.CONSUMER.DURABLE.CREATE.LOG-{TENANT}.>", f"$JS.ACK.LOG-{TENANT}.>")
"""Subjects that the naive service needs besides: it has a durable consumer and acknowledges. Our services do neither, so a
deployment does not allow it."""
SERVICES_MEASURED = ("issues", "matching")
"""The services under whose users the contestants log in."""


class User(NamedTuple):
    """The user and password file of a contestant at the broker; both None at a broker without accounts."""

    name: str | None
    password_file: Path | None

    @property
    def password(self) -> str | None:
        """The password, read from the file; None without accounts."""
        return self.password_file.read_text().strip() if self.password_file is not None else None

    def address(self, url: str) -> BrokerAddress:
        """The broker's address, with user and password."""
        return BrokerAddress(url, self.name, self.password)


def user(name: str) -> User:
    """The user named `name`: a service, or `gateway`, which prepares log and database."""
    folder = os.environ.get(CREDENTIALS_VARIABLE)
    return User(name, Path(folder) / f"nats_{name}") if folder else User(None, None)


@contextmanager
def broker(folder: Path, plain: bool = False) -> Iterator[NatsServer]:
    """Runs a broker. Contestants that are started inside of the context log in with its accounts; `plain`: without any."""
    if plain:
        with NatsServer(folder / "nats") as server:
            yield server
        return
    port, credentials = free_port(), Credentials(folder / "nats", folder / "secrets")
    credentials.prepare([TENANT])
    credentials.write_server(port=port, store_dir=str(folder / "store"))
    accounts = folder / "nats" / "accounts.conf"
    accounts.write_text(_with_durable_consumers(accounts.read_text()))
    os.environ[CREDENTIALS_VARIABLE] = str(folder / "secrets")
    try:
        with NatsServer(folder / "nats", (folder / "nats" / "nats.conf").read_text(), port) as server:
            yield server
    finally:
        del os.environ[CREDENTIALS_VARIABLE]


def _with_durable_consumers(text: str) -> str:
    """The configuration of the accounts, changed so that services may have durable consumers.

    Such a consumer pushes messages to an inbox of the service, so that inbox is exported and imported as well.
    """
    for name in SERVICES_MEASURED:
        inbox, account = f'"_INBOX.{name}.>"', f'"USER-{name}"'
        allowed = ", ".join(f'"{subject}"' for subject in EXTRA_SUBJECTS)
        text = _insert_after(text, f'user: "{name}"', "allow: [", f"{allowed}, ")
        text = _insert_after(
            text,
            f"{account} {{",
            "imports: [",
            *(
                f'\n      {{ service: {{ account: "HOUSE", subject: "{subject}" }} }}'
                for subject in EXTRA_SUBJECTS
            ),
            f'\n      {{ stream: {{ account: "HOUSE", subject: {inbox} }} }}',
        )
        text = _insert_after(
            text, '"HOUSE" {', "exports: [", f"\n      {{ stream: {inbox}, accounts: [{account}] }}"
        )
    everybody = ", ".join(f'"USER-{name}"' for name in SERVICES_MEASURED)
    services = (f'\n      {{ service: "{subject}", accounts: [{everybody}] }}' for subject in EXTRA_SUBJECTS)
    return _insert_after(text, '"HOUSE" {', "exports: [", *services)


def _insert_after(text: str, place: str, mark: str, *more: str) -> str:
    """The text with `more` inserted after the first `mark` that follows the first `place`."""
    at = text.index(mark, text.index(place)) + len(mark)
    return text[:at] + "".join(more) + text[at:]
