"""Rules of this repository that no linter checks. Each names the harm that it prevents."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from microgov.services.chassis.installed import installed

ROOT = Path(__file__).parents[1]
FOLDERS = ("bench", "contracts", "microgov", "services", "stories", "tests", "tools")
ALL = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
SOURCES = [path for path in ALL if path.parent.name != "migrations"]


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock", "requirements-bench.lock"])
def test_lock_files_name_no_host_and_every_package_by_hash(lock: str) -> None:
    """An address in a lock file works on the machine that wrote it, and on no other."""
    text = (ROOT / lock).read_text()

    assert "://" not in text
    pinned = re.findall(r"^\S+==\S+.*(?:\n +--hash=\S+(?: \\)?)*", text, re.MULTILINE)
    assert len(pinned) > 30
    assert [block.split("\n")[0] for block in pinned if "--hash=sha256:" not in block] == []


def test_no_file_is_longer_than_250_lines() -> None:
    """A longer file holds two subjects: move the second into a module of its own."""
    assert [str(path.relative_to(ROOT)) for path in SOURCES if len(path.read_text().splitlines()) > 250] == []


def test_no_function_is_longer_than_40_lines() -> None:
    """A function that does not fit on a screen is hard to read. Tables of test cases are not functions."""
    assert [name for path in SOURCES for name, lines in functions(path) if lines > 40] == []


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or 0) - node.lineno + 1


def test_chassis_gateway_and_contracts_name_no_service() -> None:
    """What is true of every service is asked of services/chassis/installed.py, so that a fifth one needs no change here."""
    names = {one.fold for one in installed()} | {writer for one in installed() for writer in one.writers}
    generic = ("services/chassis/", "services/gateway/", "contracts/")
    named = [
        (file, node.value)
        for path in SOURCES
        if (file := str(path.relative_to(ROOT))).startswith(generic)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in names - may_say(path)
    ]
    assert named == [("contracts/log.py", "issues")]  # an example of a name


def may_say(path: Path) -> set[str]:
    """The services that a file may name: the gateway, the door of every deployment; messages and rules their owner."""
    inside = {"directory"} if "gateway" in path.parts else set[str]()
    return {"gateway", path.stem, path.parent.name} | inside
