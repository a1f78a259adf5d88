"""What leads ask of all clips at once: each answer is one query, whatever the number of clips. Reads; knows no masks."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Executable, Row, Select, case, func, select, union
from sqlalchemy.orm import aliased

from db.desk_tables import ActionRow, FindingRow
from db.rows import event_of, video_of, whole
from db.tables import EventRow, RevisionRow, VideoRow
from db.transactions import Transactions
from engine.ports import Event
from engine.ports.overview import Line, Work
from engine.ports.overview_rules import worked
from engine.types import Kind, Video


class SqlOverview:
    """``engine.ports.Overview`` on a database."""

    def __init__(self, transactions: Transactions) -> None:
        """Use these transactions; nothing is read yet."""
        self._transactions = transactions

    def videos(self) -> Mapping[str, Video]:
        """Return every video by its content."""
        rows = self._rows(select(VideoRow.__table__), "videos")
        return {row.sha256: video_of(row) for row in rows}

    def events(self) -> Mapping[str, tuple[Event, ...]]:
        """Return every clip's history, oldest first."""
        found: dict[str, list[Event]] = {}
        for row in self._rows(select(EventRow.__table__).order_by(EventRow.id), "events"):
            found.setdefault(row.clip, []).append(event_of(row))
        return {clip: tuple(history) for clip, history in found.items()}

    def lines(self) -> Mapping[str, Line]:
        """Return the revisions of every clip that has any; what they hold of tracks is not read."""
        return {row.clip: _line(row) for row in self._rows(_lines(), "revisions")}

    def work(self) -> Mapping[str, tuple[Work, ...]]:
        """Return what people did on each clip on the page, in the order of their names; no bodies are read."""
        query = select(ActionRow.clip, ActionRow.author, ActionRow.at)
        with whole("actions"):
            return worked((row.clip, row.author, row.at) for row in self._rows(query, "actions"))

    def findings(self, kind: str) -> Mapping[int, str]:
        """Return what is kept of this kind about revisions that are the newest of their clips, or the newest models made."""
        ends = _ends().cte()
        newest = FindingRow.revision.in_(union(select(ends.c.head), select(ends.c.drawn)))
        query = select(FindingRow.revision, FindingRow.text).where(newest)
        rows = self._rows(query.where(FindingRow.kind == kind), "findings")
        return {row.revision: row.text for row in rows}

    def _rows(self, query: Executable, table: str) -> list[Row[Any]]:
        with self._transactions.read() as connection, whole(table):
            return list(connection.execute(query))


def _ends() -> Select[*tuple[Any, ...]]:
    """Select of every clip its newest revision, the newest that models made, and how many are of each kind."""
    drawn = RevisionRow.kind == Kind.AUTO.value
    by_hand = RevisionRow.kind == Kind.MANUAL.value
    query = select(
        RevisionRow.clip,
        func.max(RevisionRow.id).label("head"),
        func.max(case((drawn, RevisionRow.id))).label("drawn"),
        func.count(case((by_hand, 1))).label("by_hand"),
        func.min(case((~(drawn | by_hand), RevisionRow.kind))).label("odd"),
    )
    return query.group_by(RevisionRow.clip)


def _lines() -> Select[*tuple[Any, ...]]:
    """Select what ``Line`` says."""
    ends, head, drawn = _ends().subquery(), aliased(RevisionRow), aliased(RevisionRow)
    return (
        select(ends, head.author, drawn.provenance)
        .join(head, head.id == ends.c.head)
        .outerjoin(drawn, drawn.id == ends.c.drawn)
    )


@whole("revisions")
def _line(row: Row[Any]) -> Line:
    if row.odd is not None:
        Kind(row.odd)  # raises, as every reader of this row does
    return Line(row.head, row.author, row.drawn, dict(row.provenance or {}), row.by_hand)
