"""The pytest plugin in a project that has nothing but a test and a recording."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from microgov.services.chassis.recording import recording as recordings
from tests.commands.test_log_replay import COSIGNED, PATCH, outdated

TEST = """
import pytest


@pytest.mark.eventlog("mine.ndjson")
def test_mine(replay):
    replay.assert_same_messages()
    replay.assert_same_state()
"""


PAGE = Path(__file__).parents[2] / "docs" / "replaying.md"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a test in a folder; the recording is not there yet."""
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers -p no:cacheprovider\n")
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "test_mine.py").write_text(TEST)
    return tmp_path


def run(project: Path, *options: str) -> tuple[int, str]:
    """Exit code and output of pytest, which is started in the project's folder."""
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:xdist", *options]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("folder", [".", "cases"])
def test_the_recording_is_found_beside_the_test_and_in_the_root_folder(project: Path, folder: str) -> None:
    shutil.copy(PATCH, project / folder / "mine.ndjson")

    code, said = run(project)

    assert code == 0, said
    assert "1 passed" in said


def test_a_recording_in_a_folder_of_tests_is_a_test_by_itself(project: Path) -> None:
    (project / "cases" / "test_mine.py").unlink()
    shutil.copy(PATCH, project / "cases" / "same.eventlog.ndjson")
    outdated(project / "cases" / "old.eventlog.ndjson", COSIGNED)
    whole = recordings.read(PATCH)
    recordings.write(
        project / "cases" / "packed.eventlog.ndjson.zst", whole.tenant, whole.messages, whole.states
    )
    (project / "cases" / "damaged.eventlog.ndjson").write_text("")

    code, said = run(project)

    assert code == 1
    assert "2 passed" in said
    assert "1 failed" in said
    assert "1 error" in said
    assert "issues.issue_cosigned.v1 differs in data.people" in said
    assert "the file is empty" in said
    assert "Traceback" not in said


def test_a_project_says_which_services_answer(project: Path) -> None:
    """The issues alone answer here: what the others have recorded belongs to no service."""
    (project / "cases" / "conftest.py").write_text(
        "import pytest\n\n\n"
        '@pytest.fixture(scope="session")\n'
        "def eventlog_services():\n"
        "    from microgov.services.issues.handlers import service\n\n"
        "    return (service,)\n"
    )
    for name in ("mine.ndjson", "same.eventlog.ndjson"):
        shutil.copy(PATCH, project / "cases" / name)

    code, said = run(project)

    assert code == 1
    assert "2 failed" in said
    assert "directory" in said


def test_a_recording_that_is_not_there_is_one_sentence(project: Path) -> None:
    code, said = run(project)

    assert code == 1
    assert "there is no recording mine.ndjson: looked in" in said
    assert "FileNotFoundError" not in said


@pytest.mark.parametrize("mark", ["", "@pytest.mark.eventlog\n", "@pytest.mark.eventlog()\n"])
def test_a_test_that_names_no_recording_is_told_how(project: Path, mark: str) -> None:
    (project / "cases" / "test_mine.py").write_text(
        f"import pytest\n{mark}def test_mine(replay):\n    pass\n"
    )

    code, said = run(project)

    assert code == 1
    assert "name the recording: @pytest.mark.eventlog(" in said
    assert "IndexError" not in said


def test_an_update_skips_the_test_says_what_differed_and_writes_the_recording(project: Path) -> None:
    file = project / "cases" / "mine.ndjson"
    outdated(file, COSIGNED)
    assert run(project)[0] == 1

    code, said = run(project, "--eventlog-update")

    assert code == 0, said
    assert "1 skipped" in said
    assert "was updated" in said
    assert recordings.read(file).messages == recordings.read(PATCH).messages
    assert run(project)[0] == 0


def test_the_examples_of_the_page_are_tests_that_pass(project: Path) -> None:
    (project / "cases" / "test_mine.py").unlink()
    (project / "logs").mkdir()
    for name in ("mine", PATCH.stem):
        shutil.copy(PATCH, project / "logs" / f"{name}.ndjson")
    examples = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    tests = [example for example in examples if "def test_" in example]
    for n, example in enumerate(tests):
        (project / "cases" / f"test_{n}.py").write_text(example)
    (project / "var").mkdir()

    code, said = run(project)

    (program,) = (example for example in examples if example not in tests)
    done = subprocess.run([sys.executable, "-c", program], cwd=project, check=False, timeout=60)
    assert done.returncode == 0
    assert recordings.read(project / "var" / "mine.ndjson").messages
    assert len(tests) == 2
    assert code == 0, said
    assert "3 passed" in said
