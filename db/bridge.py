"""Projects of an annotation tool, which tasks are about which clips, and what people did there; knows no tool.

Whatever is written about a clip is written under its lock, so two deliveries of one annotation meet there.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, false, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute

from db.bridge_tables import DeliveryRow, LinkRow, OutsideProjectRow
from db.rows import clip_row, whole
from db.tables import RevisionRow
from db.transactions import Transactions
from engine.errors import InputError, SelectionError, StoreError
from engine.ports.bridge import Delivery, Link, OutsideProject, TaskKind
from engine.ports.bridge_rules import (
    is_news,
    known,
    moment,
    plain,
    readable,
    refuse_delivery,
    refuse_link,
    refuse_project,
)
from engine.ports.desk import State
from engine.ports.desk_rules import same_outcome


class SqlBridge:
    """``engine.ports.Bridge`` on a database."""

    def __init__(self, transactions: Transactions) -> None:
        """Use these transactions; nothing is read yet."""
        self._transactions = transactions

    def put_project(self, project: OutsideProject) -> OutsideProject:
        """Store a project under the lock of its row, or make it while nobody else does; see the port."""
        refuse_project(project)
        with self._transactions.write() as connection:
            return _made(connection, project) or _changed(connection, project)

    def projects(self, *, server: str | None = None) -> tuple[OutsideProject, ...]:
        """Return all projects, or those of a server, in the order they were stored."""
        query = select(OutsideProjectRow.__table__).order_by(OutsideProjectRow.id)
        if server is not None:
            query = query.where(OutsideProjectRow.server == server)
        with self._transactions.read() as connection:
            return tuple(_project(row) for row in connection.execute(query))

    def put_link(self, link: Link) -> Link:
        """Store a link, or what its task shows now, under the clip's lock; see the port."""
        refuse_link(link)
        with self._transactions.write() as connection:
            clip_row(connection, link.clip, lock=True)
            _refuse_stray(connection, link.project)
            _refuse_unknown(connection, link.revision, clip=link.clip)
            row = _link_row(connection, link.project, link.task)
            if row is None and _inserted(connection, link):
                return link
            row = row or _link_row(connection, link.project, link.task)
            _refuse_other(link, row)
            values = {"revision": link.revision, "stage": link.stage}
            connection.execute(update(LinkRow).where(*_at(link.project, link.task)).values(values))
        return link

    def drop_link(self, project: int, task: int) -> None:
        """Forget a task that is no more; an unknown one is ignored."""
        with self._transactions.write() as connection:
            connection.execute(delete(LinkRow).where(*_at(project, task)))

    def links(self, *, project: int | None = None, clip: str | None = None) -> tuple[Link, ...]:
        """Return the links of a project, of a clip, or all, in the order of projects and tasks."""
        query = select(LinkRow.__table__).order_by(LinkRow.project, LinkRow.task)
        if project is not None:
            query = query.where(_is(LinkRow.project, project))
        if clip is not None:
            query = query.where(LinkRow.clip == clip)
        with self._transactions.read() as connection:
            return tuple(_link(row) for row in connection.execute(query))

    def receive(
        self,
        link: Link,
        *,
        number: int,
        author: str,
        at: datetime,
        body: Mapping[str, Any],
        digest: str,
    ) -> Delivery | None:
        """Store what was delivered under the clip's lock; None where it is no news. See the port."""
        refuse_delivery(number=number, author=author, digest=digest)
        kept, when = plain(body), moment(at)
        with self._transactions.write() as connection:
            clip_row(connection, link.clip, lock=True)
            _refuse_other(link, _link_row(connection, link.project, link.task))
            if not is_news(_newest(connection, link, number), at=when, digest=digest):
                return None
            values = {"project": link.project, "task": link.task, "clip": link.clip}
            values |= {"number": number, "author": author, "at": when, "digest": digest}
            values |= {"body": kept, "state": State.ASKED.value, "after": None, "note": ""}
            query = insert(DeliveryRow).values(values).returning(DeliveryRow.id)
            id_ = connection.execute(query).scalar_one()
        return Delivery(id_, link.project, link.task, link.clip, number, author, when, kept, digest)

    def waiting(self, *, clip: str | None = None) -> tuple[Delivery, ...]:
        """Return the deliveries that were not acted on yet, in the order of their times, of one clip or of all."""
        query = _deliveries().where(DeliveryRow.state == State.ASKED.value)
        return self._read(query if clip is None else query.where(DeliveryRow.clip == clip))

    def deliveries(
        self, clip: str, *, number: int | None = None, project: int | None = None
    ) -> tuple[Delivery, ...]:
        """Return all deliveries about a clip, or those of one annotation, in the order of their times."""
        query = _deliveries().where(DeliveryRow.clip == clip)
        if number is not None:
            query = query.where(_is(DeliveryRow.number, number))
        if project is not None:
            query = query.where(_is(DeliveryRow.project, project))
        return self._read(query)

    def settle(self, id_: int, state: State, *, after: int | None = None, note: str = "") -> None:
        """Say what became of a delivery; of two notes on the same outcome the first stands. See the port."""
        with self._transactions.write() as connection:
            clip, was = _outcome(connection, id_)
            if same_outcome(f"delivery {id_}", was, (state, after)):
                return
            _refuse_unknown(connection, after, clip=clip)
            values = {"state": state.value, "after": after, "note": readable(note)}
            connection.execute(update(DeliveryRow).where(DeliveryRow.id == id_).values(values))

    def _read(self, query: Select[Any]) -> tuple[Delivery, ...]:
        with self._transactions.read() as connection:
            return tuple(_delivery(row) for row in connection.execute(query))


