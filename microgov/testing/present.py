"""What the present services say to a recording, and the rows with which they end."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from microgov.contracts.message import Envelope, Message, parse
from microgov.folds import FOLDS
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.replay.feeding import feed, prepare
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.engine import engine

M = TypeVar("M", bound=Message)
T = TypeVar("T")


class PresentServices:
    """The present services after they have folded a recording; each folds it when it is asked for the first time."""

    def __init__(self, recording: Recording, services: Sequence[Service] = FOLDS) -> None:
        self.recording, self.services = recording, services
        self._known: dict[str, tuple[Engine, list[tuple[str, bytes]]]] = {}

    def _folded(self, service: Service) -> tuple[Engine, list[tuple[str, bytes]]]:
        """The service's database in memory, and the subjects and bytes of its answers."""
        if service.name not in self._known:
            self._known[service.name] = self._fold(service)
        return self._known[service.name]

    def _fold(self, service: Service) -> tuple[Engine, list[tuple[str, bytes]]]:
        database = engine("sqlite://")
        prepare(database, service)
        drafts = [one.draft for one in feed(service, self.recording, database)]
        numbered = [draft.numbered(n) for n, draft in enumerate(drafts, 1)]
        return database, [(one.subject, one.data) for one in numbered]

    def answers(self, kind: type[M], subject: str | None = None) -> Iterator[Envelope[M]]:
        """The answers of this type about this entity (None: about any), in the order in which each service gives them."""
        # Every service gives answers of the owner "log", such as refusals.
        for service in [one for one in self.services if one.name == kind.OWNER] or self.services:
            for address, data in self._folded(service)[1]:
                if address.endswith(f".{kind.TYPE}"):
                    m: Envelope[Any] = parse(address, data)
                    if subject in (None, m.subject):
                        yield m

    def row(self, cls: type[T], id: Any) -> T | None:
        """The row of this class with this primary key. Raises ValueError for a class that no service folds."""
        service = next((one for one in self.services if issubclass(cls, one.base)), None)
        if service is None:
            raise ValueError(f"row({cls.__name__}): this is no folded table of a service")
        with Session(self._folded(service)[0], expire_on_commit=False) as s:
            return s.get(cls, id)
