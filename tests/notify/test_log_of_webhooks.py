"""Whoever knows a webhook's path may post there: the log of a notify process that sends to one does not hold it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from contracts import directory as d
from contracts import issues as i
from contracts.fields import Role
from contracts.notify import DeliveryFailed, DeliverySucceeded, RegisterContact, SetContact
from services.chassis.telemetry import without_paths
from services.client import Client
from tests.neighbourhood import neighbourhood
from tests.servers import NatsServer, free_port

SECRET = "s3cr3t-path"


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        return None


@pytest.fixture
def receiver() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@contextmanager
def notify(nats_url: str, database: str, folder: Path) -> Iterator[None]:
    """The service as it is deployed, as talkative as can be."""
    env = {**os.environ, "MICROGOV_NATS_URL": nats_url, "MICROGOV_DATABASE": database, "MICROGOV_LOG_LEVEL": "debug",
           "MICROGOV_TENANTS": str(folder / "tenants.toml")}
    command = ["faststream", "run", "--factory", "services.notify.app:make_app", "--host", "127.0.0.1", "--port"]
    with (folder / "notify.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", *command, str(free_port())], env=env, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


async def reported(client: Client, kind: str, after: int = 0) -> None:
    async for stored, _ in client.log(after):
        if stored.subject.endswith(f".{kind}"):
            return


async def told(client: Client, person: str, address: str) -> None:
    """The person has a webhook there, and an issue that is accepted."""
    tenant = client.tenant
    for message, subject, by in (
        (d.RegisterPerson(household=f"h-{person}", place=tenant), person, "office"),
        (d.GrantRole(role=Role.RESIDENT, place=tenant), person, "office"),
        (d.GrantRole(role=Role.BRANCH, place=tenant), "office", "office"),
    ):
        await client.reaction(await client.send(message, subject, by=by, role="office"))
    await client.settle()
    await client.ask("notify", SetContact(person=person, channel="webhook", address=address, secret="of-the-signatures"), 20)
    issue = i.SubmitIssue(title="路灯", text="不亮", place=tenant, channel="app")
    await client.reaction(await client.send(RegisterContact(channel="webhook"), by=person))
    await client.reaction(await client.send(issue, f"lamp-{person}", by=person, role="resident"))
    await client.reaction(await client.send(i.AcceptIssue(), f"lamp-{person}", by="office", role="branch"))


async def test_neither_what_was_sent_nor_what_failed_leaves_the_path_in_the_log(
    nats_server: NatsServer, receiver: str, tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path}/{{service}}/{{tenant}}.sqlite"
    where = (nats_server.url, database, tmp_path, "webhooks")
    async with neighbourhood(*where, only=("gateway", "issues", "matching")) as house:
        with notify(nats_server.url, database, tmp_path):
            async with Client(house.settings, "webhooks") as client:
                await told(client, "p-good", f"{receiver}/{SECRET}?key={SECRET}")
                await reported(client, DeliverySucceeded.TYPE)
                await told(client, "p-gone", f"http://me:{SECRET}@127.0.0.1:{free_port()}/{SECRET}")
                await reported(client, DeliveryFailed.TYPE)

    log = (tmp_path / "notify.log").read_text()
    assert "holds the lease" in log
    assert SECRET not in log


@pytest.mark.parametrize(("text", "shown"), [
    ("POST https://oapi.example/robot?token=s3 \"HTTP/1.1 200\"", "POST https://oapi.example/… \"HTTP/1.1 200\""),
    ("InvalidURL('http://a.example:x/s3')", "InvalidURL('http://a.example:x/…')"),
    ("http://me:s3@a.example and https://b.example.", "http://a.example and https://b.example."),
    ("nats://127.0.0.1:4222 is away", "nats://127.0.0.1:4222 is away"),
])
def test_of_an_address_a_log_holds_scheme_and_host(text: str, shown: str) -> None:
    assert without_paths(text) == shown
