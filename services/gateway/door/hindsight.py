"""Finds roles and grants in force that today's door would reject, because its rules are newer than these roles and grants.

They are valid, because the log holds them, and only an operator can take them back. `microgov check` lists them, with the
command that does so.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from pydantic import ValidationError

from microgov.contracts import directory
from microgov.contracts.fields import Role, Words
from microgov.contracts.message import Envelope, Incoming, Message, parse, type_in
from microgov.contracts.validation.invalid_message import InvalidMessage
from microgov.services.chassis.log import Stored, recorded_in
from microgov.services.chassis.messages.stamp import Sender
from microgov.services.gateway.door.admin_rights import AdminFacts, must_be_allowed

READ = frozenset(
    m.TYPE
    for m in (
        directory.PlaceDefined,
        directory.GrantRole,
        directory.RoleGranted,
        directory.RoleRevoked,
        directory.GrantPublisher,
        directory.PublisherGranted,
        directory.PublisherWithdrawn,
    )
)
"""The types of messages that are read; all others are skipped."""
Key = tuple[str, ...]
"""What was given: (person, role, place) for a role, (publisher,) for a grant."""


class Note(NamedTuple):
    """One such role or grant: the sequence of the command that gave it, what was given and by whom, and why it would be
    rejected today. `undo` is the command line that takes it back.
    """

    seq: int
    what: Words
    why: Words
    undo: str


class Hindsight:
    """Call `take` with each message of a tenant's log in order; `notes` then yields the roles and grants still in force.

    `asked`: id of a command → its sequence and envelope, until its event follows. `in_force`: the notes found so far, each
    with the end of the role (UTC; None: it has no end). `now`: the latest recordedtime.
    """

    def __init__(self, tenant: str) -> None:
        self.tenant, self.facts = tenant, AdminFacts()
        self.asked: dict[str, tuple[int, Envelope[Any]]] = {}
        self.in_force: dict[Key, tuple[Note, datetime | None]] = {}
        self.now = datetime.min.replace(tzinfo=UTC)

    def take(self, stored: Stored) -> None:
        """Processes one message of the log."""
        self.now = max(self.now, recorded_in(stored))
        if type_in(stored.subject) not in READ:
            return
        try:
            m: Envelope[Any] = parse(stored.subject, stored.data)
        except ValidationError:
            return
        data = m.data
        if isinstance(data, directory.GrantRole | directory.GrantPublisher):
            self.asked[m.id] = (stored.seq, m)
        elif isinstance(data, directory.PlaceDefined):
            self.facts.paths[m.subject] = data.path
        elif isinstance(data, directory.RoleGranted):
            self._admitted((data.person, data.role.value, data.place), m, data.until)
        elif isinstance(data, directory.PublisherGranted):
            self._admitted((data.publisher,), m, None)
        elif isinstance(data, directory.RoleRevoked):
            self.in_force.pop((data.person, data.role.value, data.place), None)
        elif isinstance(data, directory.PublisherWithdrawn):
            self.in_force.pop((data.publisher,), None)

    def notes(self) -> Iterator[Note]:
        """The notes, in the order of the log."""
        for note, until in sorted(self.in_force.values(), key=lambda one: one[0].seq):
            if until is None or until > self.now:
                yield note

    def _admitted(self, key: Key, fact: Envelope[Any], until: datetime | None) -> None:
        """Notes a role or grant that the event `fact` has given, if the door would reject its command today."""
        self.in_force.pop(key, None)
        seq, m = self.asked.pop(fact.causationid or "", (0, None))
        if m is None:
            return
        sender = Sender(m.authid, m.authtype, m.role, m.scope, m.onbehalfof)
        try:  # an envelope of the log has all the fields that these rules read
            must_be_allowed(cast(Incoming[Message], m), sender, m.publisher or "", self.tenant, self.facts)
        except InvalidMessage as bad:
            self.in_force[key] = (
                Note(seq, _what(key, sender, m.publisher), bad.words, self._undo(key, seq)),
                until,
            )

    def _undo(self, key: Key, seq: int) -> str:
        if len(key) == 1:
            return f"microgov publishers revoke {key[0]}"
        person, role, place = key
        order = {
            "specversion": "1.0",
            "id": f"take-back-{seq}",
            "source": "/operator",
            "type": directory.RevokeRole.TYPE,
            "subject": person,
            "role": Role.OPERATOR.value,
            "data": {"role": role, "place": place},
        }
        return f"echo '{json.dumps(order)}' | microgov send - --tenant {self.tenant}"


def _what(key: Key, by: Sender, publisher: str | None) -> Words:
    who = f"{by.authid} ({by.role}, {by.scope or '–'}, {publisher or '–'})"
    if len(key) == 1:
        return Words(
            zh=f"发布者 {key[0]} 的授权由 {who} 给出",
            en=f"the publisher {key[0]} has a grant that {who} gave",
        )
    person, role, place = key
    return Words(
        zh=f"{person} 在 {place} 的角色 {role} 由 {who} 授予",
        en=f"{person} is {role} at {place}, given by {who}",
    )
