"""Which clips leads want to be taken first."""

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add the column; no clip that is there has priority."""
    op.add_column(
        "clips",
        sa.Column("priority", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
