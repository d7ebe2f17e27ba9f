"""The reasons that the services report in their health have a Chinese translation.

They are literals in the code of the services (in REASON_CALLS and REPORTS), or the test makes the objects report them. Not
covered are errors of libraries and of the broker within a reason (the class Again), which stay in English; NotKnown
(chassis/fold/behaviour.py) has both languages in its text.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest

from microgov.commands.reasons import in_chinese
from microgov.services.chassis.fold.behaviour import NotKnown
from microgov.services.chassis.fold.pulse import Pulse
from microgov.services.chassis.fold.retry_loop import RetryLoop
from microgov.services.chassis.runtime.timekeeping import DOUBT_TEXTS, _difference_text
from microgov.services.gateway.door.in_streams import InStreams

SERVICES = Path(__file__).parents[2] / "services"
ENGLISH = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,} [a-z]{2,}")
"""Four English words in a row: a sentence that is not translated. Names and settings have fewer."""
REASON_CALLS = {"until", "waits", "LogDiffers"}
"""The calls whose last argument says why a loop waits (`until`, `waits`) or refuses to run."""
REPORTS = {"trouble", "troubles", "notes", "health", "doubt"}
"""The methods in which reasons are put together."""


def text_of(node: ast.expr, named: Mapping[str, str] | None = None) -> str:
    """The text of a literal, with `1` for the parts that are filled in; `named`: the texts of variables. Any other
    expression gives an empty text.
    """
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join("1" if isinstance(part, ast.FormattedValue) else text_of(part) for part in node.values)
    return (named or {}).get(node.id, "") if isinstance(node, ast.Name) else ""


def reasons_in_calls(tree: ast.Module) -> Iterator[str]:
    """The last arguments of the calls REASON_CALLS, if they are literals or variables that are set to a literal."""
    assignments = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    named = {
        target.id: text_of(node.value)
        for node in assignments
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            reason = text_of(node.args[-1], named)
            if name in REASON_CALLS and " " in reason:
                yield reason


def reasons_in_methods(tree: ast.Module) -> Iterator[str]:
    """The literals of four words or more, except docstrings, in the methods of REPORTS."""
    for method in ast.walk(tree):
        if not isinstance(method, ast.FunctionDef) or method.name not in REPORTS:
            continue
        nodes = [node for line in method.body[bool(ast.get_docstring(method)) :] for node in ast.walk(line)]
        parts = {part for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
        literals = [node for node in nodes if isinstance(node, ast.Constant | ast.JoinedStr)]
        yield from filter(ENGLISH.search, (text_of(node) for node in literals if node not in parts))


def reasons_in_code() -> Iterator[str]:
    """The reasons that are literals in the code of the services."""
    for file in sorted(SERVICES.rglob("*.py")):
        tree = ast.parse(file.read_text())
        yield from reasons_in_calls(tree)
        if file.name != "pulse.py":  # it joins its reasons from parts; `other_reasons` makes them
            yield from reasons_in_methods(tree)


class IdleLoop(RetryLoop):
    """A loop that is never run: the test sets its state."""

    async def run_once(self) -> None:
        """Never called."""


def reasons_of_loops() -> Iterator[str]:
    """What a loop reports before its first run, after each kind of failure, and if it keeps failing."""
    loop = IdleLoop("issues/donghu", None)  # type: ignore[arg-type]  # a loop that is never run uses no lease
    yield loop.trouble()
    for state in ("refused", "again"):
        loop._failed(state, "Again", "the broker at nats://nats:4222 is away")
        yield loop.trouble()
    loop.runs()
    loop.failures = 3
    yield loop.trouble()


def other_reasons() -> Iterator[str]:
    """What is reported about servers that do not answer, streams that are gone, and clocks that differ."""
    for server in ("the database", "the broker"):
        pulse = Pulse(server)
        yield pulse.trouble()
        pulse.beat()
        pulse.last -= 75
        yield pulse.trouble()
    streams = SimpleNamespace(missing={"portal", "cli"})
    yield from InStreams.notes(streams)  # type: ignore[arg-type]  # `notes` reads `missing` alone
    two_hours = 7_200_000_000  # microseconds
    doubts = "; ".join(
        _difference_text(witness, ahead) for witness in DOUBT_TEXTS for ahead in (two_hours, -two_hours)
    )
    yield (
        f"the clock of this machine is in doubt, and nothing is stamped: {doubts}. Set the clock that is wrong; or, "
        "where the machine's is right, run `microgov clock confirm --tenant donghu`"
    )


REASONS = list(dict.fromkeys([*reasons_in_code(), *reasons_of_loops(), *other_reasons()]))


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_a_chinese_translation(reason: str) -> None:
    chinese = re.sub("`microgov [^`]+`", "", in_chinese(reason))

    assert re.search("[一-龥]", chinese), chinese
    assert not ENGLISH.search(chinese), chinese


def test_the_reason_of_a_release_that_is_too_old_is_in_both_languages() -> None:
    reason = str(NotKnown(("自日志第 5 条起", "From 5 in the log on"), 9))

    assert "install a newer one" in reason
    assert "请安装更新的版本" in in_chinese(reason)


@pytest.mark.parametrize(
    "start",
    [
        "directory and courier have not reached",  # door.py, in a variable
        "it learns from the log",  # courier.py
        "came to grief",  # tenancy.py
        "1 does not try 1 any more",
        "1 refuses to write to 1",  # outbound.py
        "the clock of this machine is in doubt",  # timekeeping.py
    ],
)
def test_the_reasons_were_found(start: str) -> None:
    assert len(REASONS) > 20
    assert any(reason.startswith(start) for reason in REASONS)
