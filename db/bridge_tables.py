"""The tables of what ties clips to an annotation tool, typed, and nothing about how they are read or written.

Deliveries are added and settled, never removed: a link may go, what people did stays.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables import ClipRow, RevisionRow, Table
from engine.ports.bridge_rules import LONGEST_SERVER, LONGEST_WORD

_OWN = BigInteger().with_variant(Integer(), "sqlite")
"""Numbers that the database gives out; SQLite does so for INTEGER alone, which is as wide there."""


class OutsideProjectRow(Table):
    """A project in the tool at ``server``, there called ``number``."""

    __tablename__ = "outside_projects"
    __table_args__ = (UniqueConstraint("server", "kind"),)

    id: Mapped[int] = mapped_column(_OWN, primary_key=True)
    server: Mapped[str] = mapped_column(String(LONGEST_SERVER))
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[int] = mapped_column(BigInteger)
    secret: Mapped[str] = mapped_column(String(64))


class LinkRow(Table):
    """Which clip a task is about, and what it shows now."""

    __tablename__ = "links"

    project: Mapped[int] = mapped_column(ForeignKey(OutsideProjectRow.id), primary_key=True)
    task: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    clip: Mapped[str] = mapped_column(ForeignKey(ClipRow.id), index=True)
    revision: Mapped[int | None] = mapped_column(ForeignKey(RevisionRow.id))
    stage: Mapped[str] = mapped_column(String(LONGEST_WORD))


class DeliveryRow(Table):
    """What somebody did to a task, stored before it is acted on."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_annotation", "project", "task", "number", "at"),
        Index("ix_deliveries_clip_at", "clip", "at"),
    )

    id: Mapped[int] = mapped_column(_OWN, primary_key=True)
    project: Mapped[int] = mapped_column(ForeignKey(OutsideProjectRow.id))
    task: Mapped[int] = mapped_column(BigInteger)
    clip: Mapped[str] = mapped_column(ForeignKey(ClipRow.id))
    number: Mapped[int] = mapped_column(BigInteger)
    author: Mapped[str] = mapped_column(String(LONGEST_WORD))
    at: Mapped[datetime]
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(LONGEST_WORD))
    state: Mapped[str] = mapped_column(String(20), index=True)
    after: Mapped[int | None] = mapped_column(ForeignKey(RevisionRow.id))
    note: Mapped[str] = mapped_column(Text)
