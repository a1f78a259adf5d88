"""The tables, typed, and nothing about how they are read or written.

Times are stored in UTC and come back with their zone. A clip's newest revision and its accepted one are not
columns: they follow from ``revisions`` and ``events``, and a fact is kept once.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A moment with its zone; SQLite, which keeps no zones, gets and gives UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> datetime | None:
        """Refuse moments without a zone: they mean another time on every machine."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value} has no time zone: use datetime.now(UTC)")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(
        self,
        value: Any,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> datetime | None:
        """Put the zone back."""
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Table(DeclarativeBase):
    """What all tables share: the names of constraints, so that migrations can find them again."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime()}


class VideoRow(Table):
    """A source file, known by its content."""

    __tablename__ = "videos"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    media: Mapped[str] = mapped_column(Text)
    width: Mapped[int]
    height: Mapped[int]
    rate_num: Mapped[int]
    rate_den: Mapped[int]
    frames: Mapped[int]
    frame_map: Mapped[list[int]] = mapped_column(JSON)
    added: Mapped[datetime]
    camera: Mapped[str] = mapped_column(Text, server_default="")
    licence: Mapped[str] = mapped_column(Text, server_default="")


class ClipRow(Table):
    """A range of a video, its present stage and priority; ``seq`` is the order in which clips were added.

    The row is also the lock under which anything about the clip is written.
    """

    __tablename__ = "clips"

    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(200), unique=True)
    video: Mapped[str] = mapped_column(ForeignKey(VideoRow.sha256), index=True)
    media: Mapped[str] = mapped_column(Text)
    start: Mapped[int]
    frames: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    rate_num: Mapped[int]
    rate_den: Mapped[int]
    split: Mapped[str] = mapped_column(String(50))
    stage: Mapped[str] = mapped_column(String(50), index=True)
    priority: Mapped[bool] = mapped_column(server_default=false())


class RevisionRow(Table):
    """One version of a clip's annotation. Rows are added, never changed, never removed.

    Two constraints make the line of revisions fork-free even against a program that forgets the lock.
    """

    __tablename__ = "revisions"
    __table_args__ = (
        UniqueConstraint("clip", "parent"),
        Index(
            "ix_revisions_one_root",
            "clip",
            unique=True,
            sqlite_where=text("parent IS NULL"),
            postgresql_where=text("parent IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    clip: Mapped[str] = mapped_column(ForeignKey(ClipRow.id))
    parent: Mapped[int | None] = mapped_column(ForeignKey("revisions.id"))
    kind: Mapped[str] = mapped_column(String(50))
    author: Mapped[str] = mapped_column(Text)
    tracks: Mapped[list[list[Any]]] = mapped_column(JSON)
    provenance: Mapped[dict[str, str]] = mapped_column(JSON)
    created: Mapped[datetime]


class ChunkRow(Table):
    """The masks of ``frames`` frames from ``first`` on, as ``db.codec`` writes them."""

    __tablename__ = "chunks"

    revision: Mapped[int] = mapped_column(ForeignKey(RevisionRow.id), primary_key=True)
    first: Mapped[int] = mapped_column(primary_key=True)
    frames: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)


class EventRow(Table):
    """One move of a clip: who, when, to which stage, from which revision."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True)
    clip: Mapped[str] = mapped_column(ForeignKey(ClipRow.id), index=True)
    move: Mapped[str] = mapped_column(String(50))
    stage: Mapped[str] = mapped_column(String(50))
    actor: Mapped[str] = mapped_column(Text)
    revision: Mapped[int | None] = mapped_column(ForeignKey(RevisionRow.id))
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text)


class JobRow(Table):
    """One piece of work on one clip, its lease and its checkpoint.

    ``deaths`` counts the leases that ran out since the last checkpoint: work that kills every worker shows itself there.
    """

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_what_state", "what", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(String(50))
    clip: Mapped[str] = mapped_column(ForeignKey(ClipRow.id), index=True)
    settings: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    worker: Mapped[str] = mapped_column(Text, default="")
    attempt: Mapped[int] = mapped_column(default=0)
    deaths: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    next_frame: Mapped[int | None]
    checkpoint: Mapped[bytes | None] = mapped_column(LargeBinary)
    error: Mapped[str] = mapped_column(Text, default="")
    created: Mapped[datetime]


class DraftRow(Table):
    """A chunk that a running job saved; no reader looks here until the job is finished."""

    __tablename__ = "drafts"

    job: Mapped[int] = mapped_column(ForeignKey(JobRow.id), primary_key=True)
    first: Mapped[int] = mapped_column(primary_key=True)
    frames: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)
