"""Rejected attempts are stored; followers are stored by kind of entity, and learned again from the log."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "attempt",
        sa.Column("n", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, TEXT, nullable=name in ("person", "role", "subject"))
            for name in ("publisher", "publisherid", "person", "role", "type", "subject", "code", "about")
        ),
    )
    op.drop_table("matter")
    op.create_table(
        "matter",
        *(
            sa.Column(name, TEXT, primary_key=True, nullable=False)
            for name in ("entity", "kind", "publisher")
        ),
    )
