"""The NATS server's configuration as text; this module writes no files.

The streams are in the account HOUSE, which has no users. Every service and every publisher has its own account and reaches
HOUSE only through service imports, one for each subject that it may publish to. So the server's answer stays in the
client's own account, whatever reply subject the client names. If all shared one account, a client could name a subject of
somebody else as its reply subject, and the server would store the answer there.

No user has `allow_responses`: with it the broker would remember the reply subject of every message that a fold reads.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from microgov.services.chassis.installed import installed
from microgov.services.gateway.accounts.permissions import (
    InternalUser,
    Permissions,
    Publisher,
    account_of,
    own_messages,
    permissions,
    publisher_permissions,
    reload_permissions,
)

SYSTEM, HOUSE, NOWHERE, NOTHING, API = "SYS", "HOUSE", "NOWHERE", "nothing.>", "$JS.API.>"
"""NOWHERE is an account that answers nothing. The server gives every account an import of JetStream's whole API, which
answers "not enabled", unless the account has an import of that name already. So each account gets an import of that name
that leads to NOWHERE, beside the narrow imports that are answered.
"""


class AccountImport(NamedTuple):
    """A subject on which one account (`asker`) may send requests to another (`answerer`): an export in the answering account
    and an import in the asking one, there under the name `imported_as` if that is given.
    """

    asker: str
    subject: str
    answerer: str
    imported_as: str | None = None


def config(
    *,
    port: int,
    store_dir: str,
    host: str = "127.0.0.1",
    http_port: int | None = None,
    accounts_file: str = "accounts.conf",
    max_file_store: str = "100GB",
) -> str:
    """The server's main configuration file. A change of publishers rewrites only `accounts_file`, in the same folder.

    `sync_interval: always`: with the default, a power cut loses what the server acknowledged in the last two minutes.
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


def accounts(
    users: Sequence[InternalUser],
    publishers: Sequence[Publisher],
    reloader: InternalUser,
    tenants: Sequence[str] = (),
) -> str:
    """The included file: HOUSE with the streams, an account for each user and each publisher, and the system account."""
    imports = list(_account_imports(users, publishers, tenants))
    system = _user(reloader.name, reloader.password_hash, reload_permissions())
    blocks = [
        "# written by `microgov publishers`; it is overwritten with every change",
        f"system_account: {SYSTEM}",
        "accounts {",
        _account(SYSTEM, system, imports),
        _account(HOUSE, "", imports, jetstream=True),
        _account(NOWHERE, "", imports),
        *(
            _account(
                one.account,
                _user(one.name, one.password_hash, permissions(one.name, publishers, tenants)),
                imports,
            )
            for one in users
        ),
        *(_account(one.account, _publisher(one), imports) for one in publishers),
        "}",
    ]
    return "\n".join(blocks) + "\n"


def _account_imports(
    users: Iterable[InternalUser], publishers: Sequence[Publisher], tenants: Sequence[str]
) -> Iterable[AccountImport]:
    """The imports: exactly the subjects that each user may publish to. A wider import would bypass the permissions."""
    for user in users:
        for subject in permissions(user.name, publishers, tenants).publish:
            if subject.startswith(("log.", "receipt.", "out.", "$JS.")):
                yield AccountImport(user.account, subject, HOUSE)
            elif subject.startswith("$SYS."):
                yield AccountImport(user.account, subject, SYSTEM)
            elif subject.startswith("ask."):
                yield from (
                    AccountImport(user.account, f"ask.{user.name}.*.{service}.>", account_of(home))
                    for service, home in _answering()
                    if home != user.name
                )
        yield AccountImport(user.account, NOTHING, NOWHERE, API)
    for publisher in publishers:
        yield AccountImport(publisher.account, f"in.{publisher.name}.>", HOUSE)
        yield AccountImport(publisher.account, f"ask.{publisher.name}.>", account_of("gateway"))
        yield from (
            AccountImport(publisher.account, subject, HOUSE) for subject in own_messages(publisher.name)
        )


def _answering() -> list[tuple[str, str]]:
    """Each service that answers questions, and the user whose account it answers in."""
    users = [(one.name, one.name) for one in installed()]
    return [*users, *((one.fold, one.name) for one in installed() if one.fold != one.name)]


def _account(name: str, user: str, imports: Iterable[AccountImport], jetstream: bool = False) -> str:
    exported: dict[str, list[str]] = defaultdict(list)
    for imported in imports:
        if imported.answerer == name:
            exported[imported.subject].append(imported.asker)
    lines = [f"  {_text(name)} {{"]
    lines += ["    jetstream: enabled"] if jetstream else [f"    users: [\n{user}\n    ]"]
    lines += ["    exports: [", *(_export(subject, askers) for subject, askers in exported.items()), "    ]"]
    lines += [
        "    imports: [",
        *(_import(imported) for imported in imports if imported.asker == name),
        "    ]",
        "  }",
    ]
    return "\n".join(lines)


def _import(imported: AccountImport) -> str:
    imported_as = f", to: {_text(imported.imported_as)}" if imported.imported_as else ""
    return f"      {{ service: {{ account: {_text(imported.answerer)}, subject: {_text(imported.subject)} }}{imported_as} }}"


def _export(subject: str, askers: Sequence[str]) -> str:
    """An export. A pull is answered by many messages, hence `stream`; every other request by one."""
    many = ", response_type: stream" if ".MSG.NEXT." in subject else ""
    return (
        f"      {{ service: {_text(subject)}, accounts: [{', '.join(_text(one) for one in askers)}]{many} }}"
    )


def _publisher(publisher: Publisher) -> str:
    allowed = publisher_permissions(publisher)
    if publisher.by == "password":
        return _user(publisher.name, publisher.key, allowed)
    return f"      {{ nkey: {publisher.key}, permissions: {_permissions(allowed)} }}"


def _user(name: str, password_hash: str, allowed: Permissions) -> str:
    return f"      {{ user: {_text(name)}, password: {_text(password_hash)}, permissions: {_permissions(allowed)} }}"


def _permissions(allowed: Permissions) -> str:
    def of(subjects: Iterable[str]) -> str:
        return f"{{ allow: [{', '.join(_text(subject) for subject in subjects)}] }}"

    return f"{{ publish: {of(allowed.publish)}, subscribe: {of(allowed.subscribe)} }}"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
