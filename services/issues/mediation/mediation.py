"""State machine, rows and guards of a mediation 调解 (domain.md §2.3). No row holds what the parties say or agree on."""

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.issues import (
    AssignMediator,
    ConsentToMediation,
    FailMediation,
    FollowUpMediation,
    HoldMediation,
    MediationConsented,
    MediationFailed,
    MediationFollowedUp,
    MediationHeld,
    MediationLapsed,
    MediationRefused,
    MediationRequested,
    MediationSettled,
    MediatorAssigned,
    RefuseMediation,
    RequestMediation,
    SettleMediation,
)
from microgov.services.chassis.model import SAME, Entity, Guard, Life, Transition, each
from microgov.services.issues.model import Base

LAPSE = "mediation"
"""Kind of the deadline for a settlement, counted from the last consent."""

PERFORMED_LATER = Guard(
    "performed_in_the_past",
    "履行期限已过。请填写将来的日期。",
    "The day of performance is over. Name one to come.",
    lambda mediation, m, s: m.data.perform_by > m.recordedtime,
    "data.perform_by",
)
RIGHTS_EXPLAINED = Guard(
    "rights_not_told",
    "调解不成的，须先告知各方还可以怎样维护权利。请告知后再登记（rights_told）。",
    "Where mediation fails, the parties are told what else they may do. Tell them, then say so (rights_told).",
    lambda mediation, m, s: m.data.rights_told,
    "data.rights_told",
)
BY_MEDIATOR = Guard(
    "not_mediator",
    "只有这次调解的调解员可以这样做。",
    "Only the mediator of this mediation may do this.",
    lambda mediation, m, s: m.authid == mediation.mediator,
    "authid",
)
NOT_BY_MEDIATOR = Guard(
    "same_person",
    "调解员不得自行回访。请由他人回访。",
    "Who mediated does not follow it up. Have somebody else visit.",
    lambda mediation, m, s: m.authid != mediation.mediator,
    "authid",
)

AGREED = ("agreed", "assigned", "in_session")
"""States in which all parties have consented and there is no settlement yet."""

LIFE = Life(
    "mediation",
    "调解",
    {
        "requested": ("待各方同意", "waiting for consent"),
        "agreed": ("各方已同意", "agreed to"),
        "assigned": ("已定调解员", "assigned to a mediator"),
        "in_session": ("调解中", "in session"),
        "performing": ("履行中", "being performed"),
        "closed": ("已履行", "closed"),
        "refused": ("未获同意", "refused"),
        "failed": ("调解不成", "failed"),
        "lapsed": ("逾期终止", "lapsed"),
    },
    {
        (None, RequestMediation): Transition("requested", MediationRequested),
        ("requested", ConsentToMediation): Transition(SAME, MediationConsented),
        ("requested", "consented"): Transition("agreed", MediationConsented),
        ("requested", RefuseMediation): Transition("refused", MediationRefused),
        ("agreed", AssignMediator): Transition("assigned", MediatorAssigned),
        ("assigned", HoldMediation): Transition("in_session", MediationHeld, (BY_MEDIATOR,)),
        ("in_session", HoldMediation): Transition(SAME, MediationHeld, (BY_MEDIATOR,)),
        ("in_session", SettleMediation): Transition(
            "performing", MediationSettled, (BY_MEDIATOR, PERFORMED_LATER)
        ),
        ("performing", FollowUpMediation): Transition(SAME, MediationFollowedUp, (NOT_BY_MEDIATOR,)),
        ("performing", "performed"): Transition("closed", MediationFollowedUp),
        **each(
            AGREED[1:], FailMediation, Transition("failed", MediationFailed, (BY_MEDIATOR, RIGHTS_EXPLAINED))
        ),
        **each(AGREED, LAPSE, Transition("lapsed", MediationLapsed)),
    },
    frozenset({"closed", "refused", "failed", "lapsed"}),
)


class Mediation(Entity, Base):
    """A mediation. `consents` of its `parties` have consented so far; `sessions` counts meetings."""

    __tablename__ = "mediation"
    CALLED = "Mediation"
    issue: Mapped[str] = mapped_column(index=True)
    state: Mapped[str]
    instrument: Mapped[str]
    parties: Mapped[int]
    consents: Mapped[int]
    mediator: Mapped[str | None]
    sessions: Mapped[int]

    @classmethod
    def under_way(cls, issue: str, s: Session) -> bool:
        """Whether the issue has a mediation that is requested or agreed to and not settled yet."""
        query = select(cls.id).where(cls.issue == issue, cls.state.in_(("requested", *AGREED)))
        return s.scalars(query).first() is not None


class Party(Base):
    """A party to the mediation; `consented` once they agreed."""

    __tablename__ = "party"
    mediation: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    consented: Mapped[bool]
