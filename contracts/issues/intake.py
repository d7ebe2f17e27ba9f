"""Events which other systems send about their own world, and from which issues arise (domain.md §2.5)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import LINE, Format, FreeText, Part, PersonId, PlaceId, Role, Text, Token, Word
from microgov.contracts.message import Event

ABOUT = "issue"

SYSTEMS = frozenset({Role.SYSTEM, Role.PROPERTY_COMPANY})

Number = Annotated[str, Format(LINE), Field(min_length=1, max_length=64, examples=["HZ-2026-000123"])]
"""The number of the case in the other system."""


class ExternalRef(Part):
    """The case in another system: which system, and its number there."""

    system: Token
    number: Number


class HotlineCaseLogged(Event, roles=SYSTEMS, creates=True):
    """A 12345 hotline has a case for this sub-district; it becomes an issue.

    The same number of the same system never makes a second issue. `person` is the caller if registered here, and becomes the
    reporter. If it is left out, the reporter is the sending system, which is notified of the result and informs the caller.
    """

    ref: ExternalRef
    title: Text
    text: FreeText
    place: PlaceId
    person: PersonId | None = None


class HazardDetected(Event, roles=SYSTEMS, creates=True):
    """A sensor or an inspection found something dangerous, of the kind `hazard`; it becomes an issue of the sending system.

    The same number of the same system never makes a second issue.
    """

    ref: ExternalRef
    hazard: Annotated[Word, Field(examples=["blocked_fire_lane"])]
    title: Text
    text: FreeText
    place: PlaceId
