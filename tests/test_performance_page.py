"""The page of figures shows each figure with the date and commit of the run that measured it."""

import json
import re
from pathlib import Path

import pytest

from bench import figures, report
from bench.__main__ import table
from bench.figures import Run
from bench.report import apart, page


def run(date: str, commit: str, **measured: list[float]) -> Run:
    found = {name.replace("_", " "): {"values": values} for name, values in measured.items()}
    if "P1" in found:
        for name in report.RATIOS:
            found[name] = {**found["P1"], "ours": [100.0], "naive": [2.0]}
    return Run(date, commit, {"cores": 2}, found)


def test_the_table_of_a_run_has_only_what_it_measured() -> None:
    shown = table(run("2026-11-30T10:00+00:00", "aaa", P4=[3.0, 1.0, 2.0]))

    assert [list(column.cells) for column in shown.columns][:4] == [["P4"], ["1.0/s"], ["2.0/s"], ["3.0/s"]]
    assert "aaa" in str(shown.title)


def test_each_figure_of_the_page_carries_the_date_and_commit_of_its_newest_run() -> None:
    old = run("2026-11-28T10:00+00:00", "aaa", P1=[50.0], P4=[7.0])
    new = run("2026-11-30T10:00+00:00", "bbb", P1=[40.0])

    figures_alone, _ = page([old, new]).split("## Ratios")
    measured = dict(_cells(line) for line in figures_alone.splitlines() if line.startswith("| P"))

    assert measured["P4"] == "2026-11-28 10:00, aaa"
    assert measured["P2"] == "2026-11-30 10:00, bbb"


def _cells(line: str) -> tuple[str, str]:
    """The first and the last cell of a table's line."""
    cells = [cell.strip() for cell in line.split("|")]
    return cells[1], cells[-2]


def test_ratios_are_compared_over_three_runs_an_hour_apart() -> None:
    dates = [
        "2026-11-30T08:00",
        "2026-11-30T09:00",
        "2026-11-30T10:00",
        "2026-11-30T10:59",
        "2026-11-30T11:00",
    ]
    found = [run(f"{date}+00:00", "aaa", P1=[50.0]) for date in dates]
    found.append(run("2026-11-30T12:30+00:00", "aaa", P4=[7.0]))

    assert [f"{one.at:%H:%M}" for one in apart(found)] == ["09:00", "10:00", "11:00"]


def test_a_run_is_added_to_those_that_were_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "RESULTS", tmp_path / "results.json")
    first, second = run("2026-11-28T10:00+00:00", "aaa", P4=[7.0, 8.5]), run("2026-11-29T10:00+00:00", "bbb")

    figures.keep(first)
    figures.keep(second)

    assert figures.runs() == [first, second]
    assert "[7.0, 8.5]" in (tmp_path / "results.json").read_text()
    assert json.loads((tmp_path / "results.json").read_text())[0]["commit"] == "aaa"


def test_every_ratio_is_a_figure() -> None:
    assert set(report.RATIOS) <= {figure.name for figure in figures.FIGURES}


def test_the_number_of_a_goal_is_the_one_in_its_words() -> None:
    for figure in figures.FIGURES:
        in_words = re.match(r"([≥≤]) ([\d.,]*\d)", figure.goal)
        numbers = {"≥": figure.at_least, "≤": figure.at_most}
        wanted = {in_words[1]: float(in_words[2].replace(",", ""))} if in_words else {}

        assert {sign: number for sign, number in numbers.items() if number is not None} == wanted, figure.name


def test_the_page_marks_each_median_and_names_those_that_miss_their_goal() -> None:
    shown = page(
        [run("2026-11-30T10:00+00:00", "aaa", P4=[9_000.0, 9_999.0, 20_000.0], P5=[1.2], P8_greedy=[9.0])]
    )
    signs = {cells[1].strip(): cells[-3].strip() for cells in _rows(shown)}

    assert signs == {"P4": "✗", "P5": "✓", "P8 greedy": ""}
    assert "\nThe medians of these figures miss their goals: P4.\n" in shown
    assert "\nEvery median meets its goal.\n" in page([run("2026-11-30T10:00+00:00", "aaa", P5=[1.2])])


def _rows(shown: str) -> list[list[str]]:
    """The cells of each row of the figures."""
    return [line.split("|") for line in shown.splitlines() if line.startswith("| P")]
