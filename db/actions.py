"""What people did to clips, stored before it is acted on; knows claims, and nothing of what an action means."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from db.claims import claim_of
from db.desk_tables import ActionRow
from db.rows import clip_row, whole
from db.transactions import Transactions
from engine.errors import SelectionError
from engine.ports.desk import Action, State
from engine.ports.desk_rules import refuse_stranger, settled


class SqlActionLog:
    """``engine.ports.ActionLog`` on a database."""

    def __init__(self, transactions: Transactions) -> None:
        """Use these transactions; nothing is read yet."""
        self._transactions = transactions

    def put(
        self, clip: str, author: str, body: Mapping[str, Any], *, before: int | None, tab: str
    ) -> Action:
        """Store an action under the clip's lock, where ``tab`` holds the clip; see the port."""
        kept = dict(body)
        with self._transactions.write() as connection:
            clip_row(connection, clip, lock=True)
            refuse_stranger(clip, tab, claim_of(connection, clip))
            at = self._transactions.now(connection)
            values = {"clip": clip, "author": author, "body": kept, "before": before, "at": at}
            values |= {"state": State.ASKED.value, "after": None, "note": ""}
            query = insert(ActionRow).values(values).returning(ActionRow.seq)
            seq = connection.execute(query).scalar_one()
        return Action(seq, clip, author, kept, before, at)

    def settle(self, seq: int, state: State, *, after: int | None = None, note: str = "") -> Action:
        """Say what became of an action; see the port. Of two notes on the same outcome the first stands."""
        with self._transactions.write() as connection:
            action = _locked(connection, seq)
            if settled(action, state, after=after):
                return action
            values = {"state": state.value, "after": after, "note": note}
            connection.execute(update(ActionRow).where(ActionRow.seq == seq).values(**values))
        return dataclasses.replace(action, state=state, after=after, note=note)

    def of(self, clip: str) -> tuple[Action, ...]:
        """Return a clip's actions, oldest first."""
        query = select(ActionRow.__table__).where(ActionRow.clip == clip).order_by(ActionRow.seq)
        with self._transactions.read() as connection:
            return tuple(_action(row) for row in connection.execute(query))


def _locked(connection: Connection, seq: int) -> Action:
    """Return an action that nobody else settles before the transaction ends."""
    query = select(ActionRow.__table__).where(ActionRow.seq == seq).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise SelectionError(f"no action {seq}: read the clip's actions again")
    return _action(row)


@whole("actions")
def _action(row: Row[Any]) -> Action:
    return Action(
        seq=row.seq,
        clip=row.clip,
        author=row.author,
        body=dict(row.body),
        before=row.before,
        at=row.at,
        state=State(row.state),
        after=row.after,
        note=row.note,
    )
