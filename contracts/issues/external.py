"""What other systems say about their own world, and the issues that come of it (domain.md §2.5)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import LINE, FreeText, Part, PersonId, PlaceId, Role, Text, Token, Word
from microgov.contracts.message import Event

SYSTEMS = frozenset({Role.SYSTEM, Role.PROPERTY_COMPANY})

Number = Annotated[str, Field(pattern=LINE, min_length=1, max_length=64, examples=["HZ-2026-000123"])]
"""The other system's own number of the case."""


class ExternalRef(Part):
    """Where the case is at home: which system, and its number there."""

    system: Token
    number: Number


class HotlineCaseLogged(Event, roles=SYSTEMS, creates=True):
    """A 12345 hotline has a case for this sub-district. The same number of the same system never makes a second issue.

    `person` is the caller, where they are registered here; else the system itself is told, and tells them.
    """

    ref: ExternalRef
    title: Text
    text: FreeText
    place: PlaceId
    person: PersonId | None = None


class HazardDetected(Event, roles=SYSTEMS, creates=True):
    """A sensor or an inspection found something dangerous; `hazard` says of which kind."""

    ref: ExternalRef
    hazard: Annotated[Word, Field(examples=["blocked_fire_lane"])]
    title: Text
    text: FreeText
    place: PlaceId
