"""Where the command line finds the house, who it is there, and what it says when something is not as it should be."""

import asyncio
import os
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from contracts.fields import Words
from services.chassis.bus import Address, Bus
from services.chassis.errors import Again
from services.chassis.settings import Settings
from services.gateway.publishers import Credentials, Problem

COMING = 10.0
LISTEN = re.compile(r'^listen: "([^"]+)"', re.MULTILINE)


class Away(Problem):
    """The broker cannot be reached, or does not let us in."""


class Misuse(Problem):
    """Wrong usage: its text names the option, the value and what is possible."""


class NoTenant(Misuse):
    """The tenant is not there, or not open to the command line."""


class Silent(Problem):
    """A service does not answer."""


class Declined(Problem):
    """A question was answered with an error."""

    def __init__(self, code: str, words: Words) -> None:
        super().__init__(words.zh, words.en)
        self.code = code


def here(**given: Any) -> Settings:
    """MICROGOV_… as set; what is not set is where `make up` puts it: in MICROGOV_VAR, else in `var`."""
    var = Path(os.environ.get("MICROGOV_VAR", "var"))
    found = {
        "nats_url": _url(var), "secrets": var / "secrets", "publishers": var / "nats", "tenants": var / "tenants.toml",
        "database": f"sqlite:///{var}/{{service}}/{{tenant}}.sqlite",
    }
    kept = {name: value for name, value in found.items() if f"MICROGOV_{name.upper()}" not in os.environ}
    return Settings(**{**kept, **given})


def _url(var: Path) -> str:
    """Where the broker of this folder listens."""
    file = var / "nats" / "nats.conf"
    listens = LISTEN.search(file.read_text("utf-8")) if file.exists() else None
    port = os.environ.get("MICROGOV_NATS_PORT", "4222")
    return f"nats://{listens[1]}" if listens else f"nats://127.0.0.1:{port}"


def as_gateway(settings: Settings) -> Settings:
    """The settings of whoever sets tenants and streams up: the gateway's user, where its secret is at hand."""
    file = settings.secrets / "nats_gateway"
    if settings.nats_user is not None or not file.exists():
        return settings
    return settings.model_copy(update={"nats_user": "gateway", "nats_password_file": file})


def address(settings: Settings, user: str) -> Address:
    """Who we are at the broker as this user; nobody where there is no secret."""
    file = settings.secrets / f"nats_{user}"
    try:
        secret = file.read_text("utf-8").strip()
    except FileNotFoundError:
        return Address(settings.nats_url)
    except OSError as error:
        raise Away(f"无法读取 {file}（{error.strerror}）。请以启动服务的用户身份运行。",
                   f"Cannot read {file} ({error.strerror}). Run this as the user who started the services.") from error
    seed = secret if secret.startswith("SU") else None
    return Address(settings.nats_url, user, None if seed else secret, seed)


async def connect(settings: Settings, user: str) -> Bus:
    """A connection as this user; Away says what to do where there is none.

    Where `make up` runs here it brings the broker (back) in a moment, and that is waited for.
    """
    until = time.monotonic() + COMING
    while True:
        try:
            return await Bus.connect(address(settings, user), f"microgov/{user}")
        except Again as error:
            if refused(error) or time.monotonic() > until or not is_up(settings):
                raise away(settings, error) from error
        await asyncio.sleep(0.2)


def is_up(settings: Settings) -> bool:
    """Whether `make up` runs on these files."""
    try:
        os.kill(int((settings.secrets.parent / "log" / "supervisor.pid").read_text()), 0)
    except (OSError, ValueError):
        return False
    return True


def refused(error: Exception) -> bool:
    """Whether the broker is there and does not let us in."""
    return any(word in str(error).lower() for word in ("authorization", "permissions"))


def away(settings: Settings, error: Exception) -> Away:
    """Why the broker is out of reach, and what to do."""
    url = settings.nats_url
    if refused(error):
        return Away(f"{url} 拒绝了凭据（{settings.secrets}）。请在启动服务的文件夹中运行，或设置 MICROGOV_SECRETS。",
                    f"{url} does not accept the credentials in {settings.secrets}. "
                    "Run this in the folder where the services were started, or set MICROGOV_SECRETS.")
    return Away(f"连不上消息服务器 {url}。请先运行 `make up`，或设置 MICROGOV_NATS_URL。",
                f"The broker at {url} is away. Start it with `make up`, or set MICROGOV_NATS_URL.")


def known_tenants(settings: Settings) -> list[str]:
    """All that are set up here, as far as the files of this machine say."""
    found = {one.name for one in settings.hosted()}
    with suppress(Problem):
        found.update(Credentials(settings.publishers, settings.secrets).load().tenants)
    return sorted(found)


def must_exist(settings: Settings, names: Iterable[str], known: Iterable[str]) -> None:
    """Raises NoTenant for the first that is not among the known ones."""
    there = set(known)
    for name in names:
        if name not in there:
            raise no_tenant(settings, name)


def no_tenant(settings: Settings, tenant: str) -> NoTenant:
    """Nobody takes what is sent for this tenant."""
    others = [name for name in known_tenants(settings) if name != tenant]
    zh, en = (f"（现有：{'、'.join(others)}）", f"; there is {', '.join(others)}") if others else ("", "")
    return NoTenant(f"没有租户 {tenant}{zh}。请用 --tenant 指定其一，或运行 `microgov tenant add {tenant}`。",
                    f"There is no tenant {tenant}{en}. Name one with --tenant, or run `microgov tenant add {tenant}`.")
