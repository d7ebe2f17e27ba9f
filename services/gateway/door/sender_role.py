"""Decides which sender and role the door stamps onto a message.

The broker guarantees which publisher has sent the message; the publisher's grant decides whether it may send in a person's
name; the directory knows the person's roles.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.contracts.fields import Role
from microgov.contracts.message import Incoming, Message
from microgov.contracts.rules import BehaviourRules
from microgov.contracts.validation.invalid_message import InvalidMessage
from microgov.services.chassis.messages.stamp import Sender
from microgov.services.gateway.door import admin_rights, entity_names
from microgov.services.gateway.door.admin_rights import AdminFacts
from microgov.services.gateway.model import Grant, GrantedRole, Person, Place, Rule

_CHUNK = 5000
"""The most values in one query: databases limit the number of parameters."""


@dataclass
class Directory:
    """The part of the directory that a batch needs, loaded before its messages are judged. `persons`: those of the named
    persons who are registered. `roles`: person → (role, place, end in UTC or None). `depth`: place → number of places in its
    path. `existing`: the reserved ids that are in use (entity_names.py).
    """

    grant: Grant | None
    persons: set[str] = field(default_factory=set)
    roles: dict[str, list[tuple[Role, str, datetime | None]]] = field(default_factory=dict)
    depth: dict[str, int] = field(default_factory=dict)
    facts: AdminFacts = field(default_factory=AdminFacts)
    existing: set[str] = field(default_factory=set)


def load(c: Connection, publisher: str, batch: Sequence[Incoming[Message]]) -> Directory:
    """Loads the publisher's grant, the roles of all persons whom the batch names, and the facts for admin_rights.py."""
    named = sorted({name for m in batch for name in (m.authid, m.onbehalfof) if name is not None})
    g, p, h, place = (cls.__table__ for cls in (Grant, Person, GrantedRole, Place))
    row = c.execute(sa.select(g).where(g.c.id == publisher)).mappings().first()
    found = Directory(Grant(**row) if row is not None else None)
    for first in range(0, len(named), _CHUNK):
        part = named[first : first + _CHUNK]
        found.persons |= set(c.execute(sa.select(p.c.id).where(p.c.id.in_(part))).scalars())
        for held in c.execute(
            sa.select(h).where(h.c.person.in_(part)).order_by(h.c.person, h.c.role, h.c.place)
        ):
            found.roles.setdefault(held.person, []).append((Role(held.role), held.place, held.until))
    places, people = {at for held in found.roles.values() for _, at, _ in held}, set[str]()
    for wanted, moving in map(admin_rights.facts_needed, batch):
        places |= wanted
        people |= moving
    found.facts.homes = {row.id: row.place for row in _in(c, sa.select(p.c.id, p.c.place), p.c.id, people)}
    places |= set(found.facts.homes.values())
    found.facts.paths = {
        row.id: row.path for row in _in(c, sa.select(place.c.id, place.c.path), place.c.id, places)
    }
    if any(map(admin_rights.needs_behaviour, batch)):
        found.facts.behaviour = behaviour_of(c)
    found.depth = {id: len(path) for id, path in found.facts.paths.items()}
    found.existing = entity_names.existing_ids(c, batch)
    return found


def behaviour_of(c: Connection) -> int:
    """The number `behaviour` in force, as the directory has folded it."""
    r = Rule.__table__
    content = c.execute(sa.select(r.c.content).where(r.c.section == BehaviourRules().section)).scalar()
    return BehaviourRules.model_validate(content or {}).behaviour


def _in(
    c: Connection, query: sa.Select[Any], column: sa.ColumnElement[Any], wanted: set[str]
) -> Iterator[Any]:
    """The rows whose column is one of these values, queried in chunks of 5,000."""
    every = sorted(wanted)
    for first in range(0, len(every), _CHUNK):
        yield from c.execute(query.where(column.in_(every[first : first + _CHUNK])))


