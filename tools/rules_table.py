"""`python -m tools.rules_table` writes docs/rules.md: every rule with the tests that fail without it.

A test names the rule that it checks, with the section of docs/domain.md: `@pytest.mark.rule("2.3", "a vote counts once")`.
If all tests of a file check the rule, the file names it in `pytestmark`. `--check` only compares the page.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from microgov.contracts.rules.behaviour import BEHAVIOURS, BehaviourRules
from microgov.services.chassis.log import body_of
from microgov.services.chassis.recording import recording as recordings
from tools.pages import write_or_check

COMMAND = "python -m tools.rules_table"
ROOT = Path(__file__).parents[1]
PAGE, DOMAIN = ROOT / "docs" / "rules.md", ROOT / "docs" / "domain.md"
HEAD = f"""# Rules and their tests

Written by `{COMMAND}` from the marks on the tests; do not edit. The headings are those of
[domain.md](domain.md): a mark names a section there, with everything below it. Each test fails without its rule.
Paths begin in the folder `tests`: `issues/test_lives.py` is `tests/issues/test_lives.py`.
"""


BEHAVIOUR_HEAD = """A decision that has changed is the old one below its number and the new one from it on
([writing-a-service.md](writing-a-service.md) §8). Written from `contracts/rules/behaviour.py`."""


class RuleTests(NamedTuple):
    """One mark: the section of domain.md, the rule, and the test that has the mark."""

    section: str
    rule: str
    test: str


def marks() -> list[RuleTests]:
    """Every mark in the tests, ordered by section, then by file and line."""
    found = [mark for path in sorted((ROOT / "tests").rglob("test_*.py")) for mark in _marks_in(path)]
    return sorted(found, key=lambda mark: [int(part) for part in mark.section.split(".")])


def _marks_in(path: Path) -> Iterator[RuleTests]:
    name = str(path.relative_to(ROOT / "tests"))
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (RuleTests(*given, f"{name}::{node.name}") for given in _given(node.decorator_list))
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            yield from (RuleTests(*given, name) for given in _given(list(ast.walk(node.value))))


def _given(nodes: list[ast.expr] | list[ast.AST]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule":
            section, rule = (ast.literal_eval(argument) for argument in node.args)
            yield section, rule


def section_names() -> dict[str, str]:
    """The heading of every section of docs/domain.md, by its number."""
    headings = re.findall(r"^#+ ([0-9.]*[0-9])\.? (.+)$", DOMAIN.read_text("utf-8"), re.MULTILINE)
    return dict(headings)


def page() -> str:
    """The text of docs/rules.md. Raises KeyError for a mark whose section docs/domain.md does not have."""
    rules: dict[tuple[str, str], list[str]] = {}
    for mark in marks():
        rules.setdefault((mark.section, mark.rule), []).append(mark.test)
    lines, last, names = [HEAD], "", section_names()
    for (section, rule), tests in rules.items():
        if section != last:
            lines += ["", f"## {section} {names[section]}", "", "| rule | test |", "|---|---|"]
            last = section
        lines.append(f"| {rule} | {', '.join(f'`{test}`' for test in tests)} |")
    lines += ["", *_behaviours()]
    return "\n".join(lines) + "\n"


def _behaviours() -> Iterator[str]:
    """The numbers of `behaviour`, with the recordings that were decided below each."""
    lowest = {
        path.stem: _lowest_behaviour(path) for path in sorted((ROOT / "tests" / "logs").glob("*.ndjson"))
    }
    yield from ("## Numbers of behaviour", "", BEHAVIOUR_HEAD, "")
    yield from (
        "| number | name | since | from this number on | why | recordings below it |",
        "|---|---|---|---|---|---|",
    )
    for one in BEHAVIOURS:
        below = [name for name, number in lowest.items() if number < one.number]
        yield f"| {one.number} | {one.name} | {one.since} | {one.what} | {one.why} | {', '.join(below) or '–'} |"


def _lowest_behaviour(path: Path) -> int:
    """The number under which the first messages of a recording were decided."""
    for stored in recordings.read(path).messages:
        content = body_of(stored).get("data", {}).get("content", {})
        if stored.subject.endswith("directory.rules_changed.v1") and content.get("section") == "house":
            return int(content["behaviour"])
    return BehaviourRules().behaviour


def main(arguments: list[str] | None = None) -> int:
    """Writes the page and returns 0. With `--check` it writes nothing, and returns 1 if the page is out of date."""
    return write_or_check(COMMAND, __doc__ or "", {PAGE: page()}, arguments)


if __name__ == "__main__":
    sys.exit(main())
