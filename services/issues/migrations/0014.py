"""breached time limits are kept"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clock", sa.Column("breached", sa.Boolean(), server_default=sa.false(), nullable=False))
