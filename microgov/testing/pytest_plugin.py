"""The fixture `replay`, by which a recorded log is a regression test:

    @pytest.mark.eventlog("tests/logs/vegetable-patch.ndjson")
    def test_vegetable_patch(replay):
        replay.assert_same_messages()
        replay.assert_same_state()

The recording is replayed in memory and in SQLite files, and also on PostgreSQL if the test suite has a session fixture
`postgres` whose `create(name)` makes an empty database and returns its URL.

A file `*.eventlog.ndjson` (or `.zst`) in a folder of tests is a test by itself.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# pytest loads this plugin wherever the package is installed: services are imported by the fixtures alone.
if TYPE_CHECKING:
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
def replay_postgres(request: pytest.FixtureRequest) -> dict[str, str]:
    """The URL of a PostgreSQL database for each service, which every replay empties; no URLs without PostgreSQL."""
    from microgov.folds import FOLDS

    try:
        server = request.getfixturevalue("postgres")
    except pytest.FixtureLookupError:
        return {}
    return {service.name: server.create(f"replay_{service.name}") for service in FOLDS}


def _file(name: str | Path, request: pytest.FixtureRequest) -> Path:
    """The recording with this name: beside the test, below the root folder of the tests, or below the current folder."""
    folders = (request.path.parent, request.config.rootpath, Path.cwd())
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    looked = ", ".join(str(folder) for folder in dict.fromkeys(folders))
    pytest.fail(f"there is no recording {name}: looked in {looked}")


@pytest.fixture
def replay(request: pytest.FixtureRequest, tmp_path: Path, replay_postgres: dict[str, str]) -> "Replay":
    """The recording that the test's mark `eventlog` names."""
    from microgov.services.chassis.replay import recording as recordings
    from microgov.testing.replay import Replay, urls_of

    mark = request.node.get_closest_marker("eventlog")
    if mark is None:
        pytest.fail('name the recording: @pytest.mark.eventlog("tests/logs/….ndjson")')
    path = _file(mark.args[0], request)
    databases = {
        "memory": urls_of("memory", tmp_path),
        "sqlite": urls_of("sqlite", tmp_path),
        "postgresql": replay_postgres,
    }
    update = path if request.config.getoption("--eventlog-update") else None
    return Replay(recordings.read(path), {name: urls for name, urls in databases.items() if urls}, update)