def sender_of(m: Incoming[Message], publisher: str, known: Directory, now: datetime) -> Sender:
    """The sender to stamp onto the message; `now` is the door's time (UTC). Raises InvalidMessage if the publisher may not
    send this type, not for this person, or not in this role.
    """
    grant = known.grant
    if grant is None or not grant.in_force:
        raise InvalidMessage(
            "publisher_unknown",
            "type",
            f"发布者 {publisher} 在此租户没有授权。请联系运营人员。",
            f"The publisher {publisher} has no grant in this tenant. Ask the operator for one.",
        )
    if m.type not in grant.types and "*" not in grant.types:
        raise InvalidMessage(
            "type_not_granted",
            "type",
            f"发布者 {publisher} 无权发送 {m.type}。请联系运营人员。",
            f"The publisher {publisher} may not send {m.type}. Ask the operator for it.",
        )
    if m.authid is None and m.onbehalfof is None:
        return _itself(m, publisher, grant)
    if grant.speaks_for != "anyone":
        raise InvalidMessage(
            "may_not_speak_for_others",
            "authid",
            f"发布者 {publisher} 只能代表自己。请去掉 authid 和 onbehalfof。",
            f"The publisher {publisher} speaks for itself alone. Leave authid and onbehalfof out.",
        )
    return _person(m, grant, known, now)


def _itself(m: Incoming[Message], publisher: str, grant: Grant) -> Sender:
    """The sender of a message that a program sends in its own name: with a role of its grant, and without a scope."""
    allowed = _granted(grant) & type(m.data).ROLES
    if m.role is not None:
        allowed &= {m.role}
    return Sender(publisher, "service_account", _only(allowed, m, publisher))


def _granted(grant: Grant) -> frozenset[Role]:
    return frozenset(Role(name) for name in grant.roles)


def _person(m: Incoming[Message], grant: Grant, known: Directory, now: datetime) -> Sender:
    """The sender of a message in a person's name: with a role in force that the type of message and the grant allow.

    The scope is the widest place at which the person has this role.
    """
    if m.authid is None:
        raise InvalidMessage(
            "person_missing",
            "authid",
            "代他人办理时须写明经办人 authid。",
            "authid is missing. Name in it who acts on their behalf.",
        )
    for name, where in ((m.authid, "authid"), (m.onbehalfof, "onbehalfof")):
        if name is not None and name not in known.persons:
            raise InvalidMessage(
                "unknown_person",
                where,
                f"{name} 尚未登记。请先由街道办登记此人。",
                f"{name} is not registered. Have the office register the person first.",
            )
    held = [
        (role, place) for role, place, until in known.roles.get(m.authid, []) if until is None or until > now
    ]
    if m.role is not None and m.role not in type(m.data).ROLES:
        raise InvalidMessage(
            "role_not_allowed",
            "role",
            f"角色 {m.role} 不能发出 {m.type}。允许的角色：{_list(type(m.data).ROLES)}。",
            f"The role {m.role} may not send {m.type}; {_list(type(m.data).ROLES)} may.",
        )
    allowed = {role for role, _ in held} & type(m.data).ROLES & _granted(grant)
    if m.role is not None:
        allowed &= {m.role}
    role = _only(allowed, m, m.authid)
    scope = min(
        (place for r, place in held if r == role), key=lambda place: (known.depth.get(place, 99), place)
    )
    return Sender(m.authid, "app_user", role, scope, m.onbehalfof)


def _only(allowed: set[Role] | frozenset[Role], m: Incoming[Message], who: str) -> Role:
    """The one allowed role; raises InvalidMessage if there is none, or several."""
    if not allowed:
        raise InvalidMessage(
            "role_missing",
            "role",
            f"{who} 没有可以发出 {m.type} 的角色。需要其一：{_list(type(m.data).ROLES)}。",
            f"{who} has no role that may send {m.type}; one of {_list(type(m.data).ROLES)} is needed.",
        )
    if len(allowed) > 1:
        raise InvalidMessage(
            "role_ambiguous",
            "role",
            f"{who} 有多个角色可以发出 {m.type}（{_list(allowed)}）。请在 role 中写明。",
            f"{who} has several roles that may send {m.type} ({_list(allowed)}). Name one in role.",
        )
    return next(iter(allowed))


def _list(roles: Iterable[Role]) -> str:
    return ", ".join(sorted(role.value for role in roles))
