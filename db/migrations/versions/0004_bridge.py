"""What ties clips to an annotation tool: its projects, the tasks of clips, and what people did there."""

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None

_OWN = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables; nothing that is there changes."""
    _create_projects()
    _create_links()
    _create_deliveries()


def _create_projects() -> None:
    """Projects in the tool."""
    op.create_table(
        "outside_projects",
        sa.Column("id", _OWN, nullable=False),
        sa.Column("server", sa.String(length=500), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_projects")),
        sa.UniqueConstraint("server", "kind", name=op.f("uq_outside_projects_server_kind")),
    )


def _create_links() -> None:
    """Which task is about which clip."""
    project = ["outside_projects.id"]
    op.create_table(
        "links",
        sa.Column("project", _OWN, nullable=False),
        sa.Column("task", sa.BigInteger(), nullable=False),
        sa.Column("clip", sa.String(length=200), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("stage", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["project"], project, name=op.f("fk_links_project")),
        sa.ForeignKeyConstraint(["clip"], ["clips.id"], name=op.f("fk_links_clip")),
        sa.ForeignKeyConstraint(["revision"], ["revisions.id"], name=op.f("fk_links_revision")),
        sa.PrimaryKeyConstraint("project", "task", name=op.f("pk_links")),
    )
    op.create_index(op.f("ix_links_clip"), "links", ["clip"], unique=False)


def _create_deliveries() -> None:
    """What people did there."""
    project = ["outside_projects.id"]
    op.create_table(
        "deliveries",
        sa.Column("id", _OWN, nullable=False),
        sa.Column("project", _OWN, nullable=False),
        sa.Column("task", sa.BigInteger(), nullable=False),
        sa.Column("clip", sa.String(length=200), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("after", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["project"], project, name=op.f("fk_deliveries_project")),
        sa.ForeignKeyConstraint(["clip"], ["clips.id"], name=op.f("fk_deliveries_clip")),
        sa.ForeignKeyConstraint(["after"], ["revisions.id"], name=op.f("fk_deliveries_after")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    annotation = ["project", "task", "number", "at"]
    op.create_index("ix_deliveries_annotation", "deliveries", annotation, unique=False)
    op.create_index("ix_deliveries_clip_at", "deliveries", ["clip", "at"], unique=False)
    op.create_index(op.f("ix_deliveries_state"), "deliveries", ["state"], unique=False)
