"""Everything importable is in `microgov`: a wheel installs no other name, and no module has two names."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINKS = ("contracts", "services", "stories")
IN_A_WHEEL = ("pyproject.toml", "README.md", "LICENSE", "microgov", *LINKS)
THEIRS = """
import pytest

import contracts
import services.own
from microgov.contracts.issues import SubmitIssue
from microgov.services.chassis import Entity


def test_theirs_and_ours_live_side_by_side():
    assert (contracts.OURS, services.own.OURS) == (1, 2)
    assert SubmitIssue.TYPE == "issues.submit_issue.v1" and Entity.__module__ == "microgov.services.chassis.model"


@pytest.mark.eventlog("wish.ndjson")
def test_a_recording_is_replayed_here(replay):
    replay.assert_same_messages()
    replay.assert_same_state()
"""


@pytest.mark.parametrize("name", LINKS)
def test_in_the_checkout_the_name_of_a_folder_is_no_module(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import {name}"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert f"ImportError: import microgov.{name}: " in done.stderr


@pytest.mark.parametrize("name", LINKS)
def test_a_linked_package_is_the_folder_beside_microgov(name: str) -> None:
    assert (ROOT / "microgov" / name).is_symlink()
    assert (ROOT / "microgov" / name).resolve() == (ROOT / name).resolve()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made from a copy of the checkout, since setuptools writes beside its sources."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in IN_A_WHEEL:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(ROOT / name, folder / name)
    code = "from setuptools import build_meta; print(build_meta.build_wheel('.'))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.splitlines()[-1]


def test_a_wheel_holds_one_package_and_every_file_of_it(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    ours = {name for name in names if ".dist-info/" not in name}

    assert {name.split("/")[0] for name in ours} == {"microgov"}
    tracked = subprocess.run(
        ["git", "ls-files", "microgov", *LINKS], cwd=ROOT, capture_output=True, text=True, check=True
    )
    wanted = {
        name
        for name in tracked.stdout.split()
        if Path(name).suffix in (".py", ".yaml", ".mako", ".json", ".toml") or Path(name).name == "SHA256SUMS"
    }
    assert {name if name.startswith("microgov/") else f"microgov/{name}" for name in wanted} <= ours


@pytest.mark.slow
def test_the_wheel_works_in_an_empty_environment_beside_folders_of_the_same_names(
    wheel: Path, tmp_path: Path
) -> None:
    venv.create(tmp_path / "env", with_pip=False)
    site = next((tmp_path / "env").glob("lib/python*/site-packages"))
    zipfile.ZipFile(wheel).extractall(site)
    # what it depends on is read from here; not what lies behind our own .pth file, the checkout
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    mine = tmp_path / "mine"
    for file, text in (
        ("contracts/__init__.py", "OURS = 1\n"),
        ("services/own.py", "OURS = 2\n"),
        ("test_it.py", THEIRS),
    ):
        (mine / file).parent.mkdir(parents=True, exist_ok=True)
        (mine / file).write_text(text)
    shutil.copy(ROOT / "tests/logs/wish.ndjson", mine)
    python = [str(tmp_path / "env/bin/python"), "-m"]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    tested = subprocess.run(
        [*python, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=mine,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    helped = subprocess.run(
        [*python, "microgov", "--help"], cwd=mine, env=env, capture_output=True, text=True, check=False
    )

    assert tested.returncode == 0, tested.stdout
    assert "2 passed" in tested.stdout, tested.stdout
    assert helped.returncode == 0, helped.stderr
    assert "microgov" in helped.stdout, helped.stderr


def test_every_command_can_be_imported_where_pytest_is_not_installed() -> None:
    """A deployment has no pytest; the commands share code with the fixture `replay`. Nor does the deployment in memory need
    it.
    """
    program = (
        "import importlib, pkgutil, sys\n"
        "sys.modules['pytest'] = None\n"
        "import microgov.__main__\n"
        "import microgov.commands as commands\n"
        "for one in pkgutil.iter_modules(commands.__path__, 'microgov.commands.'):\n"
        "    importlib.import_module(one.name)\n"
        "import microgov.testing.deployment.memory_deployment\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr
