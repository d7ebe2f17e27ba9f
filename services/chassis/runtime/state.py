"""The answer to AskState: what a running service's rows add up to."""

from microgov.contracts.state import StateShown, TableState
from microgov.services.chassis.fold.loop import LOG_READER
from microgov.services.chassis.replay.state import table_sums
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.chassis.store import bookkeeping
from microgov.services.chassis.store.engine import reading


def shown_state(tenancy: Tenancy) -> StateShown:
    """Position and sums from one snapshot of the database, while the service goes on folding."""
    with reading(tenancy.engine) as c:
        if c.dialect.name == "postgresql":  # SQLite reads one snapshot in every transaction
            c.execution_options(isolation_level="REPEATABLE READ")
        at = bookkeeping.position(c, LOG_READER)
        sums = table_sums(c, tenancy.service)
    tables = [TableState(table=name, sum=total) for name, total in sums.items()]
    return StateShown(service=tenancy.service.name, position=at.seq, tables=tables)
