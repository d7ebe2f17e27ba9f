"""Every entity's life: its table, its page in the documentation, and that none is forgotten."""

from pathlib import Path

import pytest

from services import lives
from services.chassis.model import Life
from tests.lives import walk

EACH = pytest.mark.parametrize("life", lives.LIVES.values(), ids=lambda life: life.name)


@EACH
def test_every_row_of_the_table_leads_where_it_says(life: Life) -> None:
    walk(life)


@EACH
def test_the_diagram_shows_every_row_that_moves(life: Life) -> None:
    arrows = {tuple(line.split(": ")[0].split()): line.split(": ")[1].split(", ")
              for line in life.diagram().splitlines() if ": " in line}

    for (state, _), row in life.table.items():
        if row.to in life.states:
            assert row.event.__name__ in arrows[state or "[*]", "-->", row.to]
    assert set(life.diagram().split()) >= life.states.keys()


def test_no_life_of_a_service_is_forgotten() -> None:
    sources = {str(path.relative_to(lives.ROOT).with_suffix("")).replace("/", ".")
               for path in (lives.ROOT / "services").glob("*/**/*.py") if "\nLIFE = Life(" in path.read_text()}

    assert sources == lives.LIVES.keys()


def test_a_page_that_is_not_current_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lives, "ROOT", tmp_path)
    monkeypatch.setattr(lives, "PAGE", tmp_path / "LIVES.md")
    assert lives.main(["--check"]) == 1 and "LIVES.md" in capsys.readouterr().err

    assert lives.main([]) == 0 and lives.main(["--check"]) == 0
    lives.PAGE.write_text(lives.page() + "x")
    assert lives.main(["--check"]) == 1
