"""The servers that tests start."""

import os
import signal
from pathlib import Path

import nats
import psutil
import psycopg
from nats.js.api import StreamConfig

from tests.support.servers import NatsServer, PostgresServer


async def test_messages_that_nats_acknowledged_survive_sigkill(tmp_path: Path) -> None:
    with NatsServer(tmp_path) as server:
        client = await nats.connect(server.url, allow_reconnect=False)
        js = client.jetstream()
        await js.add_stream(StreamConfig(name="S", subjects=["s.>"]))
        await js.publish("s.a", b"kept")
        await client.close()
        pid, port = server.pid, server.port

        server.kill()
        server.restart()

        assert not psutil.pid_exists(pid)
        assert server.port == port
        client = await nats.connect(server.url, allow_reconnect=False)
        assert (await client.jetstream().get_msg("S", 1)).data == b"kept"
        await client.close()


def test_rows_that_postgresql_committed_survive_sigkill(postgres: PostgresServer) -> None:
    with PostgresServer() as server:
        plain = server.create("mine").replace("+psycopg", "")
        with psycopg.connect(plain) as connection:
            connection.execute("CREATE TABLE t AS SELECT '菜地' AS word")
            assert connection.info.encoding == "utf-8"

        server.kill()
        server.restart()

        with psycopg.connect(plain) as connection:
            assert connection.execute("SELECT word FROM t").fetchall() == [("菜地",)]
        home = server.home
    assert not home.exists()
    assert postgres.create("shared").endswith("/shared")


def test_a_server_that_cannot_start_raises_an_error_with_its_output(tmp_path: Path) -> None:
    server = NatsServer(tmp_path, "jetstream { nonsense: 1 }")
    try:
        server.start()
    except RuntimeError as error:
        assert "nonsense" in str(error)
    else:
        os.kill(server.pid, signal.SIGKILL)
        raise AssertionError("it started")
