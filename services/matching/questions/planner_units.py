"""Converts times and places into the planner's units: whole minutes since 1970 in UTC, and points."""

from datetime import datetime

from sqlalchemy.orm import Session

from microgov.services.chassis.columns import micros
from microgov.services.matching.model import Pin, Place
from microgov.services.matching.planner.distance import Point

MINUTE_MICROS = 60_000_000
"""In microseconds."""


def point(place: str, s: Session) -> Point | None:
    """The pin of the place, or of the nearest place above it that has a pin; None if none has."""
    row = s.get(Place, place)
    pins = [s.get(Pin, one) for one in ([] if row is None else row.path)]
    found = next((pin for pin in pins if pin is not None), None)
    return (
        None
        if found is None
        else Point(found.latitude, found.longitude, "gcj02" if found.crs == "gcj02" else "wgs84")
    )


def whole_minute(at: datetime, up: bool = False) -> int:
    """The instant as whole minutes since 1970, UTC, rounded down, or up with `up`."""
    return -(-micros(at) // MINUTE_MICROS) if up else micros(at) // MINUTE_MICROS
