"""The fixture `replay`: a recording is a regression test without code.

    @pytest.mark.eventlog("tests/logs/vegetable-patch.ndjson")
    def test_vegetable_patch(replay):
        replay.assert_same_messages()
        replay.assert_same_state()

It replays in memory and on a SQLite file; on PostgreSQL too where the test suite has a fixture `postgres`, one for the
whole session, whose `create(name)` makes an empty database and returns its URL.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if (
    TYPE_CHECKING
):  # pytest loads this plugin wherever the package is installed, so services are imported only for a replay
    from microgov.testing.replay import Replay


@pytest.fixture(scope="session")
def replay_postgres(request: pytest.FixtureRequest) -> dict[str, str]:
    """Database URLs by service, created once and emptied by each replay; empty without PostgreSQL."""
    from microgov.folds import FOLDS

    try:
        server = request.getfixturevalue("postgres")
    except pytest.FixtureLookupError:
        return {}
    return {service.name: server.create(f"replay_{service.name}") for service in FOLDS}


@pytest.fixture
def replay(request: pytest.FixtureRequest, tmp_path: Path, replay_postgres: dict[str, str]) -> "Replay":
    """The recording named by the test's mark `eventlog`."""
    from microgov.folds import FOLDS
    from microgov.services.chassis.replay import recording as recordings
    from microgov.testing.replay import Replay

    mark = request.node.get_closest_marker("eventlog")
    if mark is None:
        pytest.fail('name the recording: @pytest.mark.eventlog("tests/logs/….ndjson")')
    path = Path(mark.args[0])
    databases = {
        "memory": dict.fromkeys((service.name for service in FOLDS), "sqlite://"),
        "sqlite": {service.name: f"sqlite:///{tmp_path}/{service.name}.sqlite" for service in FOLDS},
        "postgresql": replay_postgres,
    }
    return Replay(recordings.read(path), {name: urls for name, urls in databases.items() if urls})
