"""What was computed about revisions and is worth keeping; knows nothing of what it says."""

from sqlalchemy import delete, insert, select

from db.desk_tables import FindingRow
from db.rows import clip_row
from db.store import revision_row
from db.transactions import Transactions


class SqlFindings:
    """``engine.ports.Findings`` on a database."""

    def __init__(self, transactions: Transactions) -> None:
        """Use these transactions; nothing is read yet."""
        self._transactions = transactions

    def put(self, revision: int, kind: str, text: str) -> None:
        """Keep a finding under its clip's lock, in place of an earlier one of this kind. See the port."""
        same = (FindingRow.revision == revision, FindingRow.kind == kind)
        with self._transactions.write() as connection:
            clip_row(connection, revision_row(connection, revision).clip, lock=True)
            connection.execute(delete(FindingRow).where(*same))
            values = {"revision": revision, "kind": kind, "text": text}
            connection.execute(insert(FindingRow).values(**values))

    def get(self, revision: int, kind: str) -> str | None:
        """Return what was kept, or None."""
        query = select(FindingRow.text).where(FindingRow.revision == revision)
        with self._transactions.read() as connection:
            return connection.execute(query.where(FindingRow.kind == kind)).scalar_one_or_none()
