"""`microgov rules`: shown, compared, checked by line, agreed to, put in force."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest

from tests.commands.conftest import CommandLine


async def test_rules_are_shown_checked_by_line_and_changed(line: CommandLine, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("section: deliberation\nquorum: 5\n")
    bad.write_text("section: notify\nretry_seconds: [1,\n  0]\n")

    tried = await line("rules", "apply", str(good), "--dry-run")
    changed = await line("rules", "apply", str(good))
    shown = await line("rules", "show", "deliberation", "--json")
    wrong = await line("rules", "apply", str(bad))

    assert (tried.code, changed.code, wrong.code) == (0, 0, 1)
    assert "deliberation.quorum: 3 → 5" in tried.out
    assert "in force" not in tried.out
    assert json.loads(shown.out)[0] | {"quorum": 5} == json.loads(shown.out)[0]
    assert f"{bad}:3 retry_seconds.1 应 ≥ 1。请改正。" in wrong.err


async def test_all_errors_are_reported_at_once_and_no_change_is_shown(
    line: CommandLine, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "section: clocks\ndispatch_days: 9\n---\nsection: course\nreturns: x\nsuspension_days: -1\n"
    )

    (tmp_path / "other.yaml").write_text(
        "section: clocks\ndispatch_dais: 1\nfirst_contact_days: x\n---\ndispatch_days: 1\n"
    )
    (tmp_path / "none.yaml").write_text("dispatch_days: 1\n")

    wrong, none = await line("rules", "apply", str(rules)), await line("rules", "show", "nope")
    both = await line("rules", "apply", str(tmp_path / "other.yaml"))
    headless = await line("rules", "apply", str(tmp_path / "none.yaml"))

    assert "other.yaml:2 dispatch_dais" in both.err
    assert "other.yaml:3 first_contact_days" in both.err
    assert "section：缺少此行" in headless.err
    assert "section: is missing; it must be one of house" in headless.err
    assert wrong.code == 1
    assert wrong.out == ""
    assert f"{rules}:5 " in wrong.err
    assert f"{rules}:6 " in wrong.err
    assert none.code == 2
    assert "There is no section nope. It can be house" in none.err


@pytest.mark.parametrize(("answer", "days"), [("n", 0), ("y", 9)])
async def test_at_a_terminal_the_command_asks_for_confirmation(
    line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, days: int
) -> None:
    (tmp_path / "a.yaml").write_text("section: clocks\ndispatch_days: 9\n")
    terminal = StringIO(f"{answer}\n")
    terminal.isatty = lambda: True  # type: ignore[method-assign]  # as at a terminal
    monkeypatch.setattr("sys.stdin", terminal)

    asked = await line("rules", "apply", str(tmp_path / "a.yaml"))
    shown = json.loads((await line("rules", "show", "clocks", "--json")).out)[0]

    assert asked.code == int(answer == "n")
    assert "Put them in force?" in asked.out
    assert shown["dispatch_days"] == days


async def test_the_example_is_applied_as_a_folder_and_twice_changes_nothing(line: CommandLine) -> None:
    folder = Path(__file__).parents[2] / "deploy/examples/donghu"

    tried = await line("rules", "apply", str(folder), "--dry-run")
    first = await line("rules", "apply", str(folder))
    again = await line("rules", "apply", str(folder))
    shown = json.loads((await line("rules", "show", "calendar", "--json")).out)[0]

    assert (tried.code, first.code, again.code) == (0, 0, 0)
    assert "in force" not in tried.out + again.out
    different = {line.split(".")[0] for line in tried.out.splitlines() if re.match(r"\w+\.\w", line)}
    assert first.out.count("in force") == len(different) > 6
    assert "clocks.report_back_days: 0 → 15" in tried.out
    assert "calendar.years:\n    - []\n    + - year: 2026\n" in tried.out
    assert "procedure.kinds.residents_council.quorum: 3 → 10\n" in tried.out
    assert len(shown["years"][0]["holidays"]) == 33
    assert "2026-10-10" in shown["years"][0]["workdays"]


async def test_an_invalid_date_is_refused_with_its_line_and_nothing_is_sent(
    line: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "a.yaml").write_text("section: clocks\ndispatch_days: 9\n")
    lines = (
        "section: calendar",
        "years:",
        "  - year: 2026",
        "    holidays: [2026-02-30]",
        "    workdays: []",
    )
    (tmp_path / "b.yaml").write_text("\n".join(lines))

    wrong = await line("rules", "apply", str(tmp_path))
    shown = json.loads((await line("rules", "show", "clocks", "--json")).out)[0]

    assert wrong.code == 1
    assert f"{tmp_path / 'b.yaml'}:4 years.0.holidays.0" in wrong.err
    assert shown["dispatch_days"] == 0


async def test_a_changed_order_of_a_list_is_a_change(line: CommandLine, tmp_path: Path) -> None:
    """The first routing rule that fits decides."""
    rule = "- {name: %s, owner: %s}\n"
    one, other = rule % ("parks", "o-1"), rule % ("trees", "o-2")
    for file, rules in (("a.yaml", one + other), ("b.yaml", other + one)):
        (tmp_path / file).write_text(f"section: routing\nrules:\n{rules}")

    await line("rules", "apply", str(tmp_path / "a.yaml"))
    turned = await line("rules", "apply", str(tmp_path / "b.yaml"))
    shown = json.loads((await line("rules", "show", "routing", "--json")).out)[0]

    assert turned.code == 0, turned.err
    assert "routing.rules:" in turned.out, turned.err
    assert [one["name"] for one in shown["rules"]] == ["trees", "parks"]
