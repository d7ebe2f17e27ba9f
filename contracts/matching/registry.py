"""Messages about organisations 社会组织 and other parties that serve or are served (domain.md §1)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import EntityId, FreeText, PersonId, PlaceId, Text, Word
from microgov.contracts.matching.vocabulary import REGISTRARS, PartyKind, Stage, Status
from microgov.contracts.message import Command, Event

ABOUT = "organisation"

Enterprises = Annotated[list[EntityId], Field(max_length=100)]


class FileOrganisation(Command, roles=REGISTRARS, creates=True):
    """备案: puts an organisation (`subject`) on file, with the persons who act for it.

    `status` is `filed` or, further, `registered`. If `kind` is left out it is an organisation, if `stage` is, an active one.
    `enterprises` are parties that it serves.
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
    """An organisation is on file and can offer services."""

    name: Text
    status: Status
    domains: Annotated[list[Word], Field(max_length=20)]
    places: Annotated[list[PlaceId], Field(min_length=1, max_length=100)]
    representatives: Annotated[list[PersonId], Field(min_length=1, max_length=20)]
    kind: PartyKind | None = None
    stage: Stage | None = None
    enterprises: Enterprises | None = None


class RegisterOrganisation(Command, roles=REGISTRARS):
    """登记: registers an organisation that was filed."""


class OrganisationRegistered(Event):
    """The organisation is registered."""


class ChangeOrganisationStage(Command, roles=REGISTRARS):
    """孵化: changes the stage of the organisation: admitted, active, dormant for a while, or closed for good."""

    stage: Stage
    reason: FreeText


class OrganisationStageChanged(Event):
    """The organisation has changed from the stage `before` to `stage`."""

    before: Stage
    stage: Stage
    reason: FreeText
