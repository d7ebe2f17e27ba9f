"""Every step of an order's life takes as few database statements for many orders as for one: rows are loaded together."""

from functools import cache

import pytest

from bench.order_lives import LENGTH, held, life
from microgov.services.matching.handlers import service
from tests.support import life_cost

STEPS = [type(message).__name__ for _, message, _, _ in life(0)]


@cache
def statements_by_step(count: int) -> list[int]:
    """The number of SELECT statements of each step, for so many lives at once."""
    return life_cost.asked(service, life, held(count * LENGTH, 0), count)


def test_a_life_has_a_step_of_every_kind() -> None:
    assert len(STEPS) == LENGTH
    assert len(set(STEPS)) >= min(LENGTH, 20)


@pytest.mark.parametrize("step", range(LENGTH), ids=lambda n: f"{n}-{STEPS[n]}")
def test_a_step_of_many_asks_the_database_no_more_often(step: int) -> None:
    assert statements_by_step(12)[step] == statements_by_step(3)[step]
