"""Connection settings of the command line: broker URL, credentials, and the errors it shows."""

import asyncio
import os
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from microgov.client.waiting import WaitingMessage
from microgov.contracts.fields import Words
from microgov.services.chassis.errors import Again, Denied, Problem
from microgov.services.chassis.jetstream.connection import ApiError, BrokerAddress, Bus
from microgov.services.chassis.runtime.file_access import text_of
from microgov.services.chassis.runtime.settings import Settings
from microgov.services.gateway.accounts.credentials import Credentials

BROKER_START_SECONDS = 10.0
"""How long to wait for a broker that `make up` is starting."""
LISTEN_LINE = re.compile(r'^listen: "([^"]+)"', re.MULTILINE)
COMPOSE = "docker compose -f deploy/compose.yaml"


class BrokerAway(Problem):
    """The broker cannot be reached or refuses the credentials."""


class Misuse(Problem):
    """Wrong usage; the text names the option, the value and what is possible."""


class NoTenant(Misuse):
    """The tenant does not exist, or the command line may not use it."""


class Silent(Problem):
    """A service does not answer."""


class Declined(Problem):
    """A question was answered with an error."""

    def __init__(self, code: str, words: Words) -> None:
        super().__init__(words.zh, words.en)
        self.code = code


def connection_settings(**given: Any) -> Settings:
    """Settings from the environment variables MICROGOV_…, with the defaults of `make up` for those not set.

    The defaults point into the folder MICROGOV_VAR, else `var`. If MICROGOV_SECRETS names the secrets of another
    installation (such as that of compose), credentials, tenants and broker URL are not taken from that folder.
    """
    var = data_folder()
    secrets = Path(os.environ.get("MICROGOV_SECRETS", var / "secrets"))
    elsewhere = secrets.absolute() != (var / "secrets").absolute()
    found: dict[str, Any] = {
        "secrets": secrets,
        "publishers": secrets / "nats" if elsewhere else var / "nats",
        "tenants": (secrets if elsewhere else var)
        / "tenants.toml",  # the file is missing there: only the broker knows the tenants
        "backups": var / "backups",
        "database": f"sqlite:///{var}/{{service}}/{{tenant}}.sqlite",
    }
    if "MICROGOV_NATS_URL" not in os.environ:
        port = os.environ.get("MICROGOV_NATS_PORT", "4222")
        found["nats_url"] = (None if elsewhere else local_broker_url(var)) or f"nats://127.0.0.1:{port}"
    kept = {name: value for name, value in found.items() if f"MICROGOV_{name.upper()}" not in os.environ}
    return Settings(**{**kept, **given})


def data_folder() -> Path:
    """The data folder of `make up`."""
    return Path(os.environ.get("MICROGOV_VAR", "var"))


def local_broker_url(var: Path) -> str | None:
    """The URL of the broker of this folder, or None if `make up` never ran on it."""
    found = LISTEN_LINE.search(text_of(var / "nats" / "nats.conf") or "")
    return f"nats://{found[1]}" if found else None


def check_local_installation(settings: Settings, typed: str) -> None:
    """Raises Misuse if the databases and files of the installation that the broker belongs to are not in this folder.

    Without this check, a command that creates or empties them would make a second set next to the running installation.
    """
    if {"MICROGOV_DATABASE", "MICROGOV_TENANTS"} <= os.environ.keys():
        return
    var, url = data_folder(), settings.nats_url.replace("//localhost", "//127.0.0.1").rstrip("/")
    known = local_broker_url(var) or (url if settings.hosted() else None)
    if known == url and settings.secrets.absolute() == (var / "secrets").absolute():
        return
    raise Misuse(
        f"{settings.nats_url} 的数据库和文件不在 {var}，不会在此另建一套。请在运行 `make up` 的文件夹中运行，或用 "
        f"MICROGOV_VAR 指定它；compose 部署：`{COMPOSE} run --rm cli {typed}`。",
        f"The databases and files of the system at {settings.nats_url} are not in {var}; no second ones are made "
        f"there. Run this in the folder where `make up` runs, or name its folder by MICROGOV_VAR; under compose: "
        f"`{COMPOSE} run --rm cli {typed}`.",
    )


def as_gateway(settings: Settings) -> Settings:
    """The settings with the broker user `gateway`, who sets up tenants and streams, if its secret is available."""
    file = settings.secrets / "nats_gateway"
    if settings.nats_user is not None or not file.exists():
        return settings
    return settings.model_copy(update={"nats_user": "gateway", "nats_password_file": file})


