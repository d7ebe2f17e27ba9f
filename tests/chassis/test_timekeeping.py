"""When the clock of a machine is in doubt: the timekeeper compares it with the machine's monotonic clock."""

import pytest

from microgov.services.chassis.columns import instant
from microgov.services.chassis.runtime import timekeeping

HOURS = 3600


async def test_a_suspended_machine_does_not_count_as_a_jump_of_the_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = {"wall": 1_000_000_000_000_000, "steady": 5_000_000}
    keeper = timekeeping.Timekeeper("issues", "sleepy", None, None, None)  # type: ignore[arg-type]  # it only looks
    monkeypatch.setattr(timekeeping, "monotonic_micros", lambda: at["steady"])
    keeper.reference = at["wall"] - at["steady"]

    for wall, steady, in_doubt in (
        (9 * HOURS, 9 * HOURS, False),
        (30, 0, False),
        (61, 0, True),
        (-61, 0, False),
    ):
        at["wall"] += wall * 1_000_000
        at["steady"] += steady * 1_000_000
        assert bool(keeper.doubt(instant(at["wall"]))) is in_doubt
