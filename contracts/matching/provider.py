"""Messages about providers, who are persons that serve: their qualifications, and when they have time (domain.md §3.1)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import EntityId, FreeText, Part, PersonId, RoleName, Word
from microgov.contracts.matching.vocabulary import ENROLLERS, REGISTRARS, QualificationKind
from microgov.contracts.message import Command, Event
from microgov.contracts.rules import Day

ABOUT = "provider"

Organisations = Annotated[list[EntityId], Field(max_length=20)]
Roles = Annotated[list[RoleName], Field(min_length=1, max_length=10)]
Languages = Annotated[list[Word], Field(max_length=20, examples=[["mandarin", "wenzhou"]])]
Conflicts = Annotated[list[PersonId] | None, Field(max_length=50, examples=[["p-zhao"]])]
"""Persons whom the provider must not serve, such as relatives or neighbours in a quarrel; the reasons are not recorded."""


class Qualification(Part):
    """资质: a skill, a language or dialect, or a check (of a record, of health), by its name."""

    kind: QualificationKind
    name: Annotated[Word, Field(examples=["first_aid"])]


class Weekly(Part):
    """A weekly window: on `weekday` (1 is Monday), between two times in minutes after midnight, local time."""

    weekday: Annotated[int, Field(ge=1, le=7, examples=[6])]
    from_minute: Annotated[int, Field(ge=0, le=1439, examples=[540])]
    to_minute: Annotated[int, Field(ge=1, le=1440, examples=[720])]


Week = Annotated[list[Weekly], Field(min_length=1, max_length=50)]
DaysOff = Annotated[list[Day], Field(max_length=366)]


class RegisterProvider(Command, roles=ENROLLERS, creates=True):
    """Registers a person (`subject`) who serves for organisations, or independently if none is named.

    Sent again, it replaces the whole entry.
    """

    organisations: Organisations
    roles: Roles
    languages: Languages
    conflicts: Conflicts = None


class ProviderRegistered(Event):
    """A person serves, and is known to the planner. Other registered persons can be asked as well."""

    person: PersonId
    organisations: Organisations
    roles: Roles
    languages: Languages
    conflicts: Conflicts = None


class WithdrawProvider(Command, roles=ENROLLERS):
    """Withdraws the provider (`subject`), whose qualifications then no longer count.

    The planner suggests them no longer, unless they have served before, and `ProposePerson` can still name them. What they
    have accepted continues; but for a service that requires a qualification they can no longer check in.
    """


class ProviderWithdrawn(Event):
    """The person has withdrawn as a provider."""

    person: PersonId


class VerifyQualification(Command, roles=REGISTRARS):
    """Confirms a qualification of the person (`subject`); the sender has seen the proof.

    `valid_until` is its last day; without it there is no end. Sent again, it renews the qualification. Nobody verifies or
    revokes a qualification of their own.
    """

    qualification: Qualification
    valid_until: Day | None = None


class QualificationVerified(Event):
    """The person has this qualification."""

    person: PersonId
    qualification: Qualification
    valid_until: Day | None = None
    verified_by: PersonId


class RevokeQualification(Command, roles=REGISTRARS):
    """Revokes a qualification of the person (`subject`)."""

    qualification: Qualification
    reason: FreeText


class QualificationRevoked(Event):
    """The person no longer has this qualification."""

    person: PersonId
    qualification: Qualification
    reason: FreeText


class SetAvailability(Command, roles=ENROLLERS):
    """Sets when the person (`subject`) has time every week, except on some days; replaces earlier settings.

    Only the planner goes by it.
    """

    weekly: Week
    days_off: DaysOff


class AvailabilitySet(Event):
    """The person has time every week in these windows, except on the days off."""

    person: PersonId
    weekly: Week
    days_off: DaysOff


class WithdrawAvailability(Command, roles=ENROLLERS):
    """Records that the person (`subject`) has no time until further notice."""


class AvailabilityWithdrawn(Event):
    """The person has no time until further notice."""

    person: PersonId
