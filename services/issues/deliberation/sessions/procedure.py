"""The rules of procedure 议事规则 that apply to a session (domain.md §2.3)."""

from sqlalchemy.orm import Session

from microgov.contracts.fields import Role
from microgov.contracts.rules import DeliberationRules
from microgov.contracts.rules.procedure import Procedure, ProcedureRules
from microgov.services.chassis.model import Refused
from microgov.services.chassis.reference_data import rules
from microgov.services.issues.model import Rule, rules_in_force

ONLINE = "micro_topic"
"""The kind of session that is held online, within a window of time."""


def procedure(s: Session, kind: str, field: str = "data.kind") -> Procedure:
    """The rules of procedure for this kind of session; raises `unknown_form` if there are none."""
    known: dict[str, Procedure] = {one.kind: one for one in rules_in_force(s, ProcedureRules).kinds}
    if kind in known:
        return known[kind]
    if kind == ONLINE:
        return _online(rules(s, Rule, DeliberationRules))
    kinds = (ONLINE, *(one for one in known if one != ONLINE))
    raise Refused(
        "unknown_form",
        f"没有“{kind}”这种议事会议。目前可用：{'、'.join(kinds)}。",
        f"There is no kind of session {kind}. It can be: {', '.join(kinds)}.",
        field,
    )


def _online(d: DeliberationRules) -> Procedure:
    """The rules of online sessions, from the section `deliberation`."""
    return Procedure(
        kind="micro_topic",
        convened_by=[Role.BRANCH],
        invited=[],
        quorum=d.quorum,
        majority_per_mille=d.majority_per_mille,
        notice_hours=d.notice_hours,
        amendment_hours=d.amendment_hours,
        confirmations=d.confirmations,
    )
