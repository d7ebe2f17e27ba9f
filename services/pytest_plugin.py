"""The fixture `replay`: a recording is a regression test without code.

    @pytest.mark.eventlog("tests/logs/vegetable-patch.ndjson")
    def test_vegetable_patch(replay):
        replay.assert_same_messages()
        replay.assert_same_state()

It replays in memory and on a SQLite file; on PostgreSQL too where the test suite has a fixture `postgres` whose
`create(name)` makes an empty database and returns its URL.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.chassis import recording as recordings
from services.chassis.database import engine
from services.chassis.recording import Recording
from services.chassis.replay import check, digest, prepare
from services.folds import FOLDS


class Replay:
    """One recording, checked against the services as they are now, on every database there is."""

    def __init__(self, recording: Recording, databases: dict[str, str]) -> None:
        self.recording, self.databases = recording, databases
        self.digests: dict[str, dict[str, str]] = {}
        self.differences: list[str] = []

    def _run(self) -> None:
        for database, url in self.databases.items():
            for service in FOLDS:
                made = engine(url.format(service=service.name))
                prepare(made, service)
                difference = check(service, self.recording, made)
                if difference is not None:
                    self.differences.append(f"on {database}: {difference}")
                with made.connect() as c:
                    self.digests.setdefault(database, {})[service.name] = digest(c, service)
                made.dispose()

    def assert_same_messages(self) -> None:
        """Every fold says exactly what the recording says, on every database."""
        if not self.digests:
            self._run()
        assert not self.differences, self.differences[0]

    def assert_same_state(self) -> None:
        """Every fold ends in the recorded state, on every database."""
        if not self.digests:
            self._run()
        for database, found in self.digests.items():
            assert found == dict(self.recording.digests), f"another state on {database}"


@pytest.fixture
def replay(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replay]:
    """The recording of the test's mark `eventlog`."""
    mark = request.node.get_closest_marker("eventlog")
    if mark is None:
        pytest.fail('name the recording: @pytest.mark.eventlog("tests/logs/….ndjson")')
    path = Path(mark.args[0])
    databases = {"memory": "sqlite://", "sqlite": f"sqlite:///{tmp_path}/{{service}}.sqlite"}
    try:
        server = request.getfixturevalue("postgres")
    except pytest.FixtureLookupError:
        server = None
    if server is not None:
        for service in FOLDS:
            server.create(f"replay_{service.name}")
        databases["postgresql"] = server.url("replay_SERVICE").replace("SERVICE", "{service}")
    yield Replay(recordings.read(path), databases)
