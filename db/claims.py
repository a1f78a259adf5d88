"""Who works on which clip, one tab at a time; knows nothing of what they do there."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from db.desk_tables import ClaimRow
from db.rows import clip_row, whole
from db.transactions import Transactions
from engine.ports.desk import Claim


class SqlClaims:
    """``engine.ports.Claims`` on a database."""

    def __init__(self, transactions: Transactions) -> None:
        """Use these transactions; nothing is read yet."""
        self._transactions = transactions

    def claim(
        self, clip: str, *, user: str, tab: str, seconds: float = 30.0, force: bool = False
    ) -> Claim:
        """Take a clip, or renew one's claim; return the claim that holds afterwards. See the port."""
        with self._transactions.write() as connection:
            clip_row(connection, clip, lock=True)
            now = self._transactions.now(connection)
            held = claim_of(connection, clip)
            mine = held is not None and (held.user, held.tab) == (user, tab)
            if held is not None and not mine and held.until > now and not force:
                return held
            since = held.since if held is not None and mine and held.until > now else now
            taken = Claim(clip, user, tab, since, now + timedelta(seconds=seconds))
            _write(connection, taken, known=held is not None)
        return taken

    def release(self, clip: str, *, tab: str) -> None:
        """Give a clip back; one that ``tab`` does not hold stays as it is."""
        mine = (ClaimRow.clip == clip, ClaimRow.tab == tab)
        with self._transactions.write() as connection:
            connection.execute(delete(ClaimRow).where(*mine))

    def holders(self) -> Mapping[str, Claim]:
        """Return the claims that hold now, by clip."""
        with self._transactions.read() as connection:
            now: datetime = self._transactions.now(connection)
            query = select(ClaimRow.__table__).where(ClaimRow.until > now).order_by(ClaimRow.clip)
            return {row.clip: _claim(row) for row in connection.execute(query)}


def claim_of(connection: Connection, clip: str) -> Claim | None:
    """Return the claim that was made last on a clip, also one that has run out, or None."""
    query = select(ClaimRow.__table__).where(ClaimRow.clip == clip)
    row = connection.execute(query).one_or_none()
    return None if row is None else _claim(row)


def _write(connection: Connection, claim: Claim, *, known: bool) -> None:
    """Write the one row of a clip, under the clip's lock."""
    values = {"person": claim.user, "tab": claim.tab, "since": claim.since, "until": claim.until}
    if known:
        connection.execute(update(ClaimRow).where(ClaimRow.clip == claim.clip).values(**values))
    else:
        connection.execute(insert(ClaimRow).values(clip=claim.clip, **values))


@whole("claims")
def _claim(row: Row[Any]) -> Claim:
    return Claim(row.clip, row.person, row.tab, row.since, row.until)
