"""The fixture `replay`, by which a recorded log is a regression test:

    @pytest.mark.eventlog("tests/logs/vegetable-patch.ndjson")
    def test_vegetable_patch(replay):
        replay.assert_same_messages()
        replay.assert_same_state()

The recording is replayed in memory and in SQLite files, and also on PostgreSQL if the test suite has a session fixture
`postgres` whose `create(name)` makes an empty database and returns its URL.

A file `*.eventlog.ndjson` (or `.zst`) in a folder of tests is a test by itself.

All installed services answer. A project whose recordings hold others, or fewer, says which in its conftest.py:

    @pytest.fixture(scope="session")
    def eventlog_services():
        return (service,)
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# pytest loads this plugin wherever the package is installed: services are imported by the fixtures alone.
if TYPE_CHECKING:
    from microgov.services.chassis.service import Service
    from microgov.testing.replay import Replay


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--eventlog-update`."""
    parser.getgroup("eventlog", "recorded logs").addoption(
        "--eventlog-update",
        action="store_true",
        help="write the present answers of the services into recordings that differ, and show what differed",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Registers the mark."""
    config.addinivalue_line("markers", "eventlog(path): the recording that the fixture `replay` replays")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Makes a test of every recording whose name ends with `.eventlog.ndjson` or `.eventlog.ndjson.zst`."""
    from microgov.testing.collection import SUFFIXES, EventLogFile

    return EventLogFile.from_parent(parent, path=file_path) if file_path.name.endswith(SUFFIXES) else None


@pytest.fixture(scope="session")
def eventlog_services() -> "Sequence[Service]":
    """The services that answer the recordings: all that are installed."""
    from microgov.folds import FOLDS

    return FOLDS


@pytest.fixture(scope="session")
def replay_postgres(request: pytest.FixtureRequest, eventlog_services: "Sequence[Service]") -> dict[str, str]:
    """The URL of a PostgreSQL database for each service, which every replay empties; no URLs without PostgreSQL."""
    try:
        server = request.getfixturevalue("postgres")
    except pytest.FixtureLookupError:
        return {}
    return {service.name: server.create(f"replay_{service.name}") for service in eventlog_services}


def _file(name: str | Path, request: pytest.FixtureRequest) -> Path:
    """The recording with this name: beside the test, below the root folder of the tests, or below the current folder."""
    folders = (request.path.parent, request.config.rootpath, Path.cwd())
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    looked = ", ".join(str(folder) for folder in dict.fromkeys(folders))
    pytest.fail(f"there is no recording {name}: looked in {looked}")


@pytest.fixture
def replay(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    replay_postgres: dict[str, str],
    eventlog_services: "Sequence[Service]",
) -> "Replay":
    """The recording that the test's mark `eventlog` names."""
    from microgov.services.chassis.recording import recording as recordings
    from microgov.services.chassis.recording.damage import BadRecording
    from microgov.testing.replay import Replay, urls_of

    mark = request.node.get_closest_marker("eventlog")
    if mark is None or not mark.args:
        pytest.fail('name the recording: @pytest.mark.eventlog("tests/logs/….ndjson")')
    path = _file(mark.args[0], request)
    databases = {
        "memory": urls_of("memory", tmp_path, eventlog_services),
        "sqlite": urls_of("sqlite", tmp_path, eventlog_services),
        "postgresql": replay_postgres,
    }
    update = path if request.config.getoption("--eventlog-update") else None
    found = {name: urls for name, urls in databases.items() if urls}
    try:
        return Replay(recordings.read(path), found, update, eventlog_services)
    except BadRecording as bad:
        pytest.fail(str(bad), pytrace=False)
