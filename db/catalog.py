"""Videos, their clips, the stage of each and the events that led there; knows nothing of masks and jobs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, insert, null, select, update
from sqlalchemy.exc import IntegrityError

from db.rows import clip_of, clip_row, clip_values, event_of, head_id, video_of, video_values, whole
from db.tables import ClipRow, EventRow, RevisionRow, VideoRow
from db.transactions import Transactions
from engine.errors import InputError, SelectionError, StageError, StaleParent
from engine.ports import ClipStatus, Event
from engine.stages import Move, Stage, after, priority_after
from engine.types import Clip, Video


class SqlCatalog:
    """``engine.ports.Catalog`` on a database."""

    def __init__(self, transactions: Transactions) -> None:
        """Use these transactions; nothing is read yet."""
        self._transactions = transactions

    def add_video(self, video: Video, clips: Sequence[Clip]) -> bool:
        """Store a video with its clips in one transaction; return False when its content is known already.

        Raises:
            InputError: a clip is of another video, or its id is taken.
        """
        for clip in clips:
            if clip.video != video.sha256:
                raise InputError(
                    f"clip {clip.id} is of video {clip.video}, expected {video.sha256}"
                )
        if self.video(video.sha256) is not None:
            return False
        with self._transactions.write() as connection:
            return self._insert(connection, video, clips)

    def _insert(self, connection: Connection, video: Video, clips: Sequence[Clip]) -> bool:
        """Insert in savepoints: another process may be adding the same video at this moment."""
        values = {**video_values(video), "added": self._transactions.now(connection)}
        if not _inserted(connection, VideoRow, [values]):
            return False
        rows = [{**clip_values(clip), "stage": Stage.INGESTED.value} for clip in clips]
        if rows and not _inserted(connection, ClipRow, rows):
            taken = ", ".join(clip.id for clip in clips)
            raise InputError(f"clip ids must be new and all different, got {taken}")
        return True

    def video(self, sha256: str) -> Video | None:
        """Return the video of this content, or None."""
        query = select(VideoRow.__table__).where(VideoRow.sha256 == sha256)
        with self._transactions.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else video_of(row)

    def describe(
        self, sha256: str, *, camera: str | None = None, licence: str | None = None
    ) -> Video:
        """Say which camera took a video, or under which licence it is; return it as it is now. See the port."""
        given = {"camera": camera, "licence": licence}
        values = {name: value for name, value in given.items() if value is not None}
        if values:
            with self._transactions.write() as connection:
                connection.execute(
                    update(VideoRow).where(VideoRow.sha256 == sha256).values(**values)
                )
        video = self.video(sha256)
        if video is None:
            raise SelectionError(
                f"no video of content {sha256}; add the recording with `engine ingest`"
            )
        return video

    def clip(self, clip: str) -> ClipStatus:
        """Return one clip; see the port."""
        with self._transactions.read() as connection:
            clip_row(connection, clip)
            return _status(connection.execute(_statuses().where(ClipRow.id == clip)).one())

    def clips(self, *, stages: Sequence[Stage] = ()) -> tuple[ClipStatus, ...]:
        """Return the clips in one of ``stages`` (default: all), in the order they were added."""
        query = _statuses().order_by(ClipRow.seq)
        if stages:
            query = query.where(ClipRow.stage.in_([stage.value for stage in stages]))
        with self._transactions.read() as connection:
            return tuple(_status(row) for row in connection.execute(query))

    def move(
        self, clip: str, move: Move, *, actor: str, revision: int | None = None, note: str = ""
    ) -> Stage:
        """Take a clip one step on and write the event; see the port."""
        with self._transactions.write() as connection:
            row = clip_row(connection, clip, lock=True)
            head = head_id(connection, clip)
            if revision is not None and revision != head:
                raise StaleParent(
                    f"clip {clip}: revision {revision} was shown, but the newest is {head}; look again"
                )
            at = self._transactions.now(connection)
            return step(connection, row, move, actor=actor, revision=head, note=note, at=at)

    def events(self, clip: str) -> tuple[Event, ...]:
        """Return the clip's history, oldest first."""
        query = select(EventRow.__table__).where(EventRow.clip == clip).order_by(EventRow.id)
        with self._transactions.read() as connection:
            return tuple(event_of(row) for row in connection.execute(query))


def step(
    connection: Connection,
    row: Row[Any],
    move: Move,
    *,
    actor: str,
    revision: int | None,
    at: datetime,
    note: str = "",
) -> Stage:
    """Take the clip of a locked ``row`` one step on and write the event, in the caller's transaction.

    Raises:
        StageError: not possible from the present stage or priority, or there is no revision to accept.
        StoreError: the row holds a stage that this program never writes.
    """
    with whole("clips"):
        present = Stage(row.stage)
    try:
        stage, priority = after(present, move), priority_after(move, priority=row.priority)
    except StageError as error:
        raise StageError(f"clip {row.id}: {error}") from None
    if move is Move.ACCEPT and revision is None:
        raise StageError(f"clip {row.id} has no masks to accept: pre-annotate it first")
    now = {"stage": stage.value, "priority": priority}
    connection.execute(update(ClipRow).where(ClipRow.id == row.id).values(**now))
    values = {"clip": row.id, "move": move.value, "stage": stage.value, "actor": actor}
    connection.execute(insert(EventRow).values(**values, revision=revision, at=at, note=note))
    return stage


def _inserted(
    connection: Connection, table: type[VideoRow | ClipRow], rows: list[dict[str, Any]]
) -> bool:
    """Insert all rows, or none and return False when one is there already."""
    try:
        with connection.begin_nested():
            connection.execute(insert(table), rows)
    except IntegrityError:
        return False
    return True


def _statuses() -> Select[Any]:
    """Select clips with their newest revision, and the accepted one while they are accepted."""
    newest = (
        select(func.max(RevisionRow.id)).where(RevisionRow.clip == ClipRow.id).scalar_subquery()
    )
    accepted = (
        select(func.max(EventRow.revision))
        .where(EventRow.clip == ClipRow.id, EventRow.move == Move.ACCEPT.value)
        .scalar_subquery()
    )
    return select(
        ClipRow.__table__,
        newest.label("head"),
        case((ClipRow.stage == Stage.ACCEPTED.value, accepted), else_=null()).label("accepted"),
    )


@whole("clips")
def _status(row: Row[Any]) -> ClipStatus:
    return ClipStatus(clip_of(row), Stage(row.stage), row.head, row.accepted, row.priority)
