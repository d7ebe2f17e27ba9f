"""roles by place first"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_standing_place_role", table_name="standing")
    op.rename_table("standing", "standing_by_person")
    op.create_table(
        "standing",
        sa.Column("place", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("role", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("person", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("place", "role", "person"),
    )
    op.execute(
        "INSERT INTO standing (place, role, person, until) SELECT place, role, person, until FROM standing_by_person"
    )
    op.drop_table("standing_by_person")
