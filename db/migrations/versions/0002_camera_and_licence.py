"""What people say of a recording: which camera took it, and under which licence it may be used."""

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add the two columns; nothing is known of the recordings that are there."""
    for name in ("camera", "licence"):
        op.add_column("videos", sa.Column(name, sa.Text(), nullable=False, server_default=""))
