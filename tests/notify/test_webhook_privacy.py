"""The path of a webhook is a secret: the logs of a notify process that sends to one do not contain it."""

import asyncio
import os
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from microgov.client.connection import connection_settings
from microgov.client.publisher import Client
from microgov.contracts import directory, issues
from microgov.contracts.fields import Role
from microgov.contracts.notify import DeliveryFailed, DeliverySucceeded, RegisterContact, SetContact
from microgov.services.chassis.telemetry import without_paths
from tests.earlier_deployments.make import running
from tests.support.ports import deployment_ports, free_port

SECRET = "s3cr3t-path"


class AcceptingReceiver(BaseHTTPRequestHandler):
    """Answers every POST with 204 and writes no log."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        return None


@pytest.fixture
def receiver() -> Iterator[str]:
    """The URL of an HTTP server that accepts every webhook."""
    with HTTPServer(("127.0.0.1", 0), AcceptingReceiver) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


async def wait_for_event(client: Client, kind: str, after: int = 0) -> None:
    """Returns once the log has an event of this type."""
    async for stored, _ in client.log(after):
        if stored.subject.endswith(f".{kind}"):
            return


async def send_notice(client: Client, person: str, address: str) -> None:
    """Registers the person with a webhook at the address, and accepts an issue of theirs."""
    tenant = client.tenant
    for message, subject, by in (
        (directory.RegisterPerson(household=f"h-{person}", place=tenant), person, "office"),
        (directory.GrantRole(role=Role.RESIDENT, place=tenant), person, "office"),
        (directory.GrantRole(role=Role.BRANCH, place=tenant), "office", "office"),
    ):
        await client.reaction(await client.send(message, subject, by=by, role="office"))
    await client.settle()
    await client.ask(
        "notify",
        SetContact(person=person, channel="webhook", address=address, secret="of-the-signatures"),
        20,
    )
    issue = issues.SubmitIssue(title="路灯", text="不亮", place=tenant, channel="app")
    await client.reaction(await client.send(RegisterContact(channel="webhook"), by=person))
    await client.reaction(await client.send(issue, f"lamp-{person}", by=person, role="resident"))
    await client.reaction(
        await client.send(issues.AcceptIssue(), f"lamp-{person}", by="office", role="branch")
    )


def test_neither_a_delivered_nor_a_failed_webhook_leaves_its_path_in_the_log(
    receiver: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    var, log = tmp_path / "var", tmp_path / "var" / "log" / "notify.log"
    settings = {"MICROGOV_VAR": str(var), "MICROGOV_LOG_LEVEL": "debug", **deployment_ports()}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    async def send_both() -> None:
        async with Client(connection_settings(), "demo") as client:
            await send_notice(client, "p-good", f"{receiver}/{SECRET}?key={SECRET}")
            await wait_for_event(client, DeliverySucceeded.TYPE)
            await send_notice(client, "p-gone", f"http://me:{SECRET}@127.0.0.1:{free_port()}/{SECRET}")
            await wait_for_event(client, DeliveryFailed.TYPE)

    with running([sys.executable, "-m", "microgov", "up"], Path(__file__).parents[2], dict(os.environ)):
        asyncio.run(send_both())

    assert "holds the lease" in log.read_text()
    assert SECRET not in log.read_text()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            'POST https://oapi.example/robot?token=s3 "HTTP/1.1 200"',
            'POST https://oapi.example/… "HTTP/1.1 200"',
        ),
        ("InvalidURL('http://a.example:x/s3')", "InvalidURL('http://a.example:x/…')"),
        ("http://me:s3@a.example and https://b.example.", "http://a.example and https://b.example."),
        ("nats://127.0.0.1:4222 is away", "nats://127.0.0.1:4222 is away"),
    ],
)
def test_a_log_shows_only_scheme_and_host_of_an_address(text: str, shown: str) -> None:
    assert without_paths(text) == shown
