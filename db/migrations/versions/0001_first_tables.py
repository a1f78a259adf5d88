"""The first tables: videos, clips, revisions with their chunks, events, jobs with their drafts."""

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Create every table, those first that others refer to."""
    _create_videos()
    _create_clips()
    _create_revisions()
    _create_chunks()
    _create_events()
    _create_jobs()
    _create_drafts()


def _create_videos() -> None:
    """Source files, known by their content."""
    op.create_table(
        "videos",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("rate_num", sa.Integer(), nullable=False),
        sa.Column("rate_den", sa.Integer(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("frame_map", sa.JSON(), nullable=False),
        sa.Column("added", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_videos")),
    )


def _create_clips() -> None:
    """Ranges of videos and their stages."""
    op.create_table(
        "clips",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("video", sa.String(length=64), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("rate_num", sa.Integer(), nullable=False),
        sa.Column("rate_den", sa.Integer(), nullable=False),
        sa.Column("split", sa.String(length=50), nullable=False),
        sa.Column("stage", sa.String(length=50), nullable=False),
        sa.ForeignKeyConstraint(["video"], ["videos.sha256"], name=op.f("fk_clips_video")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_clips")),
        sa.UniqueConstraint("id", name=op.f("uq_clips_id")),
    )
    op.create_index(op.f("ix_clips_stage"), "clips", ["stage"], unique=False)
    op.create_index(op.f("ix_clips_video"), "clips", ["video"], unique=False)


def _create_revisions() -> None:
    """Versions of annotations."""
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clip", sa.String(length=200), nullable=False),
        sa.Column("parent", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("tracks", sa.JSON(), nullable=False),
        sa.Column("provenance", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clip"], ["clips.id"], name=op.f("fk_revisions_clip")),
        sa.ForeignKeyConstraint(["parent"], ["revisions.id"], name=op.f("fk_revisions_parent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sa.UniqueConstraint("clip", "parent", name=op.f("uq_revisions_clip_parent")),
    )
    op.create_index(
        "ix_revisions_one_root",
        "revisions",
        ["clip"],
        unique=True,
        sqlite_where=sa.text("parent IS NULL"),
        postgresql_where=sa.text("parent IS NULL"),
    )


def _create_chunks() -> None:
    """Masks of revisions."""
    op.create_table(
        "chunks",
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["revision"], ["revisions.id"], name=op.f("fk_chunks_revision")),
        sa.PrimaryKeyConstraint("revision", "first", name=op.f("pk_chunks")),
    )


def _create_events() -> None:
    """Moves of clips."""
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clip", sa.String(length=200), nullable=False),
        sa.Column("move", sa.String(length=50), nullable=False),
        sa.Column("stage", sa.String(length=50), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["clip"], ["clips.id"], name=op.f("fk_events_clip")),
        sa.ForeignKeyConstraint(["revision"], ["revisions.id"], name=op.f("fk_events_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_clip"), "events", ["clip"], unique=False)


def _create_jobs() -> None:
    """Work, its leases and its checkpoints."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=50), nullable=False),
        sa.Column("clip", sa.String(length=200), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_frame", sa.Integer(), nullable=True),
        sa.Column("checkpoint", sa.LargeBinary(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clip"], ["clips.id"], name=op.f("fk_jobs_clip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(op.f("ix_jobs_clip"), "jobs", ["clip"], unique=False)
    op.create_index("ix_jobs_what_state", "jobs", ["what", "state", "id"], unique=False)


def _create_drafts() -> None:
    """Masks of running jobs."""
    op.create_table(
        "drafts",
        sa.Column("job", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name=op.f("fk_drafts_job")),
        sa.PrimaryKeyConstraint("job", "first", name=op.f("pk_drafts")),
    )
