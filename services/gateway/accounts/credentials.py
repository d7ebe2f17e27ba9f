"""`microgov publishers add | list | rotate | revoke`: credentials as files.

    <folder>/publishers.toml   names, tenants and the public halves of keys; no secret
    <folder>/accounts.conf     generated from it, included by nats.conf
    <secrets>/nats_<user>      passwords of the services' users and of `cli`, mode 0600

A change takes effect once the servers have read the files again (reload.py).
"""

import fcntl
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from microgov.contracts.fields import TOKEN
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.runtime.file_access import (
    copy_owner,
    folder_of,
    replace_whole,
    secret_in,
    text_of,
)
from microgov.services.gateway.accounts.keys import hashed, new_nkey, new_password
from microgov.services.gateway.accounts.nats_config import accounts, config
from microgov.services.gateway.accounts.permissions import (
    CLI,
    INTERNAL_USERS,
    RELOADER,
    RESERVED,
    InternalUser,
    Publisher,
)


@dataclass
class Register:
    """The content of publishers.toml."""

    tenants: list[str] = field(default_factory=list)
    internal: dict[str, str] = field(default_factory=dict)
    publishers: dict[str, Publisher] = field(default_factory=dict)


class Credentials:
    """The two folders with credentials. Every file is written whole or not at all, by one process at a time (file lock)."""

    def __init__(self, folder: Path, secrets: Path, secret_mode: int = 0o600) -> None:
        self.folder, self.secrets, self.secret_mode = folder, secrets, secret_mode

    def prepare(self, tenants: Iterable[str]) -> None:
        """Makes the users of the services and `cli`; existing ones are kept."""
        folder_of(self.secrets, 0o700)
        folder_of(self.folder)
        with self._change() as register:
            for user in (*INTERNAL_USERS, RELOADER):
                self._internal_user(register, user)
            register.tenants = sorted({*register.tenants, *tenants})
            self._cli(register)

    def write_server(self, *, port: int, store_dir: str, http_port: int | None = None) -> None:
        """Writes nats.conf for a server on this machine."""
        replace_whole(self.folder / "nats.conf", config(port=port, store_dir=store_dir, http_port=http_port))

    def add_tenant(self, tenant: str) -> bool:
        """Allows the services to use this tenant's streams and the command line to write to it; returns False if they
        already could.
        """
        check_name(tenant)
        if tenant in self.load().tenants:
            return False
        with self._change() as register:
            register.tenants = sorted({*register.tenants, tenant})
            self._cli(register)
            return True

    def add(self, name: str, tenants: Iterable[str], *, password: bool = False) -> str | None:
        """Adds a publisher and returns its secret, which is stored nowhere; returns None if the publisher exists already
        (then only its tenants are replaced). Raises Problem for a name that is reserved or malformed.
        """
        for token in (name, *tenants):
            check_name(token)
        if name in RESERVED:
            raise Problem(
                f"“{name}”是本系统自用的名称，请换一个。", f"{name} is a name of the house: choose another."
            )
        with self._change() as register:
            found = register.publishers.get(name)
            if found is not None:
                register.publishers[name] = replace(found, tenants=tuple(sorted(set(tenants))))
                return None
            secret, key = new_password() if password else new_nkey()
            register.publishers[name] = Publisher(name, tuple(sorted(set(tenants))), key)
            return secret

    def list(self) -> list[Publisher]:
        """All publishers by name."""
        return [self.load().publishers[name] for name in sorted(self.load().publishers)]

    def rotate(self, name: str) -> str:
        """Makes a new secret of the same kind; the old one is worthless once the servers have read the change."""
        with self._change() as register:
            found = self._find(register, name)
            secret, key = new_password() if found.by == "password" else new_nkey()
            register.publishers[name] = replace(found, key=key)
            if name == CLI:
                self._keep("nats_cli", secret)
            return secret

    def revoke(self, name: str) -> None:
        """Removes the publisher, so that it can no longer connect; idempotent."""
        with self._change() as register:
            register.publishers.pop(name, None)

    def find(self, name: str) -> Publisher:
        """The publisher of this name. Raises Problem if there is none."""
        return self._find(self.load(), name)

    def load(self) -> Register:
        """Reads publishers.toml; empty if there is none. Raises Problem if it cannot be read."""
        path = self.folder / "publishers.toml"
        text = text_of(path)
        if text is None:
            return Register()
        try:
            raw = tomllib.loads(text)
            found = {
                name: Publisher(name, tuple(p["tenants"]), p["key"]) for name, p in raw["publishers"].items()
            }
            return Register(list(raw["tenants"]), dict(raw["house"]), found)
        except (KeyError, TypeError, AttributeError, tomllib.TOMLDecodeError) as error:
            raise Problem(
                f"无法读取 {path}：{error}。请从备份恢复该文件。",
                f"Cannot read {path}: {error}. Restore it from a backup.",
            ) from error

    def secret(self, user: str) -> str:
        """The password of a service's user, or of `cli`. Raises Problem if its file is missing."""
        return secret_in(self.secrets / f"nats_{user}")

    @contextmanager
    def _change(self) -> Iterator[Register]:
        with (self.folder / ".lock").open("a") as lock:
            copy_owner(self.folder / ".lock", self.folder)
            fcntl.flock(lock, fcntl.LOCK_EX)
            register = self.load()
            yield register
            replace_whole(self.folder / "publishers.toml", _toml(register))
            replace_whole(
                self.folder / "accounts.conf",
                accounts(
                    [InternalUser(user, register.internal[user]) for user in INTERNAL_USERS],
                    [register.publishers[name] for name in sorted(register.publishers)],
                    InternalUser(RELOADER, register.internal[RELOADER]),
                    register.tenants,
                ),
            )

    def _internal_user(self, register: Register, user: str) -> None:
        register.internal[user] = self._password(user, register.internal.get(user))

    def _password(self, user: str, known: str | None) -> str:
        """The hash of the user's password. An existing password file is kept, even if the register has lost the hash: the
        password may be in use.
        """
        kept = self.secrets / f"nats_{user}"
        if kept.exists():
            return known or hashed(kept.read_text().strip())
        secret, found = new_password()
        self._keep(kept.name, secret)
        return found

    def _cli(self, register: Register) -> None:
        found = register.publishers.get(CLI)
        key = self._password(CLI, found.key if found is not None else None)
        register.publishers[CLI] = Publisher(CLI, tuple(register.tenants), key)

    def _keep(self, name: str, secret: str) -> None:
        replace_whole(self.secrets / name, secret + "\n", self.secret_mode)

    def _find(self, register: Register, name: str) -> Publisher:
        if name not in register.publishers:
            raise Problem(
                f"没有名为 {name} 的发布者。用 `microgov publishers list` 查看。",
                f"There is no publisher {name}: `microgov publishers list` shows them.",
            )
        return register.publishers[name]


def check_name(name: str) -> None:
    """Raises Problem if the name cannot be a token of a subject."""
    if not re.match(TOKEN, name) or name.endswith("\n"):
        raise Problem(
            f"名称“{name}”只能含小写字母、数字和连字符，最多 32 个字符。",
            f"The name {name!r} may hold small letters, digits and hyphens only, at most 32.",
        )


def _toml(register: Register) -> str:
    lines = [
        "# written by `microgov publishers`; holds no secrets",
        f"tenants = {json.dumps(register.tenants)}",
        "",
        "[house]",
    ]
    lines += [f"{user} = {json.dumps(register.internal[user])}" for user in sorted(register.internal)]
    lines += ["", "[publishers]"]
    for name in sorted(register.publishers):
        found = register.publishers[name]
        lines.append(
            f"{name} = {{ key = {json.dumps(found.key)}, tenants = {json.dumps(list(found.tenants))} }}"
        )
    return "\n".join(lines) + "\n"
