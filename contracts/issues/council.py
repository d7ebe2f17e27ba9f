"""Messages about a standing council 议事协商会 and its members (domain.md §2.3)."""

from microgov.contracts.fields import Count, EntityId, FreeText, PersonId, PlaceId, RoleName, Text, Time
from microgov.contracts.issues.vocabulary import BRANCH
from microgov.contracts.message import Command, Event

ABOUT = "council"


class FormCouncil(Command, roles=BRANCH, creates=True):
    """Forms a standing council (`subject`) of a place; it meets by the section `procedure` of the rules."""

    place: PlaceId
    name: Text


class CouncilFormed(Event):
    """A council exists and can have members."""

    place: PlaceId
    name: Text


class SeatMember(Command, roles=BRANCH, creates=True):
    """Gives a person a seat (`subject`) in the council, in the class `role`, until the term ends at `until`."""

    council: EntityId
    person: PersonId
    role: RoleName
    until: Time


class MemberSeated(Event, about="seat"):
    """A person has a seat (`subject`); `members` is the number of members of the council now."""

    council: EntityId
    person: PersonId
    role: RoleName
    until: Time
    members: Count


class UnseatMember(Command, roles=BRANCH):
    """Vacates the seat (`subject`) before its term ends; `SeatVacated` follows."""

    reason: FreeText


class SeatVacated(Event, about="seat"):
    """A seat (`subject`) is vacant; `members` is the number of members left.

    `reason` is given if it was vacated before the term ended.
    """

    council: EntityId
    person: PersonId
    members: Count
    reason: FreeText | None = None
