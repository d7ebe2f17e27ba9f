"""`microgov restore` and `microgov resume`: an installation is killed, restored on an empty machine and in its own place."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.installation import copied, kill, microgov, up, up_with_key

pytestmark = pytest.mark.slow


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


@pytest.fixture
def machine(lost: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of commands on another machine, to which the data, the backups and the key were copied."""
    return copied(lost, tmp_path)


def restore(env: dict[str, str], *options: str) -> "subprocess.CompletedProcess[str]":
    return microgov(env, "restore", "--key", str(Path(env["MICROGOV_VAR"]).parent / "my.key"), *options)


def test_on_an_empty_machine_it_is_there_again_and_sends_after_resume(
    machine: dict[str, str], tmp_path: Path
) -> None:
    backups = tmp_path / "var" / "backups"
    env = machine | {"MICROGOV_VAR": str(tmp_path / "elsewhere")}
    done = microgov(env, "restore", "--key", str(tmp_path / "my.key"), "--folder", str(backups), "--json")
    assert done.returncode == 0, done.stderr
    restored = json.loads(done.stdout)
    assert (restored["generation"], restored["aside"], restored["lacking"]) == (2, None, [])
    assert restored["backup"] == max(path.name for path in backups.iterdir() if path.name.endswith("Z"))

    with up(Path(env["MICROGOV_VAR"]), sends_nothing) as running:
        running["MICROGOV_LANG"] = "en"
        shown = json.loads(microgov(running, "status", "--json").stdout)
        held = [one["service"] for one in shown["services"] if any("resume" in note for note in one["why"])]
        assert held == ["notify", "notify"]
        listed = microgov(running, "resume", "--json")
        assert listed.returncode == 1
        assert json.loads(listed.stdout)["undecided"] == ["out/cli"]
        assert json.loads(listed.stdout)["resumed"] is False
        assert "Say by --reason" in microgov(running, "resume", "--close", "all").stderr
        assert "There is no group" in microgov(running, "resume", "--send", "out/nobody").stderr
        assert microgov(running, "resume", "--send", "all").returncode == 0
        assert microgov(running, "status", "--wait", "20").returncode == 0
        assert "Nothing is held back" in microgov(running, "resume").stdout
        assert microgov(running, "check", "--tenant", "demo").returncode == 0
        assert microgov(running, "demo", "order").returncode == 0
        assert microgov(running, "backup", "create", "--folder", str(backups)).returncode == 0
        assert microgov(running, "backup", "verify", "--folder", str(backups)).returncode == 0


def sends_nothing(env: dict[str, str]) -> bool:
    """Whether the services say so; one that is held back is not ready."""
    return "sends nothing" in microgov(env, "status").stdout


def test_what_is_there_is_moved_aside_whole_and_its_tail_is_kept(
    machine: dict[str, str], tmp_path: Path
) -> None:
    refused = restore(machine)
    assert refused.returncode == 2
    assert "add --replace" in refused.stderr
    before = {path.relative_to(tmp_path / "var") for path in (tmp_path / "var" / "issues").rglob("*")}

    done = restore(machine, "--replace", "--json")

    assert done.returncode == 0, done.stderr
    restored = json.loads(done.stdout)
    aside = Path(restored["aside"])
    assert {path.relative_to(aside) for path in (aside / "issues").rglob("*")} == before
    (tail,) = restored["tails"]
    assert tail["tenant"] == "demo"
    shown = microgov(machine, "log", "show", tail["file"], "--json").stdout.splitlines()
    assert len(shown) == tail["messages"] > 50
    assert json.loads(shown[0])["seq"] == restored["ends"]["demo"] + 1
    assert not (tmp_path / ".var.restoring").exists()
    listed = json.loads(microgov(machine, "backup", "list", "--json").stdout)
    assert listed[-1]["backup"] == restored["backup"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--to", "demo:9999"), "No backup goes so far"),
        (("--to", "yesterday"), "2026-04-01T08:00:00+08:00"),
        (("--to", "2020-01-01T00:00:00Z"), "No backup is so old"),
        (("--folder", "nowhere"), "is no folder"),
    ],
)
def test_what_cannot_be_restored_changes_nothing(
    machine: dict[str, str], tmp_path: Path, options: tuple[str, str], said: str
) -> None:
    refused = restore(machine, "--replace", *options)

    assert refused.returncode in (1, 2)
    assert said in refused.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my.key", "var"]


def test_a_damaged_backup_and_another_key_restore_nothing(machine: dict[str, str], tmp_path: Path) -> None:
    part = max((tmp_path / "var" / "backups" / "streams" / "LOG-demo.1").iterdir())
    whole = part.read_bytes()
    part.write_bytes(whole[:-9] + b"x" + whole[-8:])
    damaged = restore(machine, "--replace")
    assert damaged.returncode == 1
    assert f"{part} is damaged" in damaged.stderr
    part.write_bytes(whole)
    (tmp_path / "my.key").write_text("AGE-SECRET-KEY-1" + "Q" * 58 + "\n")

    assert restore(machine, "--replace").returncode in (1, 2)

    assert (tmp_path / "var" / "issues").is_dir()
    assert not list(tmp_path.glob("var.before-*"))


def test_backups_that_an_interrupted_restore_has_left_are_named(
    machine: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "var").rename(tmp_path / "var.before-20260302T080000Z")

    refused = restore(machine)

    assert refused.returncode == 2
    left = tmp_path / "var.before-20260302T080000Z" / "backups"
    assert str(left) in refused.stderr
    assert restore(machine, "--folder", str(left)).returncode == 0


def test_a_backup_of_make_up_has_no_password_for_compose(machine: dict[str, str], tmp_path: Path) -> None:
    refused = restore(machine, "--password-only")

    assert refused.returncode == 2
    assert "secrets make /secrets" in refused.stderr
    assert not (tmp_path / "var" / "secrets" / "postgres").exists()
