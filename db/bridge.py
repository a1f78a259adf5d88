"""What ties clips to an annotation tool and keeps what people did there, on a database; knows no tool.

Whatever is written about a clip is written under its lock, so two deliveries of one annotation meet there.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, select

from db import deliveries as rows
from db import links as ties
from db.bridge_tables import DeliveryRow, LinkRow, OutsideProjectRow
from db.rows import clip_row, numbered
from db.tables import RevisionRow
from db.transactions import Transactions
from engine.errors import StoreError
from engine.ports.bridge import Delivery, Link, OutsideProject
from engine.ports.bridge_rules import (
    is_news,
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
        """Make a project while nobody else does, or change it under the lock of its row; see the port."""
        refuse_project(project)
        with self._transactions.write() as connection:
            made = ties.make_project(connection, project)
            return made or ties.change_project(connection, project)

    def projects(self, *, server: str | None = None) -> tuple[OutsideProject, ...]:
        """Return all projects, or those of a server, in the order they were stored."""
        query = select(OutsideProjectRow.__table__).order_by(OutsideProjectRow.id)
        if server is not None:
            query = query.where(OutsideProjectRow.server == server)
        with self._transactions.read() as connection:
            return tuple(ties.project_of(row) for row in connection.execute(query))

    def put_link(self, link: Link) -> Link:
        """Store a link, or what its task shows now, under the clip's lock; see the port."""
        refuse_link(link)
        with self._transactions.write() as connection:
            clip_row(connection, link.clip, lock=True)
            ties.refuse_stray(connection, link.project)
            _refuse_unknown(connection, link.revision, clip=link.clip)
            if not ties.make_link(connection, link):
                ties.change_link(connection, link)
        return link

    def drop_link(self, project: int, task: int) -> None:
        """Forget a task that is no more; an unknown one is ignored."""
        with self._transactions.write() as connection:
            connection.execute(delete(LinkRow).where(*ties.of_task(project, task)))

    def links(self, *, project: int | None = None, clip: str | None = None) -> tuple[Link, ...]:
        """Return the links of a project, of a clip, or all, in the order of projects and tasks."""
        query = select(LinkRow.__table__).order_by(LinkRow.project, LinkRow.task)
        if project is not None:
            query = query.where(numbered(LinkRow.project, project))
        if clip is not None:
            query = query.where(LinkRow.clip == clip)
        with self._transactions.read() as connection:
            return tuple(ties.link_of(row) for row in connection.execute(query))

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
        about = link.project, link.task, link.clip
        told = Delivery(0, *about, number, author, moment(at), plain(body), digest)
        with self._transactions.write() as connection:
            clip_row(connection, link.clip, lock=True)
            ties.refuse_other(connection, link)
            if not is_news(rows.newest(connection, link, number), at=told.at, digest=digest):
                return None
            return rows.add(connection, told)

    def waiting(self, *, clip: str | None = None) -> tuple[Delivery, ...]:
        """Return the deliveries that were not acted on yet, in the order of their times, of one clip or of all."""
        query = rows.selected().where(DeliveryRow.state == State.ASKED.value)
        return self._read(query if clip is None else query.where(DeliveryRow.clip == clip))

    def deliveries(
        self, clip: str, *, number: int | None = None, project: int | None = None
    ) -> tuple[Delivery, ...]:
        """Return all deliveries about a clip, or those of one annotation, in the order of their times."""
        query = rows.selected().where(DeliveryRow.clip == clip)
        if number is not None:
            query = query.where(numbered(DeliveryRow.number, number))
        if project is not None:
            query = query.where(numbered(DeliveryRow.project, project))
        return self._read(query)

    def settle(self, id_: int, state: State, *, after: int | None = None, note: str = "") -> None:
        """Say what became of a delivery; of two notes on the same outcome the first stands. See the port."""
        with self._transactions.write() as connection:
            clip, was = rows.outcome(connection, id_)
            if same_outcome(f"delivery {id_}", was, (state, after)):
                return
            _refuse_unknown(connection, after, clip=clip)
            rows.change(connection, id_, state, after=after, note=readable(note))

    def _read(self, query: Select[Any]) -> tuple[Delivery, ...]:
        with self._transactions.read() as connection:
            return tuple(rows.delivery_of(row) for row in connection.execute(query))


def _refuse_unknown(connection: Connection, revision: int | None, *, clip: str) -> None:
    """Raise where a clip has no such revision."""
    if revision is None:
        return
    same = RevisionRow.clip == clip, numbered(RevisionRow.id, revision)
    if connection.execute(select(RevisionRow.id).where(*same)).one_or_none() is None:
        raise StoreError(f"clip {clip} has no revision {revision}: read its newest one")
