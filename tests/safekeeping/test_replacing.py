"""A restored data folder takes the place of another one; wherever that is interrupted, the backups are not lost."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from microgov.safekeeping.replacing import DataFolder

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Killed(BaseException):
    """The process ends here."""


def with_backups(folder: Path, *more: str) -> DataFolder:
    """A data folder that has backups in it, and further files."""
    for name in ("backups/the-only-one", *more):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return DataFolder(folder, folder / "backups")


def restored(place: DataFolder, now: datetime = NOW) -> Path | None:
    """Puts a new installation in its place."""
    place.begin()
    (place.new / "issues").mkdir()
    (place.new / "issues" / "new").write_text("new")
    return place.put_in_place(now)


@pytest.mark.parametrize("more", [("issues/old",), ("log/up.log",), ()])
@pytest.mark.parametrize("step", range(1, 7))
def test_no_interruption_loses_a_backup(
    more: tuple[str, ...], step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, steps, rename = with_backups(tmp_path / "var", *more), [0], Path.rename

    def counted(path: Path, to: Path) -> Path:
        steps[0] += 1
        if steps[0] == step:
            raise Killed
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", counted)
    try:
        restored(place)
    except Killed:
        monkeypatch.setattr(Path, "rename", rename)
        assert [*tmp_path.rglob("the-only-one")]
        restored(place, NOW + timedelta(minutes=1))

    monkeypatch.setattr(Path, "rename", rename)
    assert [*tmp_path.rglob("the-only-one")]
    assert [*tmp_path.rglob("old")] or "issues/old" not in more
    assert (tmp_path / "var" / "issues" / "new").read_text() == "new"


@pytest.mark.parametrize("more", [("issues/old", "log/up.log"), ("log/up.log",)])
def test_backups_go_with_the_new_folder_and_what_was_there_is_aside_whole(
    more: tuple[str, ...], tmp_path: Path
) -> None:
    aside = restored(with_backups(tmp_path / "var", *more))

    assert (tmp_path / "var" / "backups" / "the-only-one").exists()
    if "issues/old" in more:
        assert aside == tmp_path / "var.before-20260302T080000Z"
        assert sorted(path.name for path in aside.iterdir()) == ["issues", "log"]
    else:
        assert aside is None
        assert (tmp_path / "var" / "log" / "up.log").exists()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["var"]
