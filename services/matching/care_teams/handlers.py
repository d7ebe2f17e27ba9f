"""Which function answers which message of care teams."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from microgov.contracts import matching as c
from microgov.contracts.directory import RoleGranted, RoleRevoked
from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import Envelope, Message
from microgov.services.chassis.model import Said
from microgov.services.chassis.service import Handler, reads
from microgov.services.chassis.store.children import Under
from microgov.services.matching.care_teams import membership
from microgov.services.matching.care_teams.care_team import CareSeat, CareTask, CareTeam
from microgov.services.matching.model import Person
from microgov.services.matching.registry.role_holding import Standing


@reads(lambda m: [(Standing, (m.data.person, m.data.role, m.data.place)), (CareTask, Under(m.data.person))])
def role_granted(m: Envelope[RoleGranted], s: Session) -> Iterator[Said]:
    Standing.granted(m, s)
    membership.role_granted(m, s)
    yield from ()


@reads(lambda m: [(Standing, (m.data.person, m.data.role, m.data.place)), (CareTask, Under(m.data.person))])
def role_revoked(m: Envelope[RoleRevoked], s: Session) -> Iterator[Said]:
    Standing.revoked(m, s)
    yield from membership.role_revoked(m, s)


@reads(lambda m: [(CareTeam, m.subject)])
def form_care_team(m: Envelope[c.FormCareTeam], s: Session) -> Iterator[Said]:
    yield CareTeam.form(m, s)


@reads(lambda m: [(CareTeam, m.subject), (CareSeat, (m.subject, m.data.role)), (Person, m.data.person)])
def fill_care_role(m: Envelope[c.FillCareRole], s: Session) -> Iterator[Said]:
    yield from membership.fill(m, s)


@reads(lambda m: [(CareTeam, m.subject), (CareSeat, (m.subject, m.data.role))])
def vacate_care_role(m: Envelope[c.VacateCareRole], s: Session) -> Iterator[Said]:
    yield from membership.vacate(m, s)


@reads(lambda m: [(CareTeam, m.subject), (Person, m.data.person)])
def join_care_team(m: Envelope[c.JoinCareTeam], s: Session) -> Iterator[Said]:
    yield from membership.join(m, s)


@reads(lambda m: [(CareTeam, m.subject), (Person, m.data.person)])
def leave_care_team(m: Envelope[c.LeaveCareTeam], s: Session) -> Iterator[Said]:
    yield membership.leave(m, s)


def dissolve_care_team(m: Envelope[c.DissolveCareTeam], s: Session) -> Iterator[Said]:
    yield membership.dissolve(m, s)


@reads(lambda m: [(CareTeam, m.subject), (CareSeat, Under(m.subject)), (Person, m.beneficiary)])
def record_observation(m: Envelope[c.RecordObservation], s: Session) -> Iterator[Said]:
    yield membership.observe(m, s)


def care_role_over(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    """A role was granted until now."""
    yield from membership.run_out(s.get_one(CareTeam, m.data.entity), m, s)


HANDLERS: dict[type[Message], Handler] = {
    RoleGranted: role_granted,
    RoleRevoked: role_revoked,
    c.FormCareTeam: form_care_team,
    c.FillCareRole: fill_care_role,
    c.VacateCareRole: vacate_care_role,
    c.JoinCareTeam: join_care_team,
    c.LeaveCareTeam: leave_care_team,
    c.DissolveCareTeam: dissolve_care_team,
    c.RecordObservation: record_observation,
}
