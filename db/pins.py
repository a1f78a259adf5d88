"""Comments on frames; knows nothing of what they are about."""

import dataclasses
from typing import Any

from sqlalchemy import Row, insert, select, update

from db.desk_tables import PinRow
from db.rows import clip_of, clip_row, whole
from db.transactions import Transactions
from engine.errors import SelectionError
from engine.ports.desk import Pin
from engine.ports.desk_rules import refuse_pin


class SqlPins:
    """``engine.ports.Pins`` on a database."""

    def __init__(self, transactions: Transactions) -> None:
        """Use these transactions; nothing is read yet."""
        self._transactions = transactions

    def put(self, clip: str, *, frame: int, track: int, author: str, text: str) -> Pin:
        """Store a comment; see the port."""
        with self._transactions.write() as connection:
            known = clip_of(clip_row(connection, clip, lock=True))
            refuse_pin(known, frame=frame, track=track, text=text)
            at = self._transactions.now(connection)
            values = {"clip": clip, "frame": frame, "track": track, "author": author}
            query = insert(PinRow).values(**values, text=text, at=at, resolved_by="")
            number = connection.execute(query.returning(PinRow.id)).scalar_one()
        return Pin(number, clip, frame, track, author, text, at)

    def resolve(self, pin: int, *, by: str) -> Pin:
        """Close a comment; twice is fine, the first name stands. See the port."""
        query = select(PinRow.__table__).where(PinRow.id == pin).with_for_update()
        with self._transactions.write() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                raise SelectionError(f"no comment {pin}: read the clip's comments again")
            found = _pin(row)
            if found.resolved_by:
                return found
            connection.execute(update(PinRow).where(PinRow.id == pin).values(resolved_by=by))
        return dataclasses.replace(found, resolved_by=by)

    def of(self, clip: str) -> tuple[Pin, ...]:
        """Return a clip's comments, oldest first."""
        query = select(PinRow.__table__).where(PinRow.clip == clip).order_by(PinRow.id)
        with self._transactions.read() as connection:
            return tuple(_pin(row) for row in connection.execute(query))


@whole("pins")
def _pin(row: Row[Any]) -> Pin:
    return Pin(
        id=row.id,
        clip=row.clip,
        frame=row.frame,
        track=row.track,
        author=row.author,
        text=row.text,
        at=row.at,
        resolved_by=row.resolved_by,
    )
