"""The releases of microgov: `deploy/releases.json`, a row for each, the oldest first.

A row holds what an upgrade has to know: the migrations of each service with the first digits of their sha256, the highest
`behaviour`, and the newest version of the released schemas. `python -m tools.releases 0.5.0 COMMIT "what it brings"` adds
one; it reads the commit, not the working tree.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
FILE = ROOT / "deploy" / "releases.json"
MIGRATION = re.compile(r"services/(\w+)/migrations/(\d{4})\.py")
SCHEMAS = re.compile(r"contracts/released/(\d{4})/")
NUMBERS = re.compile(r"^BEHAVIOUR = (\d+)|^    Behaviour\(\s*(\d+),", re.MULTILINE)
BEHAVIOURS = ("contracts/rules/behaviour.py", "contracts/rules.py")


class Contents(NamedTuple):
    """What a commit, or the working tree, holds. `migrations`: service → revision → the digits. `behaviour` and `schemas`:
    0 where there were none yet.
    """

    migrations: dict[str, dict[str, str]]
    behaviour: int
    schemas: int


def contents(files: Iterable[str], text_of: "Reader") -> Contents:
    """What the files hold; `text_of` reads one of them."""
    found = list(files)
    migrations: dict[str, dict[str, str]] = {}
    for match in filter(None, map(MIGRATION.fullmatch, sorted(found))):
        digits = hashlib.sha256(text_of(match[0])).hexdigest()[:12]
        migrations.setdefault(match[1], {})[match[2]] = digits
    of_rules = [text_of(name).decode() for name in BEHAVIOURS if name in found]
    numbers = [int(one or other) for text in of_rules for one, other in NUMBERS.findall(text)]
    schemas = [int(match[1]) for match in filter(None, map(SCHEMAS.match, found))]
    return Contents(migrations, max(numbers, default=0), max(schemas, default=0))


class Reader:
    """Reads files of a commit; None: of the working tree."""

    def __init__(self, commit: str | None) -> None:
        self.commit = commit

    def __call__(self, name: str) -> bytes:
        return (ROOT / name).read_bytes() if self.commit is None else git("show", f"{self.commit}:{name}")

    def files(self) -> list[str]:
        """The names of all files."""
        if self.commit is not None:
            return git("ls-tree", "-r", "--name-only", self.commit).decode().splitlines()
        folders = [ROOT / "services", ROOT / "contracts"]
        return [
            str(path.relative_to(ROOT)) for folder in folders for path in folder.rglob("*") if path.is_file()
        ]


def git(*arguments: str) -> bytes:
    """What git says. Raises CalledProcessError."""
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True).stdout


def of(commit: str | None) -> Contents:
    """What a commit holds; None: the working tree."""
    read = Reader(commit)
    return contents(read.files(), read)


def rows() -> list[dict[str, object]]:
    """The rows of the file."""
    found: list[dict[str, object]] = json.loads(FILE.read_text("utf-8")) if FILE.exists() else []
    return found


def main(arguments: list[str] | None = None) -> int:
    """Adds a row."""
    parser = argparse.ArgumentParser(prog="python -m tools.releases", description=__doc__)
    parser.add_argument("version")
    parser.add_argument("commit")
    parser.add_argument("what")
    given = parser.parse_args(arguments)
    commit = git("rev-parse", f"{given.commit}^{{commit}}").decode().strip()
    day = git("log", "-1", "--format=%as", commit).decode().strip()
    row = {"version": given.version, "commit": commit, "day": day, "what": given.what, **of(commit)._asdict()}
    FILE.write_text(json.dumps([*rows(), row], indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
