"""Distances between well-known places, and the offset of Chinese maps (GCJ-02) against published values."""

from math import asin, cos, radians, sin, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgov.services.matching.planner import Point
from microgov.services.matching.planner.distance import EARTH_RADIUS, from_gcj02, metres, to_gcj02, to_wgs84

latitudes, longitudes = st.floats(18.5, 53.0), st.floats(74.0, 134.0)


def degrees(latitude: float, longitude: float) -> Point:
    """A point (WGS 84) from degrees; points are stored in millionths of a degree."""
    return Point(round(latitude * 1e6), round(longitude * 1e6))


def haversine(a: Point, b: Point) -> float:
    """The distance in metres by the haversine formula of the textbook."""
    (p, q), (r, s) = ((radians(one.latitude / 1e6), radians(one.longitude / 1e6)) for one in (a, b))
    return 2 * EARTH_RADIUS * asin(sqrt(sin((r - p) / 2) ** 2 + cos(p) * cos(r) * sin((s - q) / 2) ** 2))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (degrees(0, 0), degrees(0, 1), 111_195),
        (degrees(0, 0), degrees(90, 0), 10_007_557),
        (degrees(0, 0), degrees(0, 180), 20_015_115),
        (degrees(36.12, -86.67), degrees(33.94, -118.40), 2_886_448),
        (degrees(30.4, 120.28), degrees(30.4, 120.28), 0),
    ],
    ids=[
        "a degree of the equator",
        "a quarter of a meridian",
        "half the equator",
        "Rosetta Code: BNA to LAX",
        "the same point",
    ],
)
def test_known_distances(a: Point, b: Point, expected: int) -> None:
    assert metres(a, b) == metres(b, a) == pytest.approx(expected, abs=2)


@given(latitudes, longitudes, st.floats(-0.05, 0.05), st.floats(-0.05, 0.05))
def test_the_distance_equals_the_haversine_formula(
    latitude: float, longitude: float, north: float, east: float
) -> None:
    a, b = degrees(latitude, longitude), degrees(latitude + north, longitude + east)

    assert metres(a, b) == pytest.approx(haversine(a, b), abs=1)


@pytest.mark.parametrize(
    ("latitude", "longitude", "shifted_latitude", "shifted_longitude"),
    [
        (31.1774276, 121.5272106, 31.17530398364597, 121.531541859215),
        (22.543847, 113.912316, 22.540796131694766, 113.9171764808363),
        (39.911954, 116.377817, 39.91334545536069, 116.38404722455657),
    ],
    ids=["Shanghai", "Shenzhen", "Beijing"],
)
def test_the_shift_equals_published_examples(
    latitude: float, longitude: float, shifted_latitude: float, shifted_longitude: float
) -> None:
    """The test values of eviltransform, a library that others have copied."""
    assert to_gcj02(latitude, longitude) == pytest.approx((shifted_latitude, shifted_longitude), abs=1e-6)


@given(latitudes, longitudes)
def test_converting_there_and_back_gives_the_same_point(latitude: float, longitude: float) -> None:
    assert from_gcj02(*to_gcj02(latitude, longitude)) == pytest.approx((latitude, longitude), abs=1e-8)


@pytest.mark.rule("3.4", "coordinates of two reference systems are never mixed")
@given(latitudes, longitudes)
def test_coordinates_of_the_two_reference_systems_are_never_mixed(latitude: float, longitude: float) -> None:
    real = degrees(latitude, longitude)
    y, x = to_gcj02(latitude, longitude)
    on_chinese_map = Point(round(y * 1e6), round(x * 1e6), "gcj02")

    assert metres(real, on_chinese_map) <= 1
    assert metres(real, Point(on_chinese_map.latitude, on_chinese_map.longitude)) > 20, (
        "read in the wrong reference system, the point is more than 20 m off"
    )
    assert to_wgs84(to_wgs84(on_chinese_map)) == to_wgs84(on_chinese_map)


def test_outside_of_china_nothing_is_shifted() -> None:
    assert to_gcj02(48.85, 2.35) == (48.85, 2.35)
    assert metres(degrees(48.85, 2.35), Point(48_850_000, 2_350_000, "gcj02")) == 0
