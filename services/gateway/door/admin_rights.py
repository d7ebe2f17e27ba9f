"""Decides who may act for the whole tenant, grant roles and move people.

The door decides this, because the directory alone is needed for it. A replay does not repeat the door's decisions, so a rule
that is changed here takes effect at once for every tenant.
"""

from dataclasses import dataclass, field
from typing import Any

from microgov.contracts import directory
from microgov.contracts.fields import Role
from microgov.contracts.log import DiscardMessage, RetryMessage, SetClock
from microgov.contracts.message import REGISTRY, Incoming, Message
from microgov.contracts.rules import BehaviourRules
from microgov.contracts.validation.invalid_message import InvalidMessage
from microgov.services.chassis.fold import behaviour
from microgov.services.chassis.messages.stamp import Sender
from microgov.services.gateway.accounts.permissions import CLI

WHOLE_TENANT: tuple[type[Message], ...] = (
    directory.ChangeRules,
    directory.GrantPublisher,
    directory.WithdrawPublisher,
    SetClock,
    RetryMessage,
    DiscardMessage,
)
"""The commands that concern the whole tenant. DefinePlace without a parent concerns it, too."""


@dataclass
class AdminFacts:
    """What the rules of this file need to know from the directory. `paths`: place → its path (the place itself, then
    the places around it, up to the tenant). `homes`: person → the place of registration. `behaviour`: the number in force.
    """

    paths: dict[str, list[str]] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    behaviour: int = BehaviourRules().behaviour


def facts_needed(m: Incoming[Message]) -> tuple[set[str], set[str]]:
    """The places whose paths, and the persons whose registered places, are needed to judge this message."""
    data: Any = m.data
    if isinstance(data, directory.GrantRole | directory.RevokeRole):
        return {data.place}, set()
    if isinstance(data, directory.RegisterPerson):
        return {data.place}, {m.subject} if m.subject else set()
    if isinstance(data, directory.DefinePlace) and data.parent is not None:
        return {data.parent}, set()
    return set(), set()


def needs_behaviour(m: Incoming[Message]) -> bool:
    """Whether the number `behaviour` in force is needed to judge this message."""
    data: Any = m.data
    return REGISTRY[m.type].SINCE > 0 or (
        isinstance(data, directory.ChangeRules) and isinstance(data.content, BehaviourRules)
    )


def must_be_allowed(
    m: Incoming[Message], sender: Sender, publisher: str, tenant: str, facts: AdminFacts
) -> None:
    """Raises InvalidMessage if the sender's role allows this type of message, but the sender may not send it for this place,
    for a role of this rank, or as a program in its own name.
    """
    if publisher != CLI and sender.authtype == "service_account" and is_administrative(m):
        raise InvalidMessage(
            "people_are_needed",
            "authid",
            f"发布者 {publisher} 不能以自己的名义发出 {m.type}。请在 authid 中写明由谁办理。",
            f"The publisher {publisher} may not send {m.type} in its own name. Name in authid the person who does it.",
        )
    # Without a scope the sender is `cli`, or a program whose messages are not about the tenant.
    scope = sender.scope or tenant
    if _whole_tenant(m) and scope != tenant:
        raise InvalidMessage(
            "whole_tenant_needed",
            "role",
            f"{m.type} 涉及整个街道，而您的职责范围是 {scope}。请由职责范围为 {tenant} 的人办理。",
            f"{m.type} concerns the whole sub-district, and your scope is {scope}. "
            f"Somebody whose scope is {tenant} has to do it.",
        )
    _check_behaviour(m, facts.behaviour)
    if isinstance(m.data, directory.GrantRole | directory.RevokeRole):
        _check_roles(m.data, sender.role, scope, tenant, facts)
    if isinstance(m.data, directory.RegisterPerson):
        _check_within(m.data.place, "data.place", scope, tenant, facts)
        _check_move(m, scope, tenant, facts)
    if isinstance(m.data, directory.DefinePlace) and m.data.parent is not None:
        _check_within(m.data.parent, "data.parent", scope, tenant, facts)


def is_administrative(m: Incoming[Message]) -> bool:
    """Whether the message is about the tenant itself, its people, roles, rules or programs."""
    return type(m.data).OWNER == "directory" or isinstance(m.data, WHOLE_TENANT)


