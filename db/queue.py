"""Work under leases: who does what on which clip until when, and how far it has come; starts no work itself.

A lease is known by the job's id and its attempt: a worker that slept through its lease and wakes up when
another one holds the job is told so, even if both have the same name.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, and_, case, insert, or_, select, update

from db import drafts
from db.catalog import step
from db.rows import clip_of, clip_row
from db.store import add_revision
from db.tables import JobRow
from db.transactions import Transactions
from engine.errors import InputError, LeaseLost
from engine.ports import Checkpoint, Job, JobCounts
from engine.ports.jobs import given_up
from engine.stages import Move
from engine.types import FrameMasks, Revision

MAX_DEATHS = 12
"""Leases that may run out in a row without a checkpoint in between before a job is given up.

Generous, since a person may stop a run the hard way many times and the next one must still finish it. It costs
the others little: work that killed its workers waits behind work that did not.
"""


class State(StrEnum):
    """What becomes of a job."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class SqlJobQueue:
    """``engine.ports.JobQueue`` on a database."""

    def __init__(self, transactions: Transactions, *, max_deaths: int = MAX_DEATHS) -> None:
        """Use these transactions; nothing is read yet."""
        self._transactions = transactions
        self._max_deaths = max_deaths

    def put(self, what: str, clip: str, *, settings: str = "") -> int:
        """Ask for work on a clip; an equal job that is waiting or running is returned instead of doubled.

        Raises:
            SelectionError: there is no such clip.
        """
        same = (JobRow.what == what, JobRow.clip == clip, JobRow.settings == settings)
        open_job = select(JobRow.id).where(*same, JobRow.state.in_([State.WAITING, State.RUNNING]))
        with self._transactions.write() as connection:
            clip_row(connection, clip, lock=True)
            known = connection.execute(open_job).scalars().first()
            if known is not None:
                return known
            values = {
                "what": what,
                "clip": clip,
                "settings": settings,
                "state": State.WAITING.value,
            }
            query = insert(JobRow).values(**values, created=self._transactions.now(connection))
            return connection.execute(query.returning(JobRow.id)).scalar_one()

    def take(self, what: str, *, worker: str, seconds: float = 60.0) -> Job | None:
        """Lease the oldest job that waits or whose lease ran out; None when there is none.

        Jobs whose workers died come after the others, and one whose workers died too often without getting
        anywhere is failed on the way, so that it blocks nobody.
        """
        with self._transactions.write() as connection:
            now = self._transactions.now(connection)
            while (row := _next(connection, what, now)) is not None:
                deaths = row.deaths + (row.state == State.RUNNING)
                if deaths < self._max_deaths:
                    return _lease(
                        connection, row, worker=worker, deaths=deaths, until=_later(now, seconds)
                    )
                _close(
                    connection,
                    row.id,
                    State.FAILED,
                    error=given_up(deaths, worker=row.worker, frame=row.next_frame or 0),
                )
        return None

    def renew(self, job: Job, *, seconds: float = 60.0) -> None:
        """Prolong the lease; see the port."""
        with self._transactions.write() as connection:
            _held(connection, job)
            until = _later(self._transactions.now(connection), seconds)
            _set(connection, job.id, lease_until=until)

    def save(self, job: Job, checkpoint: Checkpoint, settled: Sequence[FrameMasks]) -> None:
        """Keep finished frames and the state after them, in one transaction; see the port."""
        with self._transactions.write() as connection:
            _held(connection, job)
            drafts.keep(connection, job.id, settled, clip_of(clip_row(connection, job.clip)))
            _set(
                connection,
                job.id,
                next_frame=checkpoint.next_frame,
                checkpoint=checkpoint.state,
                deaths=0,
            )

    def load(self, job: Job) -> Checkpoint | None:
        """Return the newest checkpoint of the job, or None when it begins anew."""
        query = select(JobRow.next_frame, JobRow.checkpoint).where(JobRow.id == job.id)
        with self._transactions.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None or row.next_frame is None:
            return None
        return Checkpoint(row.next_frame, row.checkpoint)

    def finish(
        self, job: Job, revision: Revision, frames: Sequence[FrameMasks], *, move: Move
    ) -> Revision:
        """Turn everything saved, and the last ``frames``, into a revision, in one transaction; see the port.

        Raises:
            InputError: the revision is of another clip than the job.
        """
        if revision.clip != job.clip:
            raise InputError(
                f"job {job.id} is about clip {job.clip}, its revision about {revision.clip}"
            )
        with self._transactions.write() as connection:
            row = clip_row(connection, job.clip, lock=True)
            _held(connection, job)
            at = self._transactions.now(connection)
            stored = add_revision(connection, revision, at=at)
            drafts.keep(connection, job.id, frames, clip_of(row))
            drafts.publish(connection, job.id, revision=stored.id)
            step(connection, row, move, actor=revision.author, revision=stored.id, at=at)
            _close(connection, job.id, State.DONE)
        return stored

    def done(self, job: Job) -> None:
        """End a job whose results lie elsewhere, dropping what was saved.

        Raises:
            LeaseLost: another worker holds the job.
        """
        with self._transactions.write() as connection:
            _held(connection, job)
            _close(connection, job.id, State.DONE)

    def fail(self, job: Job, error: str) -> None:
        """Give the job up with the reason, dropping what was saved.

        Raises:
            LeaseLost: another worker holds the job.
        """
        with self._transactions.write() as connection:
            _held(connection, job)
            _close(connection, job.id, State.FAILED, error=error)

    def release(self, job: Job) -> None:
        """Put the job back for the next worker, keeping what was saved.

        Raises:
            LeaseLost: another worker holds the job.
        """
        with self._transactions.write() as connection:
            _held(connection, job)
            _set(connection, job.id, state=State.WAITING.value, worker="", lease_until=None)

    def counts(self, what: str) -> JobCounts:
        """Return how many jobs wait, run and failed; a failed clip that was asked for again has not failed."""
        query = select(JobRow.state, JobRow.clip, JobRow.error).where(JobRow.what == what)
        with self._transactions.read() as connection:
            rows = connection.execute(query.order_by(JobRow.id)).all()
        states = [row.state for row in rows]
        newest = {row.clip: row for row in rows}
        errors = {clip: row.error for clip, row in newest.items() if row.state == State.FAILED}
        return JobCounts(
            waiting=states.count(State.WAITING),
            running=states.count(State.RUNNING),
            failed=len(errors),
            errors=errors,
        )