def address(settings: Settings, user: str) -> BrokerAddress:
    """URL and credentials of the broker user; without credentials if there is no secret."""
    secret = text_of(settings.secrets / f"nats_{user}")
    if secret is None:
        return BrokerAddress(settings.nats_url)
    secret = secret.strip()
    seed = secret if secret.startswith("SU") else None
    return BrokerAddress(settings.nats_url, user, None if seed else secret, seed)


async def connect(settings: Settings, user: str, waiting: WaitingMessage) -> Bus:
    """Connects to the broker as `user`. Raises BrokerAway or Problem, whose text says what to do.

    If `make up` runs on these files, it starts the broker again soon, so this waits for up to BROKER_START_SECONDS.
    """
    until = time.monotonic() + BROKER_START_SECONDS
    with waiting.during("正在等待消息服务器……", "Waiting for the broker …"):
        while True:
            try:
                return await Bus.connect(address(settings, user), f"microgov/{user}")
            except Again as error:
                if credentials_refused(error) or time.monotonic() > until or not make_up_runs(settings):
                    raise broker_problem(settings, error) from error
            await asyncio.sleep(0.2)


def make_up_runs(settings: Settings) -> bool:
    """Whether `make up` is running on these files."""
    try:
        os.kill(int((settings.secrets.parent / "log" / "supervisor.pid").read_text()), 0)
    except (OSError, ValueError):
        return False
    return True


def credentials_refused(error: Exception) -> bool:
    """Whether the broker answers but refuses the credentials."""
    return any(word in str(error).lower() for word in ("authorization", "permissions"))


def broker_problem(settings: Settings, error: Exception) -> Problem:
    """The problem to show for an error of the broker: what went wrong and what to do."""
    url, said = settings.nats_url, str(error)
    if isinstance(error, ApiError):
        return Problem(
            f"消息服务器 {url} 不接受：{said}。请查看它的日志和磁盘。",
            f"The broker at {url} refuses: {said}. See its log, and whether its disk is full.",
        )
    if isinstance(error, Denied) or "permissions" in said.lower():
        return BrokerAway(
            f"消息服务器 {url} 不允许此用户这样做：{said}。请核对 {settings.secrets} 是否属于这套服务。",
            f"The broker at {url} does not let this user do so: {said}. "
            f"See whether {settings.secrets} belongs to the system that runs there.",
        )
    if credentials_refused(error):
        return BrokerAway(
            f"{url} 拒绝了凭据（{settings.secrets}）。请在启动服务的文件夹中运行，或设置 MICROGOV_SECRETS。",
            f"{url} does not accept the credentials in {settings.secrets}. "
            "Run this in the folder where the services were started, or set MICROGOV_SECRETS.",
        )
    start = f"{COMPOSE} up --wait" if settings.compose else "make up"
    return BrokerAway(
        f"连不上消息服务器 {url}。请先运行 `{start}`，或设置 MICROGOV_NATS_URL。",
        f"The broker at {url} is away. Start it with `{start}`, or set MICROGOV_NATS_URL.",
    )


def known_tenants(settings: Settings) -> list[str]:
    """Names of the tenants that are known from files on this machine."""
    found = {one.name for one in settings.hosted()}
    with suppress(Problem):
        found.update(Credentials(settings.publishers, settings.secrets).load().tenants)
    return sorted(found)


def must_exist(settings: Settings, names: Iterable[str], known: Iterable[str]) -> None:
    """Raises NoTenant for the first name that is not among the known ones."""
    there = set(known)
    for name in names:
        if name not in there:
            raise no_tenant(settings, name)


def no_stream(tenant: str) -> Problem:
    """The problem that a tenant exists but the broker lacks the stream for what the command line sends."""
    return Problem(
        f"消息服务器中没有命令行为 {tenant} 发送用的流。请运行 `microgov publishers mend cli`。",
        f"The broker has no stream for what the command line sends for {tenant}. "
        "Run `microgov publishers mend cli`.",
    )


def no_tenant(settings: Settings, tenant: str) -> NoTenant:
    """The error that the tenant does not exist; it names those that do."""
    others = [name for name in known_tenants(settings) if name != tenant]
    zh, en = (f"（现有：{'、'.join(others)}）", f"; there is {', '.join(others)}") if others else ("", "")
    return NoTenant(
        f"没有租户 {tenant}{zh}。请用 --tenant 指定其一，或运行 `microgov tenant add {tenant}`。",
        f"There is no tenant {tenant}{en}. Name one with --tenant, or run `microgov tenant add {tenant}`.",
    )
