"""The append-only line of revisions of every clip; knows nothing of stages and jobs.

A child stores only the frames it was given. Every parent is the clip's newest revision at its time, so the
ancestors of a revision are the clip's revisions up to it, and a frame is read from the youngest that has it.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from db import codec
from db.chunks import Chunk, cut, spooled
from db.rows import clip_of, clip_row, head_id, revision_of, revision_values
from db.tables import ChunkRow, RevisionRow
from db.transactions import Transactions
from engine.errors import DamagedChunk, InputError, SelectionError, StaleParent
from engine.types import Clip, FrameMasks, Revision


class SqlRevisionStore:
    """``engine.ports.RevisionStore`` on a database."""

    def __init__(self, transactions: Transactions) -> None:
        """Use these transactions; nothing is read yet."""
        self._transactions = transactions

    def append(self, revision: Revision, frames: Iterable[FrameMasks]) -> Revision:
        """Store a revision with its changed frames, which come in order; see the port."""
        with self._transactions.read() as connection:
            clip = clip_of(clip_row(connection, revision.clip))
        with spooled(cut(frames, clip)) as chunks, self._transactions.write() as connection:
            clip_row(connection, clip.id, lock=True)
            stored = add_revision(connection, revision, at=self._transactions.now(connection))
            for chunk in chunks:
                _add_chunk(connection, stored.id, chunk)
        return stored

    def head(self, clip: str) -> Revision | None:
        """Return the clip's newest revision, or None."""
        query = select(RevisionRow.__table__).where(RevisionRow.clip == clip)
        with self._transactions.read() as connection:
            row = connection.execute(query.order_by(RevisionRow.id.desc()).limit(1)).one_or_none()
        return None if row is None else revision_of(row)

    def revision(self, revision: int) -> Revision:
        """Return one revision; see the port."""
        with self._transactions.read() as connection:
            return revision_of(revision_row(connection, revision))

    def history(self, clip: str) -> tuple[Revision, ...]:
        """Return all revisions of a clip, oldest first."""
        query = (
            select(RevisionRow.__table__).where(RevisionRow.clip == clip).order_by(RevisionRow.id)
        )
        with self._transactions.read() as connection:
            return tuple(revision_of(row) for row in connection.execute(query))

    def frames(
        self, revision: int, *, start: int = 0, stop: int | None = None
    ) -> Iterator[FrameMasks]:
        """Yield every frame of the range once, in order, holding one block of them; see the port."""
        with self._transactions.read() as connection:
            stored = revision_of(revision_row(connection, revision))
            clip = clip_of(clip_row(connection, stored.clip))
        last = clip.frames if stop is None else stop
        if not 0 <= start <= last <= clip.frames:
            raise InputError(f"frames {start} to {last}: clip {clip.id} has 0 to {clip.frames}")
        return self._stream(stored, clip, range(start, last))

    def _stream(self, revision: Revision, clip: Clip, wanted: range) -> Iterator[FrameMasks]:
        """Read block by block, each in its own transaction: revisions never change, and readers may be slow."""
        for block in range(wanted.start - wanted.start % codec.FRAMES, wanted.stop, codec.FRAMES):
            found = self._block(revision, block, size=min(codec.FRAMES, clip.frames - block))
            for frame in range(max(block, wanted.start), min(block + codec.FRAMES, wanted.stop)):
                yield found.get(frame, FrameMasks(frame))

    def _block(self, revision: Revision, block: int, *, size: int) -> dict[int, FrameMasks]:
        """Return the frames of one block by number, from the youngest revisions that have them."""
        query = (
            select(ChunkRow.revision, ChunkRow.data)
            .join(RevisionRow, RevisionRow.id == ChunkRow.revision)
            .where(RevisionRow.clip == revision.clip, RevisionRow.id <= revision.id)
            .where(ChunkRow.first >= block, ChunkRow.first < block + codec.FRAMES)
            .order_by(ChunkRow.revision.desc())
        )
        found: dict[int, FrameMasks] = {}
        with self._transactions.read() as connection:
            for source, data in connection.execute(query):
                found = {frame.frame: frame for frame in _decoded(source, data)} | found
                if len(found) == size:
                    break
        return found


def add_revision(connection: Connection, revision: Revision, *, at: datetime) -> Revision:
    """Insert the revision under its clip's lock, without masks; return it with ``id`` and ``created``.

    Raises:
        StaleParent: its parent is not the clip's newest revision.
    """
    head = head_id(connection, revision.clip)
    if revision.parent != head:
        raise StaleParent(
            f"clip {revision.clip}: the parent is revision {revision.parent}, but the newest is {head}; "
            "read the newest and repeat the change on it"
        )
    values = {**revision_values(revision), "created": at}
    number = connection.execute(
        insert(RevisionRow).values(values).returning(RevisionRow.id)
    ).scalar_one()
    return dataclasses.replace(revision, id=number, created=at)


def _add_chunk(connection: Connection, revision: int, chunk: Chunk) -> None:
    values = {
        "revision": revision,
        "first": chunk.first,
        "frames": chunk.frames,
        "data": chunk.data,
    }
    connection.execute(insert(ChunkRow).values(values))


def revision_row(connection: Connection, revision: int) -> Row[Any]:
    """Return the row of a revision.

    Raises:
        SelectionError: there is none of this id.
    """
    query = select(RevisionRow.__table__).where(RevisionRow.id == revision)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise SelectionError(
            f"no revision {revision}: `engine status` shows the newest of every clip"
        )
    return row


def _decoded(revision: int, data: bytes) -> tuple[FrameMasks, ...]:
    try:
        return codec.decode(data)
    except DamagedChunk as error:
        raise DamagedChunk(f"revision {revision}: {error}") from error
