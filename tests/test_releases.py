"""One number says which version this is, and what a release holds does not change afterwards.

A new migration, `behaviour` or version of the released schemas asks for a new number: who upgrades goes by it.
"""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version

import pytest

from microgov.contracts.rules.behaviour import BEHAVIOUR
from microgov.services.chassis.installed import installed
from microgov.services.chassis.store.migrate import migrations_of
from tools import releases
from tools.releases import ROOT, of, rows

NUMBER = re.compile(r"\d+\.\d+\.\d+")


def parts(number: str) -> tuple[int, ...]:
    assert NUMBER.fullmatch(number), number
    return tuple(map(int, number.split(".")))


def number_in(file: str, pattern: str) -> str:
    found = re.search(pattern, (ROOT / file).read_text("utf-8"), re.MULTILINE)
    assert found is not None, f"{file}: {pattern}"
    return found[1]


def test_the_version_is_one_number() -> None:
    mine = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]

    assert number_in("CHANGELOG.md", r"^## (\S+)") == mine
    assert number_in("deploy/Dockerfile", r'^LABEL org\.opencontainers\.image\.version="(\S+)"') == mine
    assert version("microgov") == mine, "run `make dev`: what is installed is another version"
    said = subprocess.run(
        [sys.executable, "-m", "microgov", "--version"], capture_output=True, text=True, check=True
    )
    assert said.stdout == f"microgov {mine}\n"


def test_releases_rise_and_this_version_is_none_of_them() -> None:
    known = [parts(str(row["version"])) for row in rows()]

    assert known == sorted({*known})
    assert str(rows()[0]["commit"]).startswith("e41c2ccd")
    assert parts(version("microgov")) > known[-1]


def test_a_released_migration_never_changes_and_nothing_is_taken_back() -> None:
    last, now = rows()[-1], of(None)
    migrations = last["migrations"]
    assert isinstance(migrations, dict)

    for service, known in migrations.items():
        there = now.migrations[service]
        assert {name: there.get(name) for name in known} == known, (
            f"a released migration of {service} has changed"
        )
    assert now.behaviour >= int(str(last["behaviour"])) > 0
    assert now.schemas >= int(str(last["schemas"])) > 0


def test_what_is_read_from_the_files_is_what_the_services_use() -> None:
    now = of(None)

    assert now.behaviour == BEHAVIOUR
    for home, known in now.migrations.items():
        assert sorted(known) == sorted(path.stem for path in migrations_of(home).glob("[0-9]*.py"))
    assert sorted(now.migrations) == sorted(one.name for one in installed())


@pytest.mark.parametrize("row", rows(), ids=lambda row: str(row["version"]))
def test_a_row_says_what_its_commit_holds(row: dict[str, object]) -> None:
    commit = str(row["commit"])
    try:
        releases.git("cat-file", "-e", f"{commit}^{{commit}}")
    except subprocess.CalledProcessError:
        pytest.skip(f"{commit[:8]} is not in this clone, which is shallow")

    assert of(commit)._asdict() == {name: row[name] for name in ("migrations", "behaviour", "schemas")}