def _made(connection: Connection, project: OutsideProject) -> OutsideProject | None:
    """Insert a project, or return None where there is one of this server and kind."""
    values = {"server": project.server, "kind": project.kind.value, "secret": project.secret}
    query = (
        insert(OutsideProjectRow)
        .values(**values, number=project.number)
        .returning(OutsideProjectRow.__table__)
    )
    try:
        with connection.begin_nested():
            return _project(connection.execute(query).one())
    except IntegrityError:
        return None


def _changed(connection: Connection, project: OutsideProject) -> OutsideProject:
    """Change the project of this server and kind; tasks of one that is no more are nobody's."""
    same = OutsideProjectRow.server == project.server, OutsideProjectRow.kind == project.kind.value
    query = select(OutsideProjectRow.__table__).where(*same)
    row = connection.execute(query.with_for_update()).one()
    if row.number != project.number:
        connection.execute(delete(LinkRow).where(LinkRow.project == row.id))
    values = {"number": project.number, "secret": project.secret}
    change = update(OutsideProjectRow).where(OutsideProjectRow.id == row.id).values(values)
    return _project(connection.execute(change.returning(OutsideProjectRow.__table__)).one())


def _link_row(connection: Connection, project: int, task: int) -> Row[Any] | None:
    query = select(LinkRow.__table__).where(*_at(project, task))
    return connection.execute(query).one_or_none()


def _inserted(connection: Connection, link: Link) -> bool:
    """Insert a link, or return False where another process has just tied the task."""
    values = {"project": link.project, "task": link.task, "clip": link.clip}
    values |= {"revision": link.revision, "stage": link.stage}
    try:
        with connection.begin_nested():
            connection.execute(insert(LinkRow).values(values))
    except IntegrityError:
        return False
    return True


def _newest(connection: Connection, link: Link, number: int) -> tuple[datetime, str] | None:
    """Return the time and digest of the newest delivery of an annotation."""
    same = DeliveryRow.project == link.project, DeliveryRow.task == link.task
    query = select(DeliveryRow.at, DeliveryRow.digest).where(*same, DeliveryRow.number == number)
    latest = query.order_by(DeliveryRow.at.desc(), DeliveryRow.id.desc()).limit(1)
    row = connection.execute(latest).one_or_none()
    return None if row is None else (row.at, row.digest)


def _outcome(connection: Connection, id_: int) -> tuple[str, tuple[State, int | None]]:
    """Return what a delivery is about and what became of it; nobody else settles it before the transaction ends."""
    query = select(DeliveryRow.clip, DeliveryRow.state, DeliveryRow.after)
    row = connection.execute(query.where(_is(DeliveryRow.id, id_)).with_for_update()).one_or_none()
    if row is None:
        raise SelectionError(f"no delivery {id_}: read what waits again")
    with whole("deliveries"):
        return row.clip, (State(row.state), row.after)


def _deliveries() -> Select[Any]:
    return select(DeliveryRow.__table__).order_by(DeliveryRow.at, DeliveryRow.id)


def _at(project: int, task: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _is(LinkRow.project, project), _is(LinkRow.task, task)


def _is(column: InstrumentedAttribute[int], number: int) -> ColumnElement[bool]:
    """Compare with a number from outside, which may be larger than any that a driver takes."""
    return column == number if known(number) else false()


def _refuse_stray(connection: Connection, project: int) -> None:
    query = select(OutsideProjectRow.id).where(_is(OutsideProjectRow.id, project))
    if connection.execute(query).one_or_none() is None:
        raise SelectionError(f"no project {project} of an annotation tool: set it up again")


def _refuse_other(link: Link, row: Row[Any] | None) -> None:
    """Raise where a task is about another clip, or about none."""
    if row is None:
        raise SelectionError(
            f"task {link.task} of project {link.project} is linked to no clip: synchronise first"
        )
    if row.clip != link.clip:
        raise InputError(
            f"task {link.task} of project {link.project} is about clip {row.clip}, not {link.clip}: "
            "drop that link first"
        )


def _refuse_unknown(connection: Connection, revision: int | None, *, clip: str) -> None:
    """Raise where a clip has no such revision."""
    if revision is None:
        return
    same = RevisionRow.clip == clip, _is(RevisionRow.id, revision)
    if connection.execute(select(RevisionRow.id).where(*same)).one_or_none() is None:
        raise StoreError(f"clip {clip} has no revision {revision}: read its newest one")


@whole("outside_projects")
def _project(row: Row[Any]) -> OutsideProject:
    return OutsideProject(row.server, TaskKind(row.kind), row.number, row.secret, row.id)


@whole("links")
def _link(row: Row[Any]) -> Link:
    return Link(row.project, row.task, row.clip, row.revision, row.stage)


@whole("deliveries")
def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        project=row.project,
        task=row.task,
        clip=row.clip,
        number=row.number,
        author=row.author,
        at=row.at,
        body=dict(row.body),
        digest=row.digest,
        state=State(row.state),
        after=row.after,
        note=row.note,
    )
