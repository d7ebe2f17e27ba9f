"""What was erased is taken out of every backup that is here, without the key; backups that are not here are named."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from microgov.safekeeping import erasures
from microgov.safekeeping.erasures import apply_erasures, read_erasures
from microgov.safekeeping.folder import Backup, backups_in, chosen
from microgov.safekeeping.manifest import Manifest
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.store.engine import engine as make_engine
from microgov.services.issues.visits.files import FileUse, HouseholdFile
from tests.safekeeping.backup_steps import KEY, Kept, held, rows, something_to_lose
from tests.support.servers import NatsServer


@pytest.fixture
async def kept(nats_server: NatsServer, tmp_path: Path) -> AsyncIterator[Kept]:
    database = f"sqlite:///{tmp_path}/{{service}}/{{tenant}}.sqlite"
    async with something_to_lose(nats_server, database, tmp_path) as found:
        yield found


async def erase(kept: Kept, household: str) -> None:
    """Erases the file of a household, as the question does, and waits until the log tells of it."""
    engine = make_engine(kept.settings.database_url("issues", kept.tenant))
    with Session(engine) as s:
        s.delete(s.get_one(HouseholdFile, household))
        FileUse.put(s, household, "erased", "v", "withdrawn_consent")
        s.commit()
    engine.dispose()
    for _ in range(200):
        told = [
            one
            for one in await kept.deployment.everything()
            if one["type"] == "issues.household_file_erased.v1" and one["subject"] == household
        ]
        if told:
            return
    raise AssertionError("the log does not tell of the erasure")


def keep(kept: Kept, household: str) -> None:
    """Keeps the file of another household."""
    engine = make_engine(kept.settings.database_url("issues", kept.tenant))
    with Session(engine) as s:
        s.add(HouseholdFile(household=household, kept_by="v", consented_by="p", entries={"note": "x"}))
        s.commit()
    engine.dispose()


def files_in(kept: Kept, backup: Backup) -> list[object]:
    """The households whose files a backup holds."""
    (now,) = [one for one in backups_in(kept.folder) if one.name == backup.name]
    return [
        row["household"] for table, row in rows(now, f"issues/{kept.tenant}") if table == "household_file"
    ]


async def test_an_erased_file_is_gone_from_every_backup_and_others_stay(kept: Kept) -> None:
    keep(kept, "h-2")
    first, second = await kept.backup(), await kept.backup()
    assert files_in(kept, first) == ["h-1", "h-2"]

    await erase(kept, "h-1")
    third = await kept.backup()  # learns of the erasure

    assert [files_in(kept, one) for one in (first, second, third)] == [["h-2"]] * 3
    assert read_erasures(kept.folder).erased[0].of == "h-1"
    for backup in backups_in(kept.folder):
        assert kept.verified(backup, KEY).findings == []
        assert held(backup).databases[f"issues/{kept.tenant}"].rows["household_file"] == 1


async def test_a_backup_that_was_carried_away_is_named_and_cleaned_when_it_comes_back(
    kept: Kept, tmp_path: Path
) -> None:
    backup = await kept.backup()
    shutil.move(backup.folder, tmp_path / "away")
    await erase(kept, "h-1")

    reached = await apply_erasures(kept.bus, [kept.tenant], kept.folder)
    assert (reached.rows, reached.away) == ({}, [backup.name])
    shutil.move(tmp_path / "away", backup.folder)
    reached = await apply_erasures(kept.bus, [kept.tenant], kept.folder, all_again=True)
    assert (reached.rows, reached.away) == ({backup.name: 1}, [])
    assert files_in(kept, backup) == []


async def test_a_file_that_is_kept_again_later_stays_in_later_backups(kept: Kept) -> None:
    first = await kept.backup()
    await erase(kept, "h-1")
    await kept.deployment.quiet()
    keep(kept, "h-1")
    second = await kept.backup()

    await apply_erasures(kept.bus, [kept.tenant], kept.folder, all_again=True)

    assert (files_in(kept, first), files_in(kept, second)) == ([], ["h-1"])


@pytest.mark.parametrize("step", [(Manifest, "write"), (Path, "unlink")], ids=["before", "after"])
async def test_an_erasure_that_is_interrupted_leaves_a_whole_backup_and_is_done_again(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, step: tuple[type, str]
) -> None:
    backup = await kept.backup()
    await erase(kept, "h-1")
    with monkeypatch.context() as patched:

        def fail(*_: object) -> None:
            raise KeyboardInterrupt

        patched.setattr(*step, fail)
        with pytest.raises(KeyboardInterrupt):
            await apply_erasures(kept.bus, [kept.tenant], kept.folder)
    assert kept.verified(chosen(kept.folder, backup.name)).ok

    await apply_erasures(kept.bus, [kept.tenant], kept.folder)
    assert files_in(kept, backup) == []
    named = {name for name in held(chosen(kept.folder, backup.name)).files if "/kept/" in name}
    assert {str(path.relative_to(kept.folder)) for path in (backup.folder / "kept").iterdir()} == named


async def test_a_damaged_list_of_erasures_is_named_and_nothing_is_forgotten(kept: Kept) -> None:
    backup = await kept.backup()
    file = kept.folder / erasures.FILE
    file.write_bytes(file.read_bytes().replace(b"upto", b"upt0"))

    with pytest.raises(Problem, match="is damaged"):
        await apply_erasures(kept.bus, [kept.tenant], kept.folder)
    assert str(file) in kept.verified(backup).findings[0].en
