"""`microgov restore` is killed before every step: nothing of what was there is lost, and done again it is whole."""

import json
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.commands.installation import copied, environment, kill, microgov, up, up_with_key
from tests.safekeeping.killing import Commands, commands_in

pytestmark = pytest.mark.rig
RUNS = frozenset({"log", ".lock"})
"""What of a data folder says only what runs there."""


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data of an installation that was killed: a backup holds the first story, and another one came after it."""
    var = tmp_path_factory.mktemp("lost") / "var"
    with up_with_key(var) as env:
        assert microgov(env, "demo", "first").returncode == 0
        assert microgov(env, "backup", "create").returncode == 0
        assert microgov(env, "demo", "order").returncode == 0
        kill(var)
    yield var


class Machine:
    """A folder with the data `var` and the private key; commands run on it."""

    def __init__(self, lost: Path, folder: Path, commands: Commands) -> None:
        self.lost, self.folder, self.commands = lost, folder, commands
        self.var = folder / "var"
        self.fresh()
        self.before = files_in(self.var)

    def fresh(self) -> None:
        """The data is as it was when it was lost."""
        for path in self.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        copied(self.lost, self.folder)

    def restore(self, kill_at: str = "") -> tuple[list[str], int | None]:
        """Restores, from wherever the backups are now."""
        (backups,) = {path.parents[1] for path in self.folder.rglob("backups/*/manifest.json")}
        options = ("--replace", "--key", str(self.folder / "my.key"), "--folder", str(backups))
        return self.commands.run("restore", *options, kill_at=kill_at)

    def lacking(self) -> set[str]:
        """The names of those files of before that are in no folder as they were."""
        there = [one for folder in self.folder.iterdir() if folder.is_dir() for one in files_in(folder)]
        return {name for name, _ in self.before.difference(there)}


def files_in(folder: Path) -> set[tuple[str, str]]:
    """The names and hashes of all files that hold something; of streams those with the messages of a log: in others, the
    broker that reads the log removes what was to be removed when it was killed.
    """
    found = set[tuple[str, str]]()
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        of_stream = "store" in name.parts and not (path.suffix == ".blk" and "/LOG-" in str(name))
        if path.is_file() and name.parts[0] not in RUNS and not of_stream:
            found.add((str(name), sha256(path.read_bytes()).hexdigest()))
    return found


@pytest.fixture
def machine(lost: Path, tmp_path: Path) -> Iterator[Machine]:
    folder = tmp_path / "machine"
    folder.mkdir()
    with commands_in(folder, environment(folder / "var") | {"MICROGOV_LANG": "en"}) as commands:
        yield Machine(lost, folder, commands)


def test_nothing_is_lost_and_it_is_done_again(machine: Machine) -> None:
    steps, code = machine.restore()
    assert code == 0
    assert len(steps) > 20
    whole = {name for name, _ in files_in(machine.var) if "tails" not in name}
    renamed = [n for n, step in enumerate(steps) if step.startswith("os.rename /var ")]
    machine.fresh()

    for n, step in enumerate(steps):
        assert machine.restore(kill_at=step)[1] is None, step
        assert machine.lacking() == set(), step
        if n >= renamed[0]:  # before, what the next one meets is what this one has left
            assert machine.restore()[1] == 0, step
            assert machine.lacking() == set(), step
            assert {name for name, _ in files_in(machine.var)} >= whole, step
            machine.fresh()

    assert machine.restore()[1] == 0
    with up(machine.var, lambda env: "sends nothing" in microgov(env, "status").stdout) as env:
        assert microgov(env, "resume", "--send", "all").returncode == 0
        assert json.loads(microgov(env, "check", "--tenant", "demo", "--json").stdout)["ok"]
