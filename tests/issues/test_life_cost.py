"""Every step of a whole life costs the database as much for many as for few: its rows come together."""

from functools import cache

import pytest

from bench.issue_lives import LENGTH, life, rows_before
from microgov.services.issues.handlers import service
from tests.support import life_cost

STEPS = [type(message).__name__ for _, message, _, _ in life(0)]


@cache
def asked(count: int) -> list[int]:
    """How many statements that read each step of so many lives takes."""
    return life_cost.reads_per_step(service, life, rows_before(count * LENGTH, 0), count)


def test_a_life_has_a_step_of_every_kind() -> None:
    assert len(STEPS) == LENGTH
    assert len(set(STEPS)) >= min(LENGTH, 20)


@pytest.mark.parametrize("step", range(LENGTH), ids=lambda n: f"{n}-{STEPS[n]}")
def test_a_step_of_many_asks_the_database_no_more_often(step: int) -> None:
    assert asked(12)[step] == asked(3)[step]
