"""The NATS server's configuration as text: who may write and read which subject. Pure functions; no file is touched.

All services share the account HOUSE, each as a user of its own that may write under its own writers' subjects alone.
Every publisher has an account of its own and reaches HOUSE only through service imports, so that even a reply subject
of its choosing stays in its own account. Nobody has `allow_responses`: it would make the broker remember the reply
subject of every message that a fold reads; who answers questions may write to the askers' inboxes instead.
"""

import json
from collections.abc import Iterable, Sequence
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
    """A user of HOUSE, or the one of the system account that reloads the servers."""

    name: str
    password_hash: str


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


def in_name(tenant: str, publisher: str) -> str:
    """The stream of what this publisher sends for this tenant."""
    return f"IN-{tenant}_{publisher}"


def log_name(tenant: str) -> str:
    """The stream that is this tenant's log."""
    return f"LOG-{tenant}"


def permissions(user: str, publishers: Iterable[Publisher], tenants: Iterable[str] = ()) -> Permissions:
    """Of a user of HOUSE. Streams stand by name: NATS knows no wildcard inside a token."""
    publishers = list(publishers)
    logs = [log_name(tenant) for tenant in every_tenant(publishers, tenants)]
    own = (f"_INBOX.{user}.>",)
    if user == OPERATOR:
        return Permissions((*_reading([*logs, *SHARED_STREAMS]), f"ask.{OPERATOR}.>"), own)
    say = [f"log.*.{writer}.>" for writer in WRITERS[user]]
    answer = ("_INBOX.gateway.>", f"_INBOX.{OPERATOR}.>")
    if user == "gateway":
        mine = [*logs, *(in_name(t, p.name) for p in publishers for t in p.tenants), *SHARED_STREAMS]
        return Permissions(
            (*say, "receipt.>", "out.>", *_reading(mine), *_keeping(mine), "ask.gateway.>", *answer, "_R_.>"),
            ("ask.>", *own),
        )
    asked = [f"ask.{asker}.*.{user}.>" for asker in ("gateway", OPERATOR)]
    return Permissions((*say, *_reading(logs), *answer), (*asked, *own))


def publisher_permissions(publisher: Publisher) -> Permissions:
    """Inside its own account, where every inbox is its own."""
    name = publisher.name
    send = [f"{kind}.{name}.{tenant}.>" for tenant in publisher.tenants for kind in ("in", "ask")]
    return Permissions((*send, *_own_messages(name)), ("_INBOX.>",))


def reload_permissions() -> Permissions:
    """Of the user of the system account: find the servers, have them read their configuration again."""
    return Permissions(("$SYS.REQ.SERVER.PING", "$SYS.REQ.SERVER.*.RELOAD"), (f"_INBOX.{RELOADER}.>",))


def every_tenant(publishers: Iterable[Publisher], tenants: Iterable[str] = ()) -> list[str]:
    """All tenants that are set up or that somebody may write to."""
    return sorted({*tenants, *(tenant for publisher in publishers for tenant in publisher.tenants)})


def _own_messages(name: str) -> list[str]:
    """Read and acknowledge one's own receipts and copies, by the one durable consumer that bears one's name."""
    return [
        subject.format(stream=stream, name=name)
        for stream in SHARED_STREAMS
        for subject in ("$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}", "$JS.ACK.{stream}.{name}.>")
    ]


def _reading(streams: Iterable[str]) -> list[str]:
    """Without acknowledgements: whoever reads the log keeps its place itself."""
    subjects = ("STREAM.INFO.{0}", "STREAM.MSG.GET.{0}", "DIRECT.GET.{0}", "DIRECT.GET.{0}.>", "CONSUMER.CREATE.{0}.>",
                "CONSUMER.INFO.{0}.*", "CONSUMER.DELETE.{0}.*", "CONSUMER.MSG.NEXT.{0}.*")
    return [f"$JS.API.{subject.format(stream)}" for stream in streams for subject in subjects]


def _keeping(streams: Iterable[str]) -> list[str]:
    verbs = ("CREATE", "UPDATE", "PURGE", "DELETE")
    return [f"$JS.API.STREAM.{verb}.{stream}" for stream in streams for verb in verbs]


def config(*, port: int, store_dir: str, host: str = "127.0.0.1", http_port: int | None = None,
           accounts_file: str = "accounts.conf", max_file_store: str = "100GB") -> str:
    """The server's own file. What a change of publishers rewrites is `accounts_file`, beside it.

    `sync_interval: always`: the default loses what it acknowledged within the last two minutes when the power goes.
    """
    lines = [
        f"listen: {_text(f'{host}:{port}')}",
        "server_name: microgov",
        f"jetstream {{ store_dir: {_text(store_dir)}, sync_interval: always, strict: true, "
        f"max_file_store: {max_file_store} }}",
        f"include {_text(accounts_file)}",
    ]
    if http_port is not None:
        lines.insert(1, f"http: {_text(f'{host}:{http_port}')}")
    return "\n".join(lines) + "\n"


def accounts(users: Sequence[HouseUser], publishers: Sequence[Publisher], reloader: HouseUser,
             tenants: Sequence[str] = ()) -> str:
    """The included file: HOUSE with its users and exports, one account per publisher, the system account."""
    house = [_user(user.name, user.password_hash, permissions(user.name, publishers, tenants)) for user in users]
    system = _user(reloader.name, reloader.password_hash, reload_permissions())
    blocks = [
        "# written by `microgov publishers`; it is overwritten with every change",
        "system_account: SYS",
        "accounts {",
        f"  SYS {{ users: [\n{system}\n  ] }}",
        "  HOUSE {",
        "    jetstream: enabled",
        "    users: [\n" + "\n".join(house) + "\n    ]",
        "    exports: [\n" + "\n".join(line for p in publishers for line in _exports(p)) + "\n    ]",
        "  }",
        *(_account(publisher) for publisher in publishers),
        "}",
    ]
    return "\n".join(blocks) + "\n"


def _shared(publisher: Publisher) -> list[str]:
    return [f"in.{publisher.name}.>", f"ask.{publisher.name}.>", *_own_messages(publisher.name)]


def _exports(publisher: Publisher) -> list[str]:
    """A pull is answered by many messages, hence `stream`; all other answers are one."""
    return [
        f"      {{ service: {_text(subject)}, accounts: [{_text(publisher.account)}]"
        f"{', response_type: stream' if '.MSG.NEXT.' in subject else ''} }}"
        for subject in _shared(publisher)
    ]


def _account(publisher: Publisher) -> str:
    allowed = publisher_permissions(publisher)
    user = (f"      {{ nkey: {publisher.key}, permissions: {_permissions(allowed)} }}" if publisher.by == "nkey"
            else _user(publisher.name, publisher.key, allowed))
    imports = [f"      {{ service: {{ account: HOUSE, subject: {_text(s)} }} }}" for s in _shared(publisher)]
    return (f"  {_text(publisher.account)} {{\n    users: [\n{user}\n    ]\n    imports: [\n" + "\n".join(imports)
            + "\n    ]\n  }")


def _user(name: str, password_hash: str, allowed: Permissions) -> str:
    return f"      {{ user: {_text(name)}, password: {_text(password_hash)}, permissions: {_permissions(allowed)} }}"


def _permissions(allowed: Permissions) -> str:
    def of(subjects: Iterable[str]) -> str:
        return f"{{ allow: [{', '.join(_text(subject) for subject in subjects)}] }}"

    return f"{{ publish: {of(allowed.publish)}, subscribe: {of(allowed.subscribe)} }}"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
