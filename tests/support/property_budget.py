"""How many examples the property tests try: few in `make test`, more with a greater value of the variable TRIES."""

import os
from typing import Any

from hypothesis import settings

TRIES = int(os.environ.get("TRIES", "1"))


def tries(examples: int, steps: int) -> settings:
    """Hypothesis settings of a state machine: so many runs of so many steps, times TRIES."""
    return settings(max_examples=examples * TRIES, stateful_step_count=steps, deadline=None)


def is_machine(item: Any) -> bool:
    """Whether a collected test is a state machine of Hypothesis."""
    return hasattr(getattr(item, "cls", None), "settings")
