"""The state machine of every entity: its table, and its page in the documentation."""

from pathlib import Path

import pytest

from microgov.services.chassis.model import Life
from tests.support.state_machines import walk
from tools import life_tables

EACH = pytest.mark.parametrize("life", life_tables.LIVES.values(), ids=lambda life: life.name)


@EACH
def test_every_row_of_the_table_leads_where_it_says(life: Life) -> None:
    walk(life)


@EACH
def test_the_diagram_shows_every_row_that_moves(life: Life) -> None:
    arrows = {
        tuple(line.split(": ")[0].split()): line.split(": ")[1].split(", ")
        for line in life.diagram().splitlines()
        if ": " in line
    }

    for (state, _), row in life.table.items():
        if row.to in life.states:
            assert row.event.__name__ in arrows[state or "[*]", "-->", row.to]
    assert set(life.diagram().split()) >= life.states.keys()


def test_every_life_of_a_service_is_on_the_page() -> None:
    sources = {
        f"microgov.{'.'.join(path.relative_to(life_tables.ROOT).with_suffix('').parts)}"
        for path in (life_tables.ROOT / "services").glob("*/**/*.py")
        if "\nLIFE = Life(" in path.read_text()
    }

    assert sources == life_tables.LIVES.keys()


def test_a_page_that_is_not_current_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(life_tables, "ROOT", tmp_path)
    monkeypatch.setattr(life_tables, "PAGE", tmp_path / "LIVES.md")
    assert life_tables.main(["--check"]) == 1
    assert "LIVES.md" in capsys.readouterr().err

    assert life_tables.main([]) == 0
    assert life_tables.main(["--check"]) == 0
    life_tables.PAGE.write_text(life_tables.page() + "x")
    assert life_tables.main(["--check"]) == 1
