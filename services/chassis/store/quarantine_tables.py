"""Two folded tables in every service's database, for quarantined messages and for those held behind them."""

import sqlalchemy as sa

from microgov.services.chassis.columns import Utf8


def folding_tables(metadata: sa.MetaData) -> tuple[sa.Table, sa.Table]:
    """The tables `quarantined` and `held`; they are added to the service's metadata if they are not there yet."""
    made = metadata.tables
    columns = ("subject", "log_subject", "data", "code")
    return tuple(  # type: ignore[return-value]  # exactly two names
        made[name]
        if name in made
        else sa.Table(
            name,
            metadata,
            sa.Column("seq", sa.BigInteger, primary_key=True),
            *(sa.Column(column, Utf8, nullable=False) for column in columns),
        )
        for name in ("quarantined", "held")
    )
