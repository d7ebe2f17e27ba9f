"""Who may write and read which subject on the NATS server. Pure functions; nats_config.py makes the configuration of them.

Streams stand by name: NATS knows no wildcard inside of a token.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

WRITERS: dict[str, tuple[str, ...]] = {
    "gateway": ("gateway", "directory"),
    "issues": ("issues", "issues-edge"),
    "matching": ("matching", "matching-edge"),
    "notify": ("notify", "notify-edge"),
}
"""Which writers of the log each service is."""
OPERATOR, RELOADER, CLI = "operator", "reload", "cli"
HOUSE_USERS = (*WRITERS, OPERATOR)
RESERVED = frozenset({*HOUSE_USERS, RELOADER, "sys", "house"})
"""Names that no publisher may have: a publisher's name is its `<asker>` in `ask.<asker>.>`."""
SHARED_STREAMS = ("RECEIPT", "OUT")
SERVERS = "$SYS.REQ.SERVER.PING.VARZ"
"""What a server says of itself; the gateway asks it whether it keeps what it acknowledges."""
ANSWERS = "_R_.>"
"""Where answers to questions from other accounts go, as the server names it."""


@dataclass(frozen=True)
class Publisher:
    """A program outside. `key` is the public half of an nkey (`U…`) or the bcrypt hash of a password (`$2…`)."""

    name: str
    tenants: tuple[str, ...]
    key: str

    @property
    def by(self) -> Literal["nkey", "password"]:
        """How it proves who it is."""
        return "password" if self.key.startswith("$2") else "nkey"

    @property
    def account(self) -> str:
        """Its account on the servers."""
        return f"PUB-{self.name}"


@dataclass(frozen=True)
class HouseUser:
    """A user of the house, or the one of the system account that reloads the servers."""

    name: str
    password_hash: str

    @property
    def account(self) -> str:
        """Its account on the servers."""
        return account_of(self.name)


@dataclass(frozen=True)
class Permissions:
    """Subjects, with wildcards; what is not listed is refused."""

    publish: tuple[str, ...] = field(default=())
    subscribe: tuple[str, ...] = field(default=())


def matches(pattern: str, subject: str) -> bool:
    """Whether a concrete subject lies within a pattern, as the server sees it."""
    tokens, wanted = subject.split("."), pattern.split(".")
    if wanted[-1] == ">":
        wanted = wanted[:-1]
        if len(tokens) <= len(wanted):
            return False
        tokens = tokens[: len(wanted)]
    return len(tokens) == len(wanted) and all(a in ("*", b) for a, b in zip(wanted, tokens, strict=True))


def account_of(user: str) -> str:
    """The account of a user of the house: each has its own, so that no reply subject of its choosing leaves it."""
    return f"USER-{user}"


def in_name(tenant: str, publisher: str) -> str:
    """The stream of what this publisher sends for this tenant."""
    return f"IN-{tenant}_{publisher}"


def log_name(tenant: str) -> str:
    """The stream that is this tenant's log."""
    return f"LOG-{tenant}"


def permissions(user: str, publishers: Iterable[Publisher], tenants: Iterable[str] = ()) -> Permissions:
    """Of a user of the house."""
    publishers = list(publishers)
    logs = [log_name(tenant) for tenant in every_tenant(publishers, tenants)]
    own = (f"_INBOX.{user}.>",)
    if user == OPERATOR:
        return Permissions((*_reading([*logs, *SHARED_STREAMS]), f"ask.{OPERATOR}.>"), own)
    say = [f"log.*.{writer}.>" for writer in WRITERS[user]]
    if user == "gateway":
        mine = [*logs, *(in_name(t, p.name) for p in publishers for t in p.tenants), *SHARED_STREAMS]
        return Permissions(
            (*say, "receipt.>", "out.>", *_reading(mine), *_keeping(mine), "ask.gateway.>", ANSWERS, SERVERS),
            ("ask.>", *own),
        )
    asked = [f"ask.{asker}.*.{user}.>" for asker in ("gateway", OPERATOR)]
    return Permissions((*say, *_reading(logs), ANSWERS), (*asked, *own))


def publisher_permissions(publisher: Publisher) -> Permissions:
    """Inside its own account, where every inbox is its own."""
    name = publisher.name
    send = [f"{kind}.{name}.{tenant}.>" for tenant in publisher.tenants for kind in ("in", "ask")]
    return Permissions((*send, *own_messages(name)), ("_INBOX.>",))


def reload_permissions() -> Permissions:
    """Of the user of the system account: find the servers, have them read their configuration again."""
    return Permissions(("$SYS.REQ.SERVER.PING", "$SYS.REQ.SERVER.*.RELOAD"), (f"_INBOX.{RELOADER}.>",))


def every_tenant(publishers: Iterable[Publisher], tenants: Iterable[str] = ()) -> list[str]:
    """All tenants that are set up or that somebody may write to."""
    return sorted({*tenants, *(tenant for publisher in publishers for tenant in publisher.tenants)})


def own_messages(name: str) -> list[str]:
    """Read and acknowledge one's own receipts and copies, by the one durable consumer that bears one's name."""
    return [
        subject.format(stream=stream, name=name)
        for stream in SHARED_STREAMS
        for subject in ("$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}", "$JS.ACK.{stream}.{name}.>")
    ]


def _reading(streams: Iterable[str]) -> list[str]:
    """Without acknowledgements: whoever reads the log keeps its place itself."""
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
