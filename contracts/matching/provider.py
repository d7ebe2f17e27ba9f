"""What is asked and said about providers: persons who serve, what they can, and when they have time (domain.md §3.1)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import EntityId, FreeText, Part, PersonId, RoleName, Word
from microgov.contracts.matching.vocabulary import ENROLLERS, REGISTRARS, QualificationKind
from microgov.contracts.message import Command, Event
from microgov.contracts.rules import Day

Organisations = Annotated[list[EntityId], Field(max_length=20)]
Roles = Annotated[list[RoleName], Field(min_length=1, max_length=10)]
Languages = Annotated[list[Word], Field(max_length=20, examples=[["mandarin", "wenzhou"]])]
Conflicts = Annotated[list[PersonId] | None, Field(max_length=50, examples=[["p-zhao"]])]
"""Persons whom somebody may not serve: relatives, neighbours in a quarrel; why is nobody's business."""


class Qualification(Part):
    """资质: a skill, a language or dialect, or a check (of a record, of health), by its name."""

    kind: QualificationKind
    name: Annotated[Word, Field(examples=["first_aid"])]


class Weekly(Part):
    """Every week on this day (1: Monday), between these minutes of the day, as the wall of the `calendar` shows them."""

    weekday: Annotated[int, Field(ge=1, le=7, examples=[6])]
    from_minute: Annotated[int, Field(ge=0, le=1439, examples=[540])]
    to_minute: Annotated[int, Field(ge=1, le=1440, examples=[720])]


Week = Annotated[list[Weekly], Field(min_length=1, max_length=50)]
DaysOff = Annotated[list[Day], Field(max_length=366)]


class RegisterProvider(Command, roles=ENROLLERS, creates=True):
    """A person (the subject) serves: for organisations, or (none named) by themself. Again: all of it anew."""

    organisations: Organisations
    roles: Roles
    languages: Languages
    conflicts: Conflicts = None


class ProviderRegistered(Event):
    person: PersonId
    organisations: Organisations
    roles: Roles
    languages: Languages
    conflicts: Conflicts = None


class WithdrawProvider(Command, roles=ENROLLERS):
    """The person serves no more; what they have accepted goes on."""


class ProviderWithdrawn(Event):
    person: PersonId


class VerifyQualification(Command, roles=REGISTRARS):
    """The sender has seen the proof. `valid_until` is the last day; none: for good. Again: renewed."""

    qualification: Qualification
    valid_until: Day | None = None


class QualificationVerified(Event):
    person: PersonId
    qualification: Qualification
    valid_until: Day | None = None
    verified_by: PersonId


class RevokeQualification(Command, roles=REGISTRARS):
    qualification: Qualification
    reason: FreeText


class QualificationRevoked(Event):
    person: PersonId
    qualification: Qualification
    reason: FreeText


class SetAvailability(Command, roles=ENROLLERS):
    """When the person (the subject) has time, every week but for some days, in place of what was said before."""

    weekly: Week
    days_off: DaysOff


class AvailabilitySet(Event):
    person: PersonId
    weekly: Week
    days_off: DaysOff


class WithdrawAvailability(Command, roles=ENROLLERS):
    """The person has no time until further notice."""


class AvailabilityWithdrawn(Event):
    person: PersonId
