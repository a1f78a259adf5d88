"""Rows of tables to values of ``engine.types`` and back, and the lock of a clip; decides nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, false, func, select
from sqlalchemy.orm import InstrumentedAttribute

from db.tables import ClipRow, RevisionRow
from engine.errors import InputError, SelectionError, StoreError
from engine.ports import Event
from engine.ports.bridge_rules import known
from engine.stages import Move, Stage
from engine.types import Clip, Kind, Revision, Track, Video


@contextmanager
def whole(table: str) -> Iterator[None]:
    """Read a whole row: translate what goes wrong with one that another program, or a failing disk, has written.

    Raises:
        StoreError: the row holds values that this program never writes.
    """
    try:
        yield
    except (ArithmeticError, TypeError, ValueError, InputError) as error:
        raise StoreError(
            f"a row of {table} holds what this program never writes ({error}): restore a backup"
        ) from error


@whole("clips")
def clip_of(row: Row[Any]) -> Clip:
    """Return the clip of a row of ``clips``."""
    return Clip(
        id=row.id,
        video=row.video,
        media=row.media,
        start=row.start,
        frames=row.frames,
        width=row.width,
        height=row.height,
        rate=Fraction(row.rate_num, row.rate_den),
        split=row.split,
    )


def clip_values(clip: Clip) -> dict[str, Any]:
    """Return the columns of ``clips`` that a clip fills."""
    return {
        "id": clip.id,
        "video": clip.video,
        "media": clip.media,
        "start": clip.start,
        "frames": clip.frames,
        "width": clip.width,
        "height": clip.height,
        "rate_num": clip.rate.numerator,
        "rate_den": clip.rate.denominator,
        "split": clip.split,
    }


@whole("videos")
def video_of(row: Row[Any]) -> Video:
    """Return the video of a row of ``videos``."""
    return Video(
        sha256=row.sha256,
        source=row.source,
        media=row.media,
        width=row.width,
        height=row.height,
        rate=Fraction(row.rate_num, row.rate_den),
        frames=row.frames,
        frame_map=tuple(row.frame_map),
        camera=row.camera,
        licence=row.licence,
    )


def video_values(video: Video) -> dict[str, Any]:
    """Return the columns of ``videos`` that a video fills."""
    return {
        "sha256": video.sha256,
        "source": video.source,
        "media": video.media,
        "width": video.width,
        "height": video.height,
        "rate_num": video.rate.numerator,
        "rate_den": video.rate.denominator,
        "frames": video.frames,
        "frame_map": list(video.frame_map),
        "camera": video.camera,
        "licence": video.licence,
    }


@whole("revisions")
def revision_of(row: Row[Any]) -> Revision:
    """Return the revision of a row of ``revisions``."""
    return Revision(
        clip=row.clip,
        parent=row.parent,
        kind=Kind(row.kind),
        author=row.author,
        tracks=tuple(Track(number, label) for number, label in row.tracks),
        provenance=dict(row.provenance),
        id=row.id,
        created=row.created,
    )


def revision_values(revision: Revision) -> dict[str, Any]:
    """Return the columns of ``revisions`` that a revision fills before it is stored."""
    return {
        "clip": revision.clip,
        "parent": revision.parent,
        "kind": revision.kind.value,
        "author": revision.author,
        "tracks": [[track.id, track.label] for track in revision.tracks],
        "provenance": dict(revision.provenance),
    }


@whole("events")
def event_of(row: Row[Any]) -> Event:
    """Return the event of a row of ``events``."""
    return Event(
        clip=row.clip,
        move=Move(row.move),
        stage=Stage(row.stage),
        actor=row.actor,
        revision=row.revision,
        at=row.at,
        note=row.note,
    )


def clip_row(connection: Connection, clip: str, *, lock: bool = False) -> Row[Any]:
    """Return the row of a clip; with ``lock`` nobody else writes about the clip before the transaction ends.

    Raises:
        SelectionError: there is none of this id; the message names the nearest.
    """
    query: Select[Any] = select(ClipRow.__table__).where(ClipRow.id == clip)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise SelectionError(_missing(connection, clip))
    return row


def head_id(connection: Connection, clip: str) -> int | None:
    """Return the id of the clip's newest revision, or None."""
    query = select(func.max(RevisionRow.id)).where(RevisionRow.clip == clip)
    return connection.execute(query).scalar_one()


def numbered(column: InstrumentedAttribute[int], number: int) -> ColumnElement[bool]:
    """Compare a column with a number from outside, which may be larger than any that a driver takes."""
    return column == number if known(number) else false()


def _missing(connection: Connection, clip: str) -> str:
    known = connection.execute(select(ClipRow.id).order_by(ClipRow.seq)).scalars().all()
    near = get_close_matches(clip, known, n=3, cutoff=0.5)
    if not known:
        return f"no clip {clip!r}: there are no clips yet; add a video with `engine ingest`"
    hint = f"did you mean {', '.join(near)}?" if near else f"`engine status` lists all {len(known)}"
    return f"no clip {clip!r}: {hint}"
