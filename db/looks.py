"""What people have looked at; knows nothing of why they should."""

from collections.abc import Sequence

from sqlalchemy import insert, select

from db.desk_tables import LookRow
from db.rows import clip_of, clip_row
from db.transactions import Transactions
from engine.ports.desk_rules import Look, joined, refuse_look


class SqlLooks:
    """``engine.ports.Looks`` on a database."""

    def __init__(self, transactions: Transactions) -> None:
        """Use these transactions; nothing is read yet."""
        self._transactions = transactions

    def put(self, clip: str, *, author: str, start: int, stop: int, track: int = 0) -> None:
        """Store that somebody looked; see the port. Looks only add up, so nobody waits for the clip's lock."""
        with self._transactions.write() as connection:
            known = clip_of(clip_row(connection, clip))
            refuse_look(known, start=start, stop=stop, track=track)
            at = self._transactions.now(connection)
            values = {"clip": clip, "author": author, "start": start, "stop": stop}
            connection.execute(insert(LookRow).values(**values, track=track, at=at))

    def of(self, clip: str) -> Sequence[Look]:
        """Return what was looked at as (start, stop, track), joined where it overlaps or touches, in order."""
        query = select(LookRow.start, LookRow.stop, LookRow.track).distinct()
        with self._transactions.read() as connection:
            rows = connection.execute(query.where(LookRow.clip == clip)).all()
        return joined((row.start, row.stop, row.track) for row in rows)
