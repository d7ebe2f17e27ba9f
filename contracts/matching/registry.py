"""What is asked and said about organisations 社会组织 and other parties that serve or are served (domain.md §1)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import EntityId, FreeText, PersonId, PlaceId, Text, Word
from microgov.contracts.matching.vocabulary import REGISTRARS, PartyKind, Stage, Status
from microgov.contracts.message import Command, Event

Enterprises = Annotated[list[EntityId], Field(max_length=100)]


class FileOrganisation(Command, roles=REGISTRARS, creates=True):
    """备案: an organisation (the subject) and the persons who act for it; `filed` is lighter than `registered`.

    Without `kind` it is an organisation, without `stage` an active one; `enterprises` are parties that it serves.
    """

    name: Text
    status: Status
    domains: Annotated[list[Word], Field(max_length=20)]
    places: Annotated[list[PlaceId], Field(min_length=1, max_length=100)]
    representatives: Annotated[list[PersonId], Field(min_length=1, max_length=20)]
    kind: PartyKind | None = None
    stage: Stage | None = None
    enterprises: Enterprises | None = None


class OrganisationFiled(Event):
    name: Text
    status: Status
    domains: Annotated[list[Word], Field(max_length=20)]
    places: Annotated[list[PlaceId], Field(min_length=1, max_length=100)]
    representatives: Annotated[list[PersonId], Field(min_length=1, max_length=20)]
    kind: PartyKind | None = None
    stage: Stage | None = None
    enterprises: Enterprises | None = None


class RegisterOrganisation(Command, roles=REGISTRARS):
    """登记: an organisation that was filed is registered now."""


class OrganisationRegistered(Event):
    pass


class ChangeOrganisationStage(Command, roles=REGISTRARS):
    """孵化: it is admitted, active, dormant for a while, or closed for good."""

    stage: Stage
    reason: FreeText


class OrganisationStageChanged(Event):
    before: Stage
    stage: Stage
    reason: FreeText
