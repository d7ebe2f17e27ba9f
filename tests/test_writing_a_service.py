"""docs/writing-a-service.md, done as it says: a fifth service of another project, with the wheel of this repository."""

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.ports import deployment_ports

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "writing-a-service.md").read_text("utf-8").partition("\n## 7. ")[0]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_BUILT = (".*", "var", "build", "*.egg-info", "__pycache__", "tests", "bench", "docs")


@dataclass
class Reader:
    """Somebody who does what the page says, in an empty folder. `said` holds what each command printed."""

    folder: Path
    env: dict[str, str]
    said: dict[str, str] = field(default_factory=dict)
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def write(self, block: str) -> None:
        """Writes a file: the first line of the block names it."""
        name, _, text = block.partition("\n")
        file = self.folder / name.removeprefix("# ")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def type(self, command: str) -> None:
        """Types a command; one that ends with & goes on."""
        shell = {"shell": True, "cwd": self.folder, "env": self.env, "text": True}
        if command.endswith("&"):
            end = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            self.running.append(subprocess.Popen(f"exec {command[:-1]}", **shell, **end))  # type: ignore[call-overload]  # as the dictionaries say
            return
        done = subprocess.run(command, capture_output=True, timeout=120, check=False, **shell)  # type: ignore[call-overload]  # as above
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        self.said[command] = done.stdout + done.stderr

    def test(self) -> subprocess.CompletedProcess[str]:
        """Runs the tests, whether they pass or not."""
        command = [str(self.folder / ".venv" / "bin" / "python"), "-m", "pytest", "tests"]
        return subprocess.run(
            command, cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=120, check=False
        )


def wheel(folder: Path) -> Path:
    """The wheel of this repository, built from a copy, since building leaves files behind."""
    copy = folder / "microgov"
    shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(*NOT_BUILT))
    build = f"from setuptools import build_meta; print(build_meta.build_wheel({str(folder)!r}))"
    subprocess.run(
        [sys.executable, "-c", build], cwd=copy, check=True, timeout=300, stdout=subprocess.DEVNULL
    )
    (made,) = folder.glob("microgov-*.whl")
    return made


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader with an environment in which the wheel is installed; what microgov needs is that of this environment."""
    folder = tmp_path_factory.mktemp("reader")
    venv.create(folder / ".venv", with_pip=True)
    bin_, site = folder / ".venv" / "bin", sysconfig.get_path("purelib", vars={"base": str(folder / ".venv")})
    (Path(site) / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (bin_ / "nats-server").symlink_to(Path(sys.executable).parent / "nats-server")
    pip: list[str | Path] = [bin_ / "python", "-m", "pip", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "uninstall", "-y", "setuptools"], check=True)  # Python 3.11 brings an old one
    made = wheel(tmp_path_factory.mktemp("wheel"))
    subprocess.run([*pip, "install", "--no-index", "--no-deps", made], check=True)
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MICROGOV_", "PYTEST"))}
    env = {**own, "PATH": f"{bin_}:{own['PATH']}", "PIP_DISABLE_PIP_VERSION_CHECK": "1", **deployment_ports()}
    one = Reader(folder, env)
    yield one
    for process in one.running:
        process.send_signal(signal.SIGINT)
        process.wait(30)


@pytest.mark.slow
def test_what_the_page_says_builds_a_running_fifth_service(reader: Reader) -> None:
    for kind, block in BLOCK.findall(PAGE):
        if kind == "console":
            for command in block.splitlines():
                reader.type(command.removeprefix("$ "))
        else:
            reader.write(block)

    status = next(said for command, said in reader.said.items() if command.startswith("microgov status"))
    assert re.search(r"demo\s+tools\s+✓", status), status
    sent = reader.said["microgov send ladder.json --tenant demo"]
    assert "4 of 4 messages are stored" in sent
    recorded = (reader.folder / "tests" / "ladder.eventlog.ndjson").read_text("utf-8")
    assert "log.demo.tools.tools.tool_lent.v1" in recorded
    assert "log.demo.tools.tools.tool_overdue.v1" in recorded
    assert "3 passed" in reader.said["python -m pytest tests"]


@pytest.mark.slow
def test_the_recording_finds_a_fault_in_the_new_service(reader: Reader) -> None:
    model = reader.folder / "toollib" / "model.py"
    whole = model.read_text("utf-8")
    model.write_text(
        whole.replace("self.say(ToolLent(to=m.beneficiary))", 'self.say(ToolLent(to="p-0"))'), "utf-8"
    )
    try:
        done = reader.test()
    finally:
        model.write_text(whole, "utf-8")

    assert done.returncode == 1
    assert "tools.tool_lent.v1 differs in data.to" in done.stdout
    assert "toollib/model.py" in done.stdout
