"""The object of the fixture `replay`: it compares a recording with the messages and rows of the present services."""

from microgov.contracts.registry import every_message
from microgov.folds import FOLDS
from microgov.services.chassis.replay.recording import Recording, foreign_parts, verify
from microgov.services.chassis.replay.replay import check, digest, prepare
from microgov.services.chassis.store.engine import engine


class Replay:
    """A recording that is replayed by the present services.

    `databases` holds the URLs by kind of database (memory, sqlite, postgresql) and by service.
    """

    def __init__(self, recording: Recording, databases: dict[str, dict[str, str]]) -> None:
        self.recording, self.databases = recording, databases
        self.digests: dict[str, dict[str, str]] = {}
        self.differences: list[str] = []

    def _run(self) -> None:
        """Replays the recording on every database, and collects digests and differences."""
        every_message()
        self.differences += [
            *foreign_parts(self.recording, [service.name for service in FOLDS]),
            *verify(self.recording),
        ]
        for database, urls in self.databases.items():
            for service in FOLDS:
                made = engine(urls[service.name])
                prepare(made, service)
                difference = check(service, self.recording, made)
                if difference is not None:
                    self.differences.append(f"on {database}: {difference}")
                with made.connect() as c:
                    self.digests.setdefault(database, {})[service.name] = digest(c, service)
                made.dispose()

    def assert_same_messages(self) -> None:
        """Asserts that every fold produces exactly the recorded messages, on every database."""
        if not self.digests:
            self._run()
        assert not self.differences, self.differences[0]

    def assert_same_state(self) -> None:
        """Asserts that every fold ends with the recorded digest of its rows, on every database."""
        if not self.digests:
            self._run()
        for database, found in self.digests.items():
            assert found == dict(self.recording.digests), f"another state on {database}"
