"""The tables of the correction page, typed, and nothing about how they are read or written.

Actions and pins are added and settled, never removed; claims and logins come and go.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables import ClipRow, RevisionRow, Table
from engine.ports.desk_rules import LONGEST_NAME


class ActionRow(Table):
    """What a person did to a clip, stored before it is acted on."""

    __tablename__ = "actions"
    __table_args__ = (Index("ix_actions_clip_seq", "clip", "seq"),)

    seq: Mapped[int] = mapped_column(primary_key=True)
    clip: Mapped[str] = mapped_column(ForeignKey(ClipRow.id))
    author: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    before: Mapped[int | None] = mapped_column(ForeignKey(RevisionRow.id))
    after: Mapped[int | None] = mapped_column(ForeignKey(RevisionRow.id))
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text)


class ClaimRow(Table):
    """Who works on a clip, in which tab, until when; at most one row for each clip."""

    __tablename__ = "claims"

    clip: Mapped[str] = mapped_column(ForeignKey(ClipRow.id), primary_key=True)
    person: Mapped[str] = mapped_column(Text)
    tab: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    until: Mapped[datetime]


class UserRow(Table):
    """Somebody who may log in, with the salted hash of the password. Nobody is removed: their name stands in histories."""

    __tablename__ = "users"

    name: Mapped[str] = mapped_column(String(LONGEST_NAME), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    password: Mapped[str] = mapped_column(Text)
    active: Mapped[bool]


class LoginRow(Table):
    """A login, known by the SHA-256 of its token."""

    __tablename__ = "logins"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(ForeignKey(UserRow.name), index=True)
    until: Mapped[datetime] = mapped_column(index=True)


class PinRow(Table):
    """A comment on a frame; ``resolved_by`` is empty while it is open."""

    __tablename__ = "pins"

    id: Mapped[int] = mapped_column(primary_key=True)
    clip: Mapped[str] = mapped_column(ForeignKey(ClipRow.id), index=True)
    frame: Mapped[int]
    track: Mapped[int]
    author: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    resolved_by: Mapped[str] = mapped_column(Text)


class LookRow(Table):
    """Frames that somebody has looked at, of one track or (0) of all."""

    __tablename__ = "looks"

    id: Mapped[int] = mapped_column(primary_key=True)
    clip: Mapped[str] = mapped_column(ForeignKey(ClipRow.id), index=True)
    author: Mapped[str] = mapped_column(Text)
    start: Mapped[int]
    stop: Mapped[int]
    track: Mapped[int]
    at: Mapped[datetime]


class FindingRow(Table):
    """What was computed about a revision; it may be dropped at any time."""

    __tablename__ = "findings"

    revision: Mapped[int] = mapped_column(ForeignKey(RevisionRow.id), primary_key=True)
    kind: Mapped[str] = mapped_column(String(50), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
