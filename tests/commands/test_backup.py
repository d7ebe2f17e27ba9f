"""The commands on backups, on an installation that runs: what an operator types, and what is said."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.installation import environment, microgov, up

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of the commands of an installation in which a story was played."""
    with up(tmp_path_factory.mktemp("backed") / "var") as env:
        env["MICROGOV_LANG"] = "en"
        assert microgov(env, "demo", "first").returncode == 0
        yield env


@pytest.fixture(scope="module")
def key(running: dict[str, str]) -> Path:
    """The file with the private key. Before there is one, no backup is made; then one is made and verified by itself."""
    file = Path(running["MICROGOV_VAR"]).parent / "my.key"
    refused = microgov(running, "backup", "create")
    assert refused.returncode == 2
    assert "microgov backup key FILE" in refused.stderr
    assert "There is no backup in" in microgov(running, "status").stdout
    made = microgov(running, "backup", "key", str(file))
    assert made.returncode == 0, made.stderr
    assert "away from this machine" in made.stdout
    assert file.stat().st_mode & 0o777 == 0o600
    until = time.monotonic() + 90
    while not any(one["verified"] for one in backups(running)):
        assert time.monotonic() < until, backups(running)
        time.sleep(0.5)
    return file


def backups(running: dict[str, str]) -> list[dict[str, object]]:
    """What `backup list` says."""
    listed = microgov(running, "backup", "list", "--json")
    found: list[dict[str, object]] = json.loads(listed.stdout) if listed.returncode == 0 else []
    return found


def test_once_there_is_a_key_backups_are_made_by_themselves(running: dict[str, str], key: Path) -> None:
    assert "backup" not in microgov(running, "status").stdout
    state = json.loads(microgov(running, "status", "--json").stdout)["backups"]
    assert state["newest"] == state["verified"]


def test_a_backup_by_hand_is_listed_and_verified(running: dict[str, str], key: Path) -> None:
    made = microgov(running, "backup", "create")
    assert made.returncode == 0, made.stderr
    assert "messages of logs" in made.stdout

    listed = json.loads(microgov(running, "backup", "list", "--json").stdout)
    newest = listed[-1]["backup"]
    assert newest in microgov(running, "backup", "list").stdout
    verified = json.loads(microgov(running, "backup", "verify", "--json").stdout)
    assert (verified["ok"], verified["backup"], verified["sealed"]) == (True, newest, 0)
    opened = microgov(running, "backup", "verify", newest, "--key", str(key))
    assert opened.returncode == 0, opened.stdout
    assert "sealed files opened" in opened.stdout


def test_a_damaged_backup_is_named_with_exit_code_1(
    running: dict[str, str], key: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    assert microgov(running, "backup", "create", "--folder", str(elsewhere)).returncode == 0
    (file,) = elsewhere.glob("streams/LOG-demo.1/*")
    file.write_bytes(file.read_bytes()[:-1])

    verified = microgov(running, "backup", "verify", "--folder", str(elsewhere))

    assert verified.returncode == 1
    assert f"{file} is damaged" in verified.stdout


def test_what_cannot_be_is_refused_with_what_to_do(
    running: dict[str, str], key: Path, tmp_path: Path
) -> None:
    for arguments, said in (
        (["key", str(tmp_path / "other.key")], "--replace"),
        (["key", str(key), "--replace"], "is not overwritten"),
        (["verify", "20200101T000000Z"], "There is no backup 20200101T000000Z"),
        (["verify", "--key", str(tmp_path / "none")], "There is no file"),
        (["list", "--folder", str(tmp_path / "none")], "is no folder"),
        (["run", "--at", "25:00"], "looks like 02:30"),
    ):
        refused = microgov(running, "backup", *arguments)
        assert refused.returncode in (1, 2), arguments
        assert said in refused.stderr, refused.stderr
        assert "Traceback" not in refused.stderr
    assert not (tmp_path / "other.key").exists()


def test_erasures_are_told(running: dict[str, str], key: Path) -> None:
    said = json.loads(microgov(running, "backup", "erasures", "--json").stdout)

    assert said == {"erased": {}, "taken_out": {}, "away": []}


def test_the_private_key_of_another_pair_opens_nothing(
    running: dict[str, str], key: Path, tmp_path: Path
) -> None:
    other = environment(tmp_path / "var")
    assert (
        microgov(other, "backup", "key", str(tmp_path / "other.key")).returncode == 2
    )  # there is no installation
    assert not (tmp_path / "other.key").exists()
    text = key.read_text().replace("AGE-SECRET-KEY-1", "AGE-SECRET-KEY-2")
    (tmp_path / "broken.key").write_text(text)

    refused = microgov(running, "backup", "verify", "--key", str(tmp_path / "broken.key"))

    assert "AGE-SECRET-KEY-1" in refused.stderr + refused.stdout
