"""The transactions at the start of a fold, before it reads: they load its position, open its folded tables, and load its
writer's next number.
"""

from sqlalchemy.engine import Engine

from microgov.services.chassis.fold import handled_types
from microgov.services.chassis.fold.breaker import Breaker
from microgov.services.chassis.fold.fold import Fold
from microgov.services.chassis.fold.lease import Lease
from microgov.services.chassis.fold.refolding import Refolding
from microgov.services.chassis.store import bookkeeping
from microgov.services.chassis.store.bookkeeping import StreamPosition
from microgov.services.chassis.telemetry import logger

log = logger("fold")


class Opening:
    """Opens the database of one fold. Each method is one transaction; the first two raise LeaseLost if another instance has
    taken the lease.
    """

    def __init__(self, engine: Engine, lease: Lease, folding: Fold, breaker: Breaker) -> None:
        self.engine, self.lease, self.folding, self.breaker = engine, lease, folding, breaker
        self.service, self.stream = folding.service, breaker.stream

    def stored(self) -> tuple[StreamPosition, str]:
        """The stored position, and the types that the rows were folded from (handled_types.py)."""
        self.lease.confirm()
        with self.engine.begin() as c:
            return bookkeeping.position(c, self.stream), bookkeeping.handled(c, self.stream)

    def open(self, outdated: str) -> StreamPosition:
        """Opens the folded tables and returns the position; `outdated`, if not empty, says why they are emptied first."""
        self.lease.confirm()
        with self.engine.begin() as c:
            if outdated:
                name = f"{self.service.name}/{self.folding.tenant}"
                log.warning("rebuilds from the beginning of the log, comparing", loop=name, why=outdated)
                handled_types.empty(c, self.service, self.stream, self.lease.epoch)
            bookkeeping.set_handled(c, self.stream, handled_types.joined(self.folding.types))
            self.folding.open(c)
            self.breaker.load(c)
            return bookkeeping.position(c, self.stream)

    def refolding(self) -> Refolding:
        """How the answers are compared that the log holds already, and how many codes have differed."""
        made = Refolding(self.service.name)
        with self.engine.begin() as c:
            made.load(c, self.stream)
        return made

    def next_number(self) -> int:
        """The number of this service's next message."""
        with self.engine.begin() as c:
            return bookkeeping.writer(c, self.service.name).next
