"""Makes the NATS servers read their configuration again, so that a change of publishers takes effect within a second."""

import asyncio
import json

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError

from microgov.services.chassis.errors import Problem
from microgov.services.gateway.accounts.permissions import RELOADER

TIMES = 2
"""Reloads per server. nats-server 2.15 links a new account's imports to the exports as they were before the reload, so the
imports work only after a second reload.
"""


async def reload(url: str, password: str, wait: float = 1.0) -> int:
    """Reloads all servers that answer within `wait` seconds; returns how many. Raises Problem."""
    client = await nats.connect(
        url,
        user=RELOADER,
        password=password,
        inbox_prefix=f"_INBOX.{RELOADER}",
        allow_reconnect=False,
        max_reconnect_attempts=1,
        reconnect_time_wait=0.02,
        error_cb=_quiet,
    )
    try:
        done = 0
        for server in await _servers(client, wait):
            for _ in range(TIMES):
                await _reload_one(client, server)
            done += 1
        return done
    except NatsError as error:
        raise Problem(
            "NATS 服务器没有回应重新载入的请求，请查看其日志。",
            "The NATS server does not answer the request to reload: look into its log.",
        ) from error
    finally:
        await client.close()


async def _reload_one(client: Client, server: str) -> None:
    answer = json.loads((await client.request(f"$SYS.REQ.SERVER.{server}.RELOAD", b"", timeout=5)).data)
    if "error" in answer:
        said = answer["error"]["description"]
        raise Problem(
            f"NATS 服务器拒绝新配置：{said}。请撤销刚才的更改。",
            f"The NATS server refuses its new configuration: {said}. Undo the last change.",
        )


async def _servers(client: Client, wait: float) -> list[str]:
    """The ids of the servers. Each answer says how many servers are active, so the wait ends once all have answered."""
    inbox = client.new_inbox()
    answers = await client.subscribe(inbox)
    await client.publish("$SYS.REQ.SERVER.PING", b"", reply=inbox)
    found: dict[str, int] = {}
    until = asyncio.get_running_loop().time() + wait
    while (left := until - asyncio.get_running_loop().time()) > 0 and (
        not found or len(found) < max(found.values())
    ):
        try:
            server = json.loads((await answers.next_msg(timeout=left)).data)
        except NatsError:
            break
        found[server["server"]["id"]] = server.get("statsz", {}).get("active_servers", 1)
    return sorted(found)


async def _quiet(_: Exception) -> None:
    """Does nothing: without a callback nats-py prints a traceback, and the request raises the error anyway."""
