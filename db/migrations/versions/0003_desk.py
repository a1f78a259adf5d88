"""What the page where people correct remembers: actions, claims, users with their logins, pins, looks, findings."""

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Create the tables; nothing that is there changes."""
    _create_actions()
    _create_claims()
    _create_users()
    _create_logins()
    _create_pins()
    _create_looks()
    _create_findings()


def _create_actions() -> None:
    """What people did."""
    op.create_table(
        "actions",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("clip", sa.String(length=200), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=True),
        sa.Column("after", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["clip"], ["clips.id"], name=op.f("fk_actions_clip")),
        sa.ForeignKeyConstraint(["before"], ["revisions.id"], name=op.f("fk_actions_before")),
        sa.ForeignKeyConstraint(["after"], ["revisions.id"], name=op.f("fk_actions_after")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_actions")),
    )
    op.create_index("ix_actions_clip_seq", "actions", ["clip", "seq"], unique=False)


def _create_claims() -> None:
    """Who works on which clip."""
    op.create_table(
        "claims",
        sa.Column("clip", sa.String(length=200), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("tab", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clip"], ["clips.id"], name=op.f("fk_claims_clip")),
        sa.PrimaryKeyConstraint("clip", name=op.f("pk_claims")),
    )


def _create_users() -> None:
    """Who may log in."""
    op.create_table(
        "users",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_users")),
    )


def _create_logins() -> None:
    """Who has logged in."""
    op.create_table(
        "logins",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["users.name"], name=op.f("fk_logins_name")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_logins")),
    )
    op.create_index(op.f("ix_logins_name"), "logins", ["name"], unique=False)
    op.create_index(op.f("ix_logins_until"), "logins", ["until"], unique=False)


def _create_pins() -> None:
    """Comments on frames."""
    op.create_table(
        "pins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clip", sa.String(length=200), nullable=False),
        sa.Column("frame", sa.Integer(), nullable=False),
        sa.Column("track", sa.Integer(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["clip"], ["clips.id"], name=op.f("fk_pins_clip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pins")),
    )
    op.create_index(op.f("ix_pins_clip"), "pins", ["clip"], unique=False)


def _create_looks() -> None:
    """What people have looked at."""
    op.create_table(
        "looks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clip", sa.String(length=200), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("stop", sa.Integer(), nullable=False),
        sa.Column("track", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clip"], ["clips.id"], name=op.f("fk_looks_clip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_looks")),
    )
    op.create_index(op.f("ix_looks_clip"), "looks", ["clip"], unique=False)


def _create_findings() -> None:
    """What was computed about revisions."""
    op.create_table(
        "findings",
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["revision"], ["revisions.id"], name=op.f("fk_findings_revision")),
        sa.PrimaryKeyConstraint("revision", "kind", name=op.f("pk_findings")),
    )
