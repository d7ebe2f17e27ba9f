"""Each step in the whole course of an issue takes as many reads for many issues as for few: rows are loaded by batch."""

from functools import cache

import pytest

from bench.issue_lives import LENGTH, commands_of_issue, rows_before
from microgov.services.issues.handlers import service
from tests.support import life_cost

STEPS = [type(message).__name__ for _, message, _, _ in commands_of_issue(0)]


@cache
def reads_per_step(count: int) -> list[int]:
    """How many reading statements each step takes when the courses of `count` issues are folded together."""
    return life_cost.reads_per_step(service, commands_of_issue, rows_before(count * LENGTH, 0), count)


def test_the_course_of_an_issue_has_steps_of_at_least_twenty_kinds() -> None:
    assert len(STEPS) == LENGTH
    assert len(set(STEPS)) >= min(LENGTH, 20)


@pytest.mark.parametrize("step", range(LENGTH), ids=lambda n: f"{n}-{STEPS[n]}")
def test_a_step_takes_as_many_reads_for_twelve_issues_as_for_three(step: int) -> None:
    assert reads_per_step(12)[step] == reads_per_step(3)[step]