def _later(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)


def _next(connection: Connection, what: str, now: datetime) -> Row[Any] | None:
    """Return the free job with the fewest deaths, of those the oldest, locked.

    PostgreSQL skips rows that others hold; SQLite has one writer anyway.
    """
    expired = and_(JobRow.state == State.RUNNING.value, JobRow.lease_until <= now)
    free = or_(JobRow.state == State.WAITING.value, expired)
    deaths = JobRow.deaths + case((JobRow.state == State.RUNNING.value, 1), else_=0)
    query = select(JobRow.__table__).where(JobRow.what == what, free).order_by(deaths, JobRow.id)
    return connection.execute(query.limit(1).with_for_update(skip_locked=True)).one_or_none()


def _lease(
    connection: Connection, row: Row[Any], *, worker: str, deaths: int, until: datetime
) -> Job:
    attempt = row.attempt + 1
    values = {"state": State.RUNNING.value, "worker": worker, "attempt": attempt, "deaths": deaths}
    _set(connection, row.id, **values, lease_until=until)
    return Job(row.id, row.what, row.clip, worker, attempt, row.settings)


def _held(connection: Connection, job: Job) -> None:
    """Lock the job's row and make sure that this lease is still the one that counts."""
    query = select(JobRow.__table__).where(JobRow.id == job.id).with_for_update()
    row = connection.execute(query).one_or_none()
    if (
        row is None
        or row.state != State.RUNNING
        or (row.worker, row.attempt) != (job.worker, job.attempt)
    ):
        present = (
            "is gone"
            if row is None
            else f"is {row.state} ({row.worker or 'nobody'}, attempt {row.attempt})"
        )
        raise LeaseLost(
            f"job {job.id} on clip {job.clip}, held by {job.worker} as attempt {job.attempt}, {present}: "
            "drop this work and take the next job"
        )


def _set(connection: Connection, job: int, **values: Any) -> None:
    connection.execute(update(JobRow).where(JobRow.id == job).values(**values))


def _close(connection: Connection, job: int, state: State, *, error: str = "") -> None:
    """End a job for good; its checkpoint and drafts go with it."""
    drafts.drop(connection, job)
    _set(
        connection,
        job,
        state=state.value,
        error=error,
        lease_until=None,
        next_frame=None,
        checkpoint=None,
    )
