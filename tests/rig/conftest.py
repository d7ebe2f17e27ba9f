"""One rig for each database; the tests of a run share it as long as its ledger is clean."""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from tests.rig.auditor import Auditor
from tests.rig.rig import Rig
from tests.support.servers import PostgresServer


@dataclass(frozen=True)
class Case:
    """On which database a fault is tried, and with how many messages of load."""

    database: str
    load: int


ONCE = Case("sqlite", 250)
THOROUGH = [
    pytest.param(Case(database, 1500), id=database, marks=pytest.mark.rig)
    for database in ("sqlite", "postgresql")
]
CASES = [pytest.param(ONCE, id="once"), *THOROUGH]


@dataclass
class RigUnderTest:
    """A rig with its auditor, and the load of the case; every fault must leave its ledger clean."""

    rig: Rig
    auditor: Auditor
    load: int
    random: random.Random
    clean_so_far: bool = False

    @property
    def thorough(self) -> bool:
        """Whether the fault is tried more than once."""
        return self.load > ONCE.load

    async def clean(self) -> None:
        """Waits until the rig is idle and asserts that the ledger is clean."""
        found = await self.auditor.audit()
        assert found.clean, f"{found} – logs in {self.rig.folder}"
        self.clean_so_far = True

    async def ready(self) -> None:
        """Waits until every service has a process that holds its lease."""
        await self.rig.until(lambda: all(map(self.rig.epoch, self.rig.services)), "the services do not start")


@dataclass
class Rigs:
    """The running rigs, by database."""

    folder: Path
    running: dict[str, RigUnderTest] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)
    postgres: PostgresServer | None = None

    def get(self, case: Case, seed: int) -> RigUnderTest:
        """The rig of this database if its ledger was clean after the last test, otherwise a new one."""
        found = self.running.get(case.database)
        if found is None or not found.clean_so_far:
            self._stop(case.database)
            rig = Rig(self.folder / f"rig{next(self.numbers)}", self._postgres(case), seed=seed).start()
            found = self.running[case.database] = RigUnderTest(
                rig, Auditor(rig), case.load, random.Random(seed)
            )
        found.load, found.clean_so_far = case.load, False
        return found

    def _postgres(self, case: Case) -> PostgresServer | None:
        if case.database == "sqlite":
            return None
        if self.postgres is None:
            self.postgres = PostgresServer().start()
        return self.postgres

    def _stop(self, database: str) -> None:
        found = self.running.pop(database, None)
        if found is not None:
            found.rig.stop()

    def stop(self) -> None:
        """Stops all rigs, then the database."""
        for database in list(self.running):
            self._stop(database)
        if self.postgres is not None:
            self.postgres.__exit__()


@pytest.fixture(scope="session")
def seed() -> int:
    """The seed of this run; SEED=n in the environment repeats it."""
    found = int(os.environ.get("SEED", random.SystemRandom().randint(1, 999_999)))
    print(f"\nSEED={found}")
    return found


@pytest.fixture(scope="session")
def rigs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rigs]:
    made = Rigs(tmp_path_factory.mktemp("rigs"))
    yield made
    made.stop()


@pytest.fixture(params=CASES)
def tried(request: pytest.FixtureRequest, rigs: Rigs, seed: int) -> Iterator[RigUnderTest]:
    yield rigs.get(request.param, seed)


@pytest.fixture
def new_rig(tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    """Starts a rig that only this test uses."""
    made: list[Rig] = []

    def make(**how: object) -> Rig:
        made.append(Rig(tmp_path / f"rig{len(made)}", **how))  # type: ignore[arg-type]  # passed through
        return made[-1].start()

    yield make
    for rig in made:
        rig.stop()
