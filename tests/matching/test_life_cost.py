"""Each step in the whole course of an order takes as many reads for many orders as for few: rows are loaded by batch."""

from functools import cache

import pytest

from bench.order_lives import LENGTH, life, rows_before
from microgov.services.matching.handlers import service
from tests.support import life_cost

STEPS = [type(message).__name__ for _, message, _, _ in life(0)]


@cache
def reads_per_step(count: int) -> list[int]:
    """How many reading statements each step takes when the courses of `count` orders are folded together."""
    return life_cost.reads_per_step(service, life, rows_before(count * LENGTH, 0), count)


def test_the_course_of_an_order_has_steps_of_at_least_twenty_kinds() -> None:
    assert len(STEPS) == LENGTH
    assert len(set(STEPS)) >= min(LENGTH, 20)


@pytest.mark.parametrize("step", range(LENGTH), ids=lambda n: f"{n}-{STEPS[n]}")
def test_a_step_takes_as_many_reads_for_twelve_orders_as_for_three(step: int) -> None:
    assert reads_per_step(12)[step] == reads_per_step(3)[step]
