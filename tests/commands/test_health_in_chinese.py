"""Every sentence about health in the code of the services has a Chinese translation."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from microgov.commands.reasons import in_chinese
from microgov.services.chassis.fold.pulse import Pulse
from microgov.services.chassis.fold.retry_loop import RetryLoop
from microgov.services.chassis.runtime.timekeeping import _difference_text
from microgov.services.gateway.door.in_streams import InStreams

SERVICES = Path(__file__).parents[2] / "services"
ENGLISH = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,} [a-z]{2,}")
"""Four words in a row, which is more than a name."""
WAITS = {"until", "waits"}
REFUSES = {"LogDiffers", "NotKnown"}


def text(node: ast.expr) -> str:
    """The text of a literal, with `1` for the parts that are filled in."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join("1" if isinstance(part, ast.FormattedValue) else text(part) for part in node.values)
    return ""


def sentences() -> Iterator[str]:
    """The reasons in the code why a loop refuses to run or waits."""
    for file in sorted(SERVICES.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            said = text(node.args[-1])
            if name in REFUSES | WAITS and " " in said:
                yield said


class Ended(RetryLoop):
    async def run_once(self) -> None:
        """Never asked."""


def of_loops() -> Iterator[str]:
    loop = Ended("issues/donghu", None)  # type: ignore[arg-type]  # it never asks its lease
    yield loop.trouble()
    for state in ("refused", "again"):
        loop._failed(state, "Again", "the broker at nats://nats:4222 is away")
        yield loop.trouble()
    loop.runs()
    loop.failures = 3
    yield loop.trouble()


def others() -> Iterator[str]:
    for what in ("the database", "the broker"):
        pulse = Pulse(what)
        yield pulse.trouble()
        pulse.beat()
        pulse.last -= 75
        yield pulse.trouble()
    streams = SimpleNamespace(missing={"portal", "cli"})
    yield from InStreams.notes(streams)  # type: ignore[arg-type]  # it looks at nothing else
    apart = (7_200_000_000, -7_200_000_000)
    doubts = "; ".join(
        _difference_text(witness, ahead) for witness in ("steady", "broker", "database") for ahead in apart
    )
    yield (
        "the clock of this machine is in doubt, and nothing is stamped: "
        + doubts
        + ". Set the clock that is wrong; or, "
        "where the machine's is right, run `microgov clock confirm --tenant donghu`"
    )


EVERY = list(dict.fromkeys([*sentences(), *of_loops(), *others()]))


@pytest.mark.parametrize("said", EVERY)
def test_every_reason_has_a_chinese_translation(said: str) -> None:
    chinese = re.sub("`microgov [^`]+`", "", in_chinese(said))

    assert re.search("[一-龥]", chinese), chinese
    assert not ENGLISH.search(chinese), chinese


def test_the_sentences_were_found() -> None:
    assert len(EVERY) > 20
