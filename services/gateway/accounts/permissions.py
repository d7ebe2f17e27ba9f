"""Who may publish and subscribe to which subjects on the NATS server. Pure functions; nats_config.py makes the
configuration from them.

Streams are listed by name, because NATS has no wildcard inside a token.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from microgov.services.chassis.installed import installed

WRITERS: dict[str, tuple[str, ...]] = {one.name: one.writers for one in installed()}
"""The writer names in the log that each service may use."""
OPERATOR, RELOADER, CLI = "operator", "reload", "cli"
INTERNAL_USERS = (*WRITERS, OPERATOR)
RESERVED = frozenset({*INTERNAL_USERS, RELOADER, "sys", "house"})
"""Names that no publisher may have. One reason: a publisher's name is its `<asker>` in `ask.<asker>.>`."""
SHARED_STREAMS = ("RECEIPT", "OUT")
SERVERS = "$SYS.REQ.SERVER.PING.VARZ"
"""The subject on which a server is asked for its settings; the gateway checks whether the server durably stores what it
acknowledges.
"""
ANSWERS = "_R_.>"
"""The subjects on which the server delivers answers to questions from other accounts."""


@dataclass(frozen=True)
class Publisher:
    """A publisher (a program outside). `key` is the public half of an nkey (`U…`) or the bcrypt hash of a password
    (`$2…`).
    """

    name: str
    tenants: tuple[str, ...]
    key: str

    @property
    def by(self) -> Literal["nkey", "password"]:
        """How the publisher logs in."""
        return "password" if self.key.startswith("$2") else "nkey"

    @property
    def account(self) -> str:
        """Its account on the servers."""
        return f"PUB-{self.name}"


@dataclass(frozen=True)
class InternalUser:
    """The user of a service or of the operator, or the user of the system account that reloads the servers."""

    name: str
    password_hash: str

    @property
    def account(self) -> str:
        """Its account on the servers."""
        return account_of(self.name)


@dataclass(frozen=True)
class Permissions:
    """The subjects, with wildcards, to which a user may publish and subscribe; the server refuses all others."""

    publish: tuple[str, ...] = field(default=())
    subscribe: tuple[str, ...] = field(default=())


def matches(pattern: str, subject: str) -> bool:
    """Whether a concrete subject matches a pattern, by the server's rules."""
    tokens, wanted = subject.split("."), pattern.split(".")
    if wanted[-1] == ">":
        wanted = wanted[:-1]
        if len(tokens) <= len(wanted):
            return False
        tokens = tokens[: len(wanted)]
    return len(tokens) == len(wanted) and all(a in ("*", b) for a, b in zip(wanted, tokens, strict=True))


def account_of(user: str) -> str:
    """The account of a service's user. Each has its own, so that a reply subject that it chooses cannot reach another
    account.
    """
    return f"USER-{user}"


def in_name(tenant: str, publisher: str) -> str:
    """The name of the IN stream, which holds what this publisher sends for this tenant."""
    return f"IN-{tenant}_{publisher}"


def log_name(tenant: str) -> str:
    """The name of the stream that holds this tenant's log."""
    return f"LOG-{tenant}"


def permissions(user: str, publishers: Iterable[Publisher], tenants: Iterable[str] = ()) -> Permissions:
    """The permissions of a service's user or of the operator."""
    publishers = list(publishers)
    logs = [log_name(tenant) for tenant in every_tenant(publishers, tenants)]
    own = (f"_INBOX.{user}.>",)
    streams = [*logs, *(in_name(t, p.name) for p in publishers for t in p.tenants), *SHARED_STREAMS]
    if user == OPERATOR:  # who backs up all streams
        pauses = "$JS.API.CONSUMER.PAUSE.OUT.*"  # what a restore holds back (microgov/safekeeping/paused.py)
        return Permissions((*_reading(streams), pauses, f"ask.{OPERATOR}.>"), own)
    say = [f"log.*.{writer}.>" for writer in WRITERS[user]]
    if user == "gateway":
        keeps = (*_reading(streams), *_keeping(streams))
        return Permissions(
            (*say, "receipt.>", "out.>", *keeps, "ask.gateway.>", ANSWERS, SERVERS), ("ask.>", *own)
        )
    asked = [f"ask.{asker}.*.{user}.>" for asker in ("gateway", OPERATOR)]
    return Permissions((*say, *_reading(logs), ANSWERS), (*asked, *own))


def publisher_permissions(publisher: Publisher) -> Permissions:
    """The permissions of a publisher inside its own account, in which nobody else has an inbox."""
    name = publisher.name
    send = [f"{kind}.{name}.{tenant}.>" for tenant in publisher.tenants for kind in ("in", "ask")]
    return Permissions((*send, *own_messages(name)), ("_INBOX.>",))


def reload_permissions() -> Permissions:
    """The permissions of the system account's user: it may find the servers and make them read their configuration again."""
    return Permissions(("$SYS.REQ.SERVER.PING", "$SYS.REQ.SERVER.*.RELOAD"), (f"_INBOX.{RELOADER}.>",))


def every_tenant(publishers: Iterable[Publisher], tenants: Iterable[str] = ()) -> list[str]:
    """All tenants that are set up, or that a publisher may write to."""
    return sorted({*tenants, *(tenant for publisher in publishers for tenant in publisher.tenants)})


def own_messages(name: str) -> list[str]:
    """The subjects on which a publisher reads and acknowledges its own receipts and copies, by the durable consumer of its
    name.
    """
    return [
        subject.format(stream=stream, name=name)
        for stream in SHARED_STREAMS
        for subject in ("$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}", "$JS.ACK.{stream}.{name}.>")
    ]


def _reading(streams: Iterable[str]) -> list[str]:
    """The API subjects for reading these streams without acknowledgements: each reader keeps its position itself."""
    subjects = (
        "STREAM.INFO.{0}",
        "STREAM.MSG.GET.{0}",
        "DIRECT.GET.{0}",
        "DIRECT.GET.{0}.>",
        "CONSUMER.CREATE.{0}.>",
        "CONSUMER.INFO.{0}.*",
        "CONSUMER.DELETE.{0}.*",
        "CONSUMER.MSG.NEXT.{0}.*",
    )
    return [f"$JS.API.{subject.format(stream)}" for stream in streams for subject in subjects]


def _keeping(streams: Iterable[str]) -> list[str]:
    verbs = ("CREATE", "UPDATE", "PURGE", "DELETE")
    return [f"$JS.API.STREAM.{verb}.{stream}" for stream in streams for verb in verbs]
