"""`microgov backup create` is killed at every step, under load: what is listed is whole, and the next backup is made."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from microgov.commands.backup_shared import RECIPIENT as RECIPIENT_FILE
from microgov.safekeeping import erasures
from microgov.safekeeping.erasures import read_erasures
from microgov.safekeeping.folder import VERIFIED, backups_in
from microgov.safekeeping.kept_apart import files_apart
from microgov.safekeeping.manifest import MANIFEST
from microgov.safekeeping.verify import Verification
from tests.safekeeping.backup_steps import KEY, RECIPIENT, Kept, held, numbers, something_to_lose
from tests.safekeeping.killing import Commands, commands_in
from tests.safekeeping.test_erasures import erase, files_in, keep
from tests.support.servers import NatsServer, PostgresServer

pytestmark = pytest.mark.rig
NUMBERS = count(1)
HOUSEHOLDS = 120
"""So many household files are in the first backup; one of them is erased before each of the next backups."""


@pytest.fixture(params=["sqlite", "postgresql"])
async def kept(
    request: pytest.FixtureRequest, nats_server: NatsServer, tmp_path: Path
) -> AsyncIterator[Kept]:
    database = f"sqlite:///{tmp_path}/{{service}}/{{tenant}}.sqlite"
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        database = server.url(f"killed{next(NUMBERS)}_{{service}}_{{tenant}}")
    async with something_to_lose(nats_server, database, tmp_path) as found:
        (found.settings.secrets / RECIPIENT_FILE).write_text(RECIPIENT)
        for user in found.settings.secrets.glob("nats_*"):
            user.unlink()  # the broker of this test knows no users
        yield found


@pytest.fixture
async def commands(kept: Kept) -> AsyncIterator[Commands]:
    env = {
        "MICROGOV_NATS_URL": kept.settings.nats_url,
        "MICROGOV_DATABASE": kept.settings.database,
        "MICROGOV_TENANTS": str(kept.settings.tenants),
        "MICROGOV_SECRETS": str(kept.settings.secrets),
        "MICROGOV_PUBLISHERS": str(kept.settings.publishers),
        "MICROGOV_BACKUPS": str(kept.folder),
    }
    with commands_in(kept.folder, env) as made:
        yield made


class Kills:
    """Kills a backup before each step that was ever reached, each time with an erasure that is new. `reached`: step → the
    steps before which the backups before had been killed, which have left something to be cleared away.
    """

    def __init__(self, kept: Kept, commands: Commands) -> None:
        self.kept, self.commands, self.erased = kept, commands, 0
        self.before_that = deque[str](maxlen=3)
        self.killed_at, self.reached = set[str](), dict[str, tuple[str, ...]]()

    async def before(self, step: str) -> bool:
        """Makes a backup that is killed before this step; returns whether it came that far. What is listed is whole."""
        self.erased += 1
        await erase(self.kept, f"h-{self.erased}")
        steps, code = await asyncio.to_thread(self.commands.run, "backup", "create", kill_at=step)
        assert code in (None, 0), code
        self.reached = dict.fromkeys(steps, tuple(self.before_that)) | self.reached
        self.before_that.append(step)
        known = backups_in(self.kept.folder)
        assert Verification(self.kept.folder, (), KEY).run(known[-1]).findings == [], step
        assert {one.name for one in known} <= {*read_erasures(self.kept.folder).made}, step
        return code is None

    async def before_each(self) -> None:
        """Kills before all steps."""
        while left := [step for step in self.reached if step not in self.killed_at]:
            for step in left:
                if not await self.before(step):
                    for one in self.reached[step]:
                        await self.before(one)
                    assert await self.before(step), step
                self.killed_at.add(step)


async def test_a_backup_that_is_killed_at_any_step_leaves_nothing_that_is_not_whole(
    kept: Kept, commands: Commands, tmp_path: Path
) -> None:
    for n in range(2, HOUSEHOLDS):
        keep(kept, f"h-{n}")
    await kept.backup()
    kills, ended = Kills(kept, commands), asyncio.Event()

    async def load() -> None:
        while not ended.is_set():
            await kept.places(1)
            await asyncio.sleep(0.05)

    loading = asyncio.create_task(load())
    try:
        assert not await kills.before("nothing")
        await kills.before_each()
    finally:
        ended.set()
        await loading
    assert len(kills.killed_at) > 50

    await kept.deployment.quiet()
    assert (await asyncio.to_thread(commands.run, "backup", "create"))[1] == 0
    (tmp_path / "key").write_text(KEY)
    erased = {f"h-{n + 1}" for n in range(kills.erased)}
    for backup in backups_in(kept.folder):
        verify = ("backup", "verify", backup.name, "--key", str(tmp_path / "key"))
        assert (await asyncio.to_thread(commands.run, *verify))[1] == 0, backup.name
        assert not erased.intersection(files_in(kept, backup))
    last = backups_in(kept.folder)[-1]
    there = numbers(last, kept.tenant)
    assert max(there.values()) == 1
    assert held(last).streams[f"LOG-{kept.tenant}"].end == sum(there.values())
    nothing_is_left_over(kept)


def nothing_is_left_over(kept: Kept) -> None:
    """Every file in the folder belongs to a backup that is listed, or to all of them."""
    known = backups_in(kept.folder)
    assert sorted(read_erasures(kept.folder).made) == [one.name for one in known]
    (apart,) = files_apart(kept.folder)
    wanted = {".lock", erasures.FILE, apart.name}
    for backup in known:
        wanted |= {*held(backup).files, f"{backup.name}/{MANIFEST}", f"{backup.name}/{VERIFIED}"}
    assert {str(path.relative_to(kept.folder)) for path in kept.folder.rglob("*") if path.is_file()} == wanted
