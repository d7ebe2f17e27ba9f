"""The directory's whole behaviour in one table."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from microgov.contracts import directory as d
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Said
from microgov.services.chassis.service import Service, reads
from microgov.services.gateway.door.refused_attempts import attempts
from microgov.services.gateway.model import Base, Grant, Held, Person, Place, Rule


def define_place(m: Envelope[d.DefinePlace], s: Session) -> Iterator[Said]:
    yield Place.define(m, s)


@reads(lambda m: [(Person, m.subject), (Place, m.data.place)])
def register_person(m: Envelope[d.RegisterPerson], s: Session) -> Iterator[Said]:
    yield Person.register(m, s)


@reads(lambda m: [(Person, m.subject), (Place, m.data.place), (Held, (m.subject, m.data.role.value, m.data.place))])
def grant_role(m: Envelope[d.GrantRole], s: Session) -> Iterator[Said]:
    yield Held.grant(m, s)


def revoke_role(m: Envelope[d.RevokeRole], s: Session) -> Iterator[Said]:
    yield Held.revoke(m, s)


def grant_publisher(m: Envelope[d.GrantPublisher], s: Session) -> Iterator[Said]:
    yield Grant.grant(m, s)


def withdraw_publisher(m: Envelope[d.WithdrawPublisher], s: Session) -> Iterator[Said]:
    yield Grant.withdraw(m, s)


def change_rules(m: Envelope[d.ChangeRules], s: Session) -> Iterator[Said]:
    yield Rule.change(m, s)


service = Service(
    name="directory",
    base=Base,
    handlers={
        d.DefinePlace: define_place,
        d.RegisterPerson: register_person,
        d.GrantRole: grant_role,
        d.RevokeRole: revoke_role,
        d.GrantPublisher: grant_publisher,
        d.WithdrawPublisher: withdraw_publisher,
        d.ChangeRules: change_rules,
    },
    questions={d.ListAttempts: attempts},
)