def _whole_tenant(m: Incoming[Message]) -> bool:
    """Whether only a sender whose scope is the whole tenant may send the message."""
    return isinstance(m.data, WHOLE_TENANT) or (
        isinstance(m.data, directory.DefinePlace) and m.data.parent is None
    )


def _check_roles(
    data: directory.GrantRole | directory.RevokeRole,
    role: Role | None,
    scope: str,
    tenant: str,
    facts: AdminFacts,
) -> None:
    """Raises InvalidMessage if a role may not be granted or revoked by this sender.

    Only operators give or take the role operator. The role office at a place is given and taken by operators, or from a
    scope above that place. For any role the scope must include the place.
    """
    if data.role == Role.OPERATOR and role != Role.OPERATOR:
        raise InvalidMessage(
            "operators_only",
            "data.role",
            "operator 只能由运营人员授予或收回。请联系运营人员。",
            "The role operator is given and taken by operators alone. Ask one of them.",
        )
    path = facts.paths.get(data.place)
    if data.role == Role.OFFICE and role != Role.OPERATOR and path is not None and scope not in path[1:]:
        above = path[1] if len(path) > 1 else None
        raise InvalidMessage(
            "not_from_above",
            "data.role",
            f"{data.place} 的 office 由上级（{above or '运营人员'}）授予或收回。请联系上级。",
            f"The role office at {data.place} is given and taken from above, by {above or 'operators'}. Ask there.",
        )
    _check_within(data.place, "data.place", scope, tenant, facts)


def _check_within(place: str, field: str, scope: str, tenant: str, facts: AdminFacts) -> None:
    """Raises InvalidMessage if the place is outside the sender's scope. An unknown place lies only within the scope of the
    whole tenant; then the directory refuses the command.
    """
    if scope == tenant or scope in facts.paths.get(place, []):
        return
    raise InvalidMessage(
        "outside_scope",
        field,
        f"{place} 不在您的职责范围 {scope} 之内。请由该处的负责人办理。",
        f"{place} is outside your scope {scope}. Ask whoever is responsible there.",
    )


def _check_move(m: Incoming[Message], scope: str, tenant: str, facts: AdminFacts) -> None:
    """Raises InvalidMessage if a person who is registered already is moved by a sender whose scope does not include the
    person's present place.
    """
    home = facts.homes.get(m.subject or "")
    if home is None or scope == tenant or scope in facts.paths.get(home, []):
        return
    raise InvalidMessage(
        "not_from_there",
        "subject",
        f"{m.subject} 登记在 {home}，不在您的职责范围 {scope} 之内。请由该处办理迁移。",
        f"{m.subject} is registered at {home}, outside your scope {scope}. Have it done there, or from above.",
    )


def _check_behaviour(m: Incoming[Message], in_force: int) -> None:
    """Raises InvalidMessage for a message that needs a higher `behaviour`, and for a ChangeRules that changes it: the
    gateway alone raises the number, once every service supports it (behaviour_rise.py).
    """
    data: Any = m.data
    since = REGISTRY[m.type].SINCE
    if since > in_force:
        raise InvalidMessage(
            "not_yet_known",
            "type",
            f"{m.type} 自 behaviour {since} 起才有，本租户现为 {in_force}。待所有服务升级后会自动提升，请届时再发。",
            f"There is {m.type} from behaviour {since} on; this tenant goes by {in_force}. It rises by itself once "
            "every service is upgraded: send it then.",
        )
    if not isinstance(data, directory.ChangeRules) or not isinstance(data.content, BehaviourRules):
        return
    asked, field = data.content.behaviour, "data.content.behaviour"
    if asked < in_force:
        raise InvalidMessage(
            "behaviour_lowered",
            field,
            f"behaviour 现为 {in_force}，只升不降：已按它作出的决定不会改变。请写 {in_force}，或从文件中去掉此行。",
            f"behaviour is {in_force} and only rises: what was decided by it stands. Write {in_force} or leave it out "
            "of the file.",
        )
    if asked > in_force:
        raise InvalidMessage(
            "behaviour_not_by_hand",
            field,
            f"behaviour 现为 {in_force}，本版本支持到 {behaviour.highest_known()}；"
            f"所有服务支持后会自动提升。写 {in_force}。",
            f"behaviour is {in_force}, and this release knows {behaviour.highest_known()}. It is raised by itself "
            f"once every service knows the next; write {in_force}.",
        )
