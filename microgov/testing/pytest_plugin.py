"""The fixture `replay`, by which a recorded log is a regression test:

    @pytest.mark.eventlog("tests/logs/vegetable-patch.ndjson")
    def test_vegetable_patch(replay):
        replay.assert_same_messages()
        replay.assert_same_state()

The recording is replayed in memory and in SQLite files, and also on PostgreSQL if the test suite has a session fixture
`postgres` whose `create(name)` makes an empty database and returns its URL.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# pytest loads this plugin wherever the package is installed: services are imported by the fixtures alone.
if TYPE_CHECKING:
    from microgov.testing.replay import Replay


@pytest.fixture(scope="session")
def replay_postgres(request: pytest.FixtureRequest) -> dict[str, str]:
    """The URL of a PostgreSQL database for each service, which every replay empties; no URLs without PostgreSQL."""
    from microgov.folds import FOLDS

    try:
        server = request.getfixturevalue("postgres")
    except pytest.FixtureLookupError:
        return {}
    return {service.name: server.create(f"replay_{service.name}") for service in FOLDS}


@pytest.fixture
def replay(request: pytest.FixtureRequest, tmp_path: Path, replay_postgres: dict[str, str]) -> "Replay":
    """The recording that the test's mark `eventlog` names."""
    from microgov.services.chassis.replay import recording as recordings
    from microgov.testing.replay import Replay, urls_of

    mark = request.node.get_closest_marker("eventlog")
    if mark is None:
        pytest.fail('name the recording: @pytest.mark.eventlog("tests/logs/….ndjson")')
    path = Path(mark.args[0])
    databases = {
        "memory": urls_of("memory", tmp_path),
        "sqlite": urls_of("sqlite", tmp_path),
        "postgresql": replay_postgres,
    }
    return Replay(recordings.read(path), {name: urls for name, urls in databases.items() if urls})
