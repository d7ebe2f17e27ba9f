"""notices are numbered"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tally",
        sa.Column("one", sa.BigInteger(), nullable=False),
        sa.Column("notices", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one"),
    )
    op.add_column("notice", sa.Column("number", sa.BigInteger(), server_default="0", nullable=False))
