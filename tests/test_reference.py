"""docs/configuration.md names every environment variable that code or compose reads."""

import re
from collections.abc import Iterator
from pathlib import Path

from tools.reference import configuration

ROOT = Path(__file__).parents[1]
READ_BY = ("microgov/**/*.py", "services/**/*.py", "deploy/*.yaml")


def named() -> Iterator[str]:
    for pattern in READ_BY:
        for path in ROOT.glob(pattern):
            yield from re.findall(r"\bMICROGOV_[A-Z_]*[A-Z]\b", path.read_text("utf-8"))


def test_every_variable_that_is_read_is_in_the_reference() -> None:
    variables = set(named())
    listed = set(re.findall(r"^\| `(MICROGOV_[A-Z_]+)`", configuration(), re.MULTILINE))

    assert len(variables) > 15
    assert variables - listed == set()
