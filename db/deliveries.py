"""What people did to tasks of an annotation tool, in the caller's transaction; knows no tool and no meaning of it."""

import dataclasses
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from db.bridge_tables import DeliveryRow
from db.rows import numbered, whole
from engine.errors import SelectionError
from engine.ports.bridge import Delivery, Link
from engine.ports.bridge_rules import Newest
from engine.ports.desk import State


def newest(connection: Connection, link: Link, number: int) -> Newest | None:
    """Return what counts of the newest delivery of an annotation."""
    same = DeliveryRow.project == link.project, DeliveryRow.task == link.task
    columns = DeliveryRow.at, DeliveryRow.digest, DeliveryRow.state, DeliveryRow.note
    query = select(*columns).where(*same, DeliveryRow.number == number)
    latest = query.order_by(DeliveryRow.at.desc(), DeliveryRow.id.desc()).limit(1)
    row = connection.execute(latest).one_or_none()
    if row is None:
        return None
    with whole("deliveries"):
        return Newest(row.at, row.digest, State(row.state), row.note)


def add(connection: Connection, delivery: Delivery) -> Delivery:
    """Insert a delivery and return it with its number."""
    query = insert(DeliveryRow).values(
        project=delivery.project,
        task=delivery.task,
        clip=delivery.clip,
        number=delivery.number,
        author=delivery.author,
        at=delivery.at,
        body=delivery.body,
        digest=delivery.digest,
        state=delivery.state.value,
        after=delivery.after,
        note=delivery.note,
    )
    id_ = connection.execute(query.returning(DeliveryRow.id)).scalar_one()
    return dataclasses.replace(delivery, id=id_)


def outcome(connection: Connection, id_: int) -> tuple[str, tuple[State, int | None]]:
    """Return the clip of a delivery and what became of it; nobody else settles it before the transaction ends.

    Raises:
        SelectionError: there is none of this id.
    """
    query = select(DeliveryRow.clip, DeliveryRow.state, DeliveryRow.after)
    same = numbered(DeliveryRow.id, id_)
    row = connection.execute(query.where(same).with_for_update()).one_or_none()
    if row is None:
        raise SelectionError(f"no delivery {id_}: read what waits again")
    with whole("deliveries"):
        return row.clip, (State(row.state), row.after)


def change(connection: Connection, id_: int, state: State, *, after: int | None, note: str) -> None:
    """Write what became of a delivery."""
    values = {"state": state.value, "after": after, "note": note}
    connection.execute(update(DeliveryRow).where(DeliveryRow.id == id_).values(values))


def selected() -> Select[Any]:
    """Return the query for all deliveries in the order of their times."""
    return select(DeliveryRow.__table__).order_by(DeliveryRow.at, DeliveryRow.id)


@whole("deliveries")
def delivery_of(row: Row[Any]) -> Delivery:
    """Return the delivery of a row."""
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
