"""Every command in the README and the pages beside it is run as it is written there."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from microgov.__main__ import COMMANDS
from tests.support.ports import deployment_ports

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = ROOT / "docs"
PAGES = {name: (DOCS / f"{name}.md").read_text("utf-8") for name in ("publishing", "replaying", "operating")}
ALL = "\n".join([README, *PAGES.values()])
BIN = Path(sys.executable).parent
ELSEWHERE = ("make ", "docker compose", "alias ", "export ", ".venv/bin/microgov demo all")
"""`make up` is what the fixture runs; test, rig and bench run by themselves; compose by its own test, with all stories."""


def commands(text: str = ALL) -> list[str]:
    """Every indented line that is a command, once."""
    lines = re.findall(r"^    (\S.*)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return list(dict.fromkeys(line.split("  #")[0].strip() for line in lines))


def python_example(text: str) -> str:
    """The program that publishes an event."""
    blocks: list[str] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    return next(block for block in blocks if "asyncio.run" in block)


def test_the_chinese_readme_has_no_other_commands() -> None:
    """Its commands are in the English README too, where they are run, and `microgov` has every command that it names."""
    text = (ROOT / "README.zh.md").read_text(encoding="utf-8")

    assert commands(text)
    assert set(commands(text)) <= set(commands())
    assert {name for name in re.findall(r"`microgov (\w+)", text) if name != "up"} <= set(COMMANDS)


def test_the_readmes_are_one_page_each() -> None:
    assert max(len((ROOT / name).read_bytes()) for name in ("README.md", "README.zh.md")) < 9_000


@pytest.mark.parametrize(
    "page", [*ROOT.glob("*.md"), *DOCS.rglob("*.md")], ids=lambda p: str(p.relative_to(ROOT))
)
def test_every_link_leads_to_something(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)\)", page.read_text("utf-8"))

    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What `make up` starts, on other ports, in a folder of its own; the environment of another terminal."""
    var, ports = tmp_path_factory.mktemp("up") / "var", deployment_ports()
    env = {
        **os.environ,
        "MICROGOV_VAR": str(var),
        **ports,
        "MICROGOV_NATS_URL": f"nats://127.0.0.1:{ports['MICROGOV_NATS_PORT']}",
    }
    running = subprocess.Popen([str(BIN / "microgov"), "up"], env=env, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        status = [str(BIN / "microgov"), "status"]
        while subprocess.run(status, env=env, cwd=ROOT, capture_output=True, check=False).returncode:
            assert time.monotonic() < until
            assert running.poll() is None
        yield env
    finally:
        running.terminate()
        running.wait(timeout=30)


def elsewhere(file: str, folder: Path) -> str:
    """A file of this repository stays; one that the reader makes is made in this folder."""
    if (ROOT / file).is_file():
        return file
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    return str(folder / file)


def run(line: str, env: dict[str, str], cwd: Path) -> str:
    command = re.sub(r"(tests/logs|var)/\S+", lambda file: elsewhere(file[0], cwd), line)
    command = command.replace(".venv/bin/", f"{BIN}/")
    command = command.replace("deploy/secrets", str(cwd / "secrets"))
    done = subprocess.run(
        command, shell=True, env=env, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_first_event_from_another_program(up: dict[str, str], tmp_path: Path) -> None:
    add = next(line for line in commands() if "publishers add" in line)
    said = run(f"{add} --json", up, tmp_path)
    secret = json.loads(said)["secret"]
    program = tmp_path / "portal.py"
    program.write_text(python_example(PAGES["publishing"]), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, str(program)],
        env={**up, "PORTAL_PASSWORD": secret},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    receipt = done.stdout.splitlines()[1]
    assert "'status': 'accepted'" in receipt
    assert "'state': 'accepted'" in done.stdout.splitlines()[2]
    subject = re.search(r"'subject': '([^']+)'", receipt)
    assert subject is not None
    shown = run(f".venv/bin/microgov show issue {subject[1]} --tenant donghu --json", up, tmp_path)
    assert json.loads(shown)["state"] == "accepted"

    short = python_example(README).replace("nats://127.0.0.1:4222", up["MICROGOV_NATS_URL"])
    program.write_text(short, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(program)],
        env={**up, "PORTAL_PASSWORD": secret},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"stream"' in done.stdout, done.stdout + done.stderr


@pytest.mark.rig
def test_every_other_command_runs(up: dict[str, str], tmp_path: Path) -> None:
    tried = [
        line
        for line in commands()
        if not line.startswith(ELSEWHERE) and "publishers add" not in line and line.startswith(".venv")
    ]

    assert len(tried) >= 8
    for line in tried:
        run(line, up, tmp_path)


def test_the_message_in_a_file(up: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "message.json"
    file.write_text(re.findall(r"```json\n(.*?)```", PAGES["publishing"], re.DOTALL)[0], encoding="utf-8")

    said = run(f".venv/bin/microgov send {file} --json", up, tmp_path)

    assert '"status":"accepted"' in said.replace(" ", "")


def test_the_table_of_messages_is_there() -> None:
    assert (ROOT / "contracts/MESSAGES.md").exists()
    assert "contracts/MESSAGES.md" in README
