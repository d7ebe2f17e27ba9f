"""Rows of care teams, their roles and households (domain.md §3.2, I5)."""

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts import matching
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import AnyMessage, Entity, Said
from microgov.services.chassis.reference_data import check_within
from microgov.services.chassis.store.fold_session.children import rows_under
from microgov.services.matching.care_teams.life import LIFE
from microgov.services.matching.model import Base, Deadline, Place
from microgov.services.matching.registry.role_holding import RoleHolding

ROLES = ("party_member", "dasao", "landlord")


class CareTeam(Entity, Base):
    """A care team with `filled` of its three roles and `households` households."""

    __tablename__ = "care_team"
    CALLED = "CareTeam"
    state: Mapped[str]
    place: Mapped[str]
    name: Mapped[str]
    formed_by: Mapped[str]
    filled: Mapped[int]
    households: Mapped[int]

    @classmethod
    def form(cls, m: Envelope[matching.FormCareTeam], s: Session) -> Said:
        """Forms a team without members."""
        check_within(s, Place, m.data.place, m, "data.place")
        team = cls.new(
            s,
            m.subject,
            state="forming",
            place=m.data.place,
            name=m.data.name,
            formed_by=m.authid,
            filled=0,
            households=0,
        )
        return team.say(matching.CareTeamFormed(place=team.place, name=team.name))

    @classmethod
    def in_scope(cls, m: AnyMessage, s: Session) -> "CareTeam":
        """The team of the message, after a check of the sender's scope."""
        team = cls.find(s, m.subject)
        check_within(s, Place, team.place, m)
        return team

    def activate_if_complete(self, m: AnyMessage, s: Session) -> list[Said]:
        """Makes a team active that now has all roles filled and at least one household; otherwise does nothing."""
        if self.filled < len(ROLES) or not self.households or not LIFE.allows(self.state, "complete"):
            return []
        LIFE.moved_by(self, "complete", m, s)
        return [self.say(matching.CareTeamActivated(place=self.place))]

    def set_deadline(self, seats: dict[str, str], s: Session) -> None:
        """Sets the deadline `care_role` to the time at which the first of the members' roles ends, or drops it. `seats` maps
        each role to its person.
        """
        untils = [RoleHolding.until_of(person, role, self.place, s) for role, person in seats.items()]
        ends = [until for until in untils if until is not None]
        if ends:
            Deadline.put(s, "care_role", self.id, min(ends))
        else:
            Deadline.drop(s, "care_role", self.id)


class CareSeat(Base):
    """The person who has a role in the team."""

    __tablename__ = "care_seat"
    team: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str]

    @classmethod
    def of(cls, team: str, s: Session) -> dict[str, str]:
        """The team's members, person by role."""
        return {row.role: row.person for row in rows_under(s, cls, team)}


class CareTask(Base):
    """The rows of CareSeat by person: the roles that a person has in teams."""

    __tablename__ = "care_task"
    person: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    team: Mapped[str] = mapped_column(primary_key=True)


class CaredFor(Base):
    """A household that a team cares for; it is in one team at most (I5). `person` is the member through whom it joined."""

    __tablename__ = "cared_for"
    household: Mapped[str] = mapped_column(primary_key=True)
    team: Mapped[str] = mapped_column(index=True)
    person: Mapped[str]


class Observation(Base):
    """The issue that an observation of a member has become."""

    __tablename__ = "observation"
    team: Mapped[str] = mapped_column(primary_key=True)
    issue: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str]
