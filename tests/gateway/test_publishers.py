"""Publishers are added, get new keys and are removed while the server runs and other clients stay connected."""

import asyncio
import time

import nats
import nkeys  # type: ignore[import-untyped]
import pytest

from microgov.services.chassis.errors import Problem
from microgov.services.gateway.accounts.keys import new_nkey
from microgov.services.gateway.accounts.streams import ensure, ensure_publisher, log_stream
from tests.gateway.conftest import AccountsServer


async def test_a_revoked_publisher_is_cut_off_within_a_second(deployment: AccountsServer) -> None:
    secret = deployment.credentials.add("leaving", ["donghu"])
    assert secret is not None
    assert deployment.credentials.add("leaving", ["donghu"]) is None
    assert await deployment.reload() == 1
    closed = asyncio.Event()

    async def on_closed() -> None:
        closed.set()

    async def ignore_error(_: Exception) -> None:
        return None

    client = await nats.connect(
        deployment.server.url,
        nkeys_seed_str=secret,
        allow_reconnect=False,
        closed_cb=on_closed,
        error_cb=ignore_error,
    )
    async with deployment.client("issues") as (bystander, _):
        begun = time.monotonic()
        deployment.credentials.revoke("leaving")
        await deployment.reload()
        await asyncio.wait_for(closed.wait(), 1)
        assert time.monotonic() - begun < 1
        assert bystander.is_connected
    assert client.is_closed
    deployment.secrets["leaving"] = secret
    with pytest.raises(nats.errors.Error):
        async with deployment.client("leaving"):
            pass


async def test_a_new_publisher_can_send_right_after_the_reload(deployment: AccountsServer) -> None:
    deployment.secrets["arriving"] = deployment.credentials.add("arriving", ["donghu"]) or ""
    await deployment.reload()

    async with deployment.client("gateway") as (client, _):
        await ensure_publisher(client.jetstream(), deployment.credentials.load().publishers["arriving"])
    async with deployment.client("arriving") as (client, _):
        ack = await client.jetstream().publish("in.arriving.donghu.issues.submit_issue.v1", b"{}")

    assert (ack.stream, ack.seq) == ("IN-donghu_arriving", 1)
    deployment.credentials.revoke("arriving")
    deployment.credentials.revoke("arriving")
    await deployment.reload()


async def test_a_rotated_password_replaces_the_old_one_and_no_secret_is_on_disk(
    deployment: AccountsServer,
) -> None:
    old = deployment.credentials.add("turning", ["donghu"], password=True)
    new = deployment.credentials.rotate("turning")
    await deployment.reload()
    assert old is not None

    deployment.secrets["turning"] = new
    async with deployment.client("turning") as (client, _):
        assert client.is_connected
    deployment.secrets["turning"] = old
    with pytest.raises(nats.errors.Error):
        async with deployment.client("turning"):
            pass

    folder = deployment.credentials.folder
    text = "".join(file.read_text() for file in folder.iterdir() if file.is_file())
    assert not any(secret in text for secret in (old, new, *deployment.secrets.values()))
    assert {file.stat().st_mode & 0o777 for file in deployment.credentials.secrets.iterdir()} == {0o600}
    assert [p.name for p in deployment.credentials.list()] == ["cli", "other", "portal", "turning"]


async def test_a_new_tenant_can_be_set_up_while_the_server_runs(deployment: AccountsServer) -> None:
    deployment.credentials.add_tenant("nanhu")
    await deployment.reload()

    async with deployment.client("gateway") as (client, _):
        js = client.jetstream()
        await ensure(js, log_stream("nanhu"))
        await js.publish("log.nanhu.gateway.directory.define_place.v1", b"{}")
    async with deployment.client("operator") as (client, _):
        assert (await client.jetstream().stream_info("LOG-nanhu")).state.messages == 1


@pytest.mark.parametrize("name", ["operator", "Portal", "a.b", "*", "", "x" * 33, "portal\n"])
def test_an_invalid_name_of_a_publisher_is_refused(deployment: AccountsServer, name: str) -> None:
    with pytest.raises(Problem):
        deployment.credentials.add(name, ["donghu"])


def test_a_new_key_can_be_read_by_the_library_of_nats() -> None:
    seed, public = new_nkey()

    assert nkeys.from_seed(bytearray(seed.encode())).public_key.decode() == public
