"""What a running job has saved and no reader sees yet; knows nothing of leases and stages."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, literal, select

from db import codec
from db.chunks import cut
from db.tables import ChunkRow, DraftRow
from engine.errors import InputError
from engine.types import Clip, FrameMasks


def keep(connection: Connection, job: int, frames: Sequence[FrameMasks], clip: Clip) -> None:
    """Store settled frames of a job; a frame that was settled before is replaced.

    Only the blocks that ``frames`` touch are read and written again, so the cost does not grow with the clip.

    Raises:
        InputError: a frame comes twice, is outside the clip, or has a mask of another size.
    """
    if len({frame.frame for frame in frames}) != len(frames):
        numbers = [frame.frame for frame in frames]
        raise InputError(f"clip {clip.id}: give each frame once, got {numbers}")
    blocks = {frame.frame - frame.frame % codec.FRAMES for frame in frames}
    for block in sorted(blocks):
        here = [f for f in frames if block <= f.frame < block + codec.FRAMES]
        _keep_block(connection, job, block, here, clip)


def _keep_block(
    connection: Connection, job: int, block: int, frames: Sequence[FrameMasks], clip: Clip
) -> None:
    inside = (DraftRow.job == job, DraftRow.first >= block, DraftRow.first < block + codec.FRAMES)
    chunks = connection.execute(select(DraftRow.data).where(*inside)).scalars().all()
    before = {frame.frame: frame for chunk in chunks for frame in codec.decode(chunk)}
    given = {frame.frame: frame for frame in frames}
    merged = [frame for _, frame in sorted((before | given).items())]
    connection.execute(delete(DraftRow).where(*inside))
    for chunk in cut(merged, clip):
        values = {"job": job, "first": chunk.first, "frames": chunk.frames, "data": chunk.data}
        connection.execute(insert(DraftRow).values(values))


def publish(connection: Connection, job: int, *, revision: int) -> None:
    """Make everything that a job has saved the chunks of a revision, without the bytes leaving the database."""
    drafts = select(literal(revision), DraftRow.first, DraftRow.frames, DraftRow.data)
    columns = ["revision", "first", "frames", "data"]
    connection.execute(insert(ChunkRow).from_select(columns, drafts.where(DraftRow.job == job)))
    drop(connection, job)


def drop(connection: Connection, job: int) -> None:
    """Forget everything that a job has saved."""
    connection.execute(delete(DraftRow).where(DraftRow.job == job))
