"""`python -m tools.rules_table` writes docs/rules.md: every rule with the tests that fail without it; `--check` only looks.

A test says which rule it holds: `@pytest.mark.rule("2.3", "a vote counts once")`, with the section of docs/domain.md;
a file in which every test holds it says so by `pytestmark`.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tools.pages import keep

COMMAND = "python -m tools.rules_table"
ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "rules.md"
HEAD = f"""# Rules and their tests

Written by `{COMMAND}` from the marks on the tests; do not edit. Each rule stands in the section of
[domain.md](domain.md) that its heading names, and each test beside it fails without the rule.
"""


class RuleTests(NamedTuple):
    """One mark: the section, the rule, and the test that bears it."""

    section: str
    rule: str
    test: str


def marks() -> list[RuleTests]:
    """Every mark in the tests, by section, then as they stand in the files."""
    found = [held for path in sorted((ROOT / "tests").rglob("test_*.py")) for held in _in(path)]
    return sorted(found, key=lambda held: [int(part) for part in held.section.split(".")])


def _in(path: Path) -> Iterator[RuleTests]:
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


def page() -> str:
    """The whole of docs/rules.md."""
    rules: dict[tuple[str, str], list[str]] = {}
    for held in marks():
        rules.setdefault((held.section, held.rule), []).append(held.test)
    lines, last = [HEAD], ""
    for (section, rule), tests in rules.items():
        if section != last:
            lines += ["", f"## Section {section}", "", "| rule | test |", "|---|---|"]
            last = section
        lines.append(f"| {rule} | {', '.join(f'`{test}`' for test in tests)} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """0: the page is current (now); 1 with `--check`: it is not."""
    return keep(COMMAND, __doc__ or "", {PAGE: page()}, arguments)


if __name__ == "__main__":
    sys.exit(main())
