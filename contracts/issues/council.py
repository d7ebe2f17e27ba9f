"""What is asked and said about a standing council 议事协商会 and its members (domain.md §2.3)."""

from microgov.contracts.fields import Count, EntityId, FreeText, PersonId, PlaceId, RoleName, Text, Time
from microgov.contracts.issues.vocabulary import BRANCH
from microgov.contracts.message import Command, Event


class FormCouncil(Command, roles=BRANCH, creates=True):
    """A standing council (the subject) of a place; its rules are those of the section `procedure`."""

    place: PlaceId
    name: Text


class CouncilFormed(Event):
    place: PlaceId
    name: Text


class SeatMember(Command, roles=BRANCH, creates=True):
    """A seat (the subject) in the council: the person sits in it as one of a class, until the term ends."""

    council: EntityId
    person: PersonId
    role: RoleName
    until: Time


class MemberSeated(Event):
    """`members` sit in the council now."""

    council: EntityId
    person: PersonId
    role: RoleName
    until: Time
    members: Count


class UnseatMember(Command, roles=BRANCH):
    """The seat (the subject) is vacated before its term ends."""

    reason: FreeText


class SeatVacated(Event):
    """Left or unseated before the term, for a `reason`; without one the term is over."""

    council: EntityId
    person: PersonId
    members: Count
    reason: FreeText | None = None
