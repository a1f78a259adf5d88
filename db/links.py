"""Projects of an annotation tool and which of their tasks are about which clips, in the caller's transaction."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from db.bridge_tables import LinkRow, OutsideProjectRow
from db.rows import numbered, whole
from engine.errors import InputError, SelectionError
from engine.ports.bridge import Link, OutsideProject, TaskKind


def make_project(connection: Connection, project: OutsideProject) -> OutsideProject | None:
    """Insert a project, or return None where there is one of this server and kind."""
    values = {"server": project.server, "kind": project.kind.value, "secret": project.secret}
    query = insert(OutsideProjectRow).values(**values, number=project.number)
    try:
        with connection.begin_nested():
            return project_of(
                connection.execute(query.returning(OutsideProjectRow.__table__)).one()
            )
    except IntegrityError:
        return None


def change_project(connection: Connection, project: OutsideProject) -> OutsideProject:
    """Change the project of this server and kind; tasks of one that is no more are nobody's."""
    same = OutsideProjectRow.server == project.server, OutsideProjectRow.kind == project.kind.value
    query = select(OutsideProjectRow.__table__).where(*same)
    row = connection.execute(query.with_for_update()).one()
    if row.number != project.number:
        connection.execute(delete(LinkRow).where(LinkRow.project == row.id))
    values = {"number": project.number, "secret": project.secret}
    change = update(OutsideProjectRow).where(OutsideProjectRow.id == row.id).values(values)
    return project_of(connection.execute(change.returning(OutsideProjectRow.__table__)).one())


def refuse_stray(connection: Connection, project: int) -> None:
    """Raise SelectionError where there is no such project."""
    query = select(OutsideProjectRow.id).where(numbered(OutsideProjectRow.id, project))
    if connection.execute(query).one_or_none() is None:
        raise SelectionError(f"no project {project} of an annotation tool: set it up again")


def make_link(connection: Connection, link: Link) -> bool:
    """Insert a link, or return False where the task is linked already."""
    if _link_row(connection, link) is not None:
        return False
    values = {"project": link.project, "task": link.task, "clip": link.clip}
    values |= {"revision": link.revision, "stage": link.stage}
    try:
        with connection.begin_nested():  # another process may be tying the task at this moment
            connection.execute(insert(LinkRow).values(values))
    except IntegrityError:
        return False
    return True


def change_link(connection: Connection, link: Link) -> None:
    """Say what a linked task shows now; see ``refuse_other``."""
    refuse_other(connection, link)
    values = {"revision": link.revision, "stage": link.stage}
    same = of_task(link.project, link.task)
    connection.execute(update(LinkRow).where(*same).values(values))


def refuse_other(connection: Connection, link: Link) -> None:
    """Make sure that a task is about a clip.

    Raises:
        SelectionError: it is about none.
        InputError: it is about another one.
    """
    row = _link_row(connection, link)
    if row is None:
        raise SelectionError(
            f"task {link.task} of project {link.project} is linked to no clip: synchronise first"
        )
    if row.clip != link.clip:
        raise InputError(
            f"task {link.task} of project {link.project} is about clip {row.clip}, not {link.clip}: "
            "drop that link first"
        )


def of_task(project: int, task: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return what selects the link of a task."""
    return numbered(LinkRow.project, project), numbered(LinkRow.task, task)


@whole("outside_projects")
def project_of(row: Row[Any]) -> OutsideProject:
    """Return the project of a row."""
    return OutsideProject(row.server, TaskKind(row.kind), row.number, row.secret, row.id)


def link_of(row: Row[Any]) -> Link:
    """Return the link of a row."""
    return Link(row.project, row.task, row.clip, row.revision, row.stage)


def _link_row(connection: Connection, link: Link) -> Row[Any] | None:
    query = select(LinkRow.__table__).where(*of_task(link.project, link.task))
    return connection.execute(query).one_or_none()
