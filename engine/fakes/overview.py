"""What leads ask of all clips at once, in memory. Refuses to know files and servers, and to be fast."""

from collections.abc import Mapping

from engine.fakes.store import Shelf
from engine.ports import DeskStores, Event
from engine.ports.overview import Line, Work
from engine.ports.overview_rules import worked
from engine.types import Kind, Revision, Video


class MemoryOverview:
    """``engine.ports.Overview`` in memory."""

    def __init__(self, shelf: Shelf, desk: DeskStores) -> None:
        """Share ``shelf`` with the other stores, and ask ``desk`` clip by clip."""
        self._shelf = shelf
        self._desk = desk

    def videos(self) -> Mapping[str, Video]:
        """Return every video by its content."""
        return dict(self._shelf.videos)

    def events(self) -> Mapping[str, tuple[Event, ...]]:
        """Return every clip's history, oldest first."""
        found: dict[str, tuple[Event, ...]] = {}
        for event in self._shelf.events:
            found[event.clip] = (*found.get(event.clip, ()), event)
        return found

    def lines(self) -> Mapping[str, Line]:
        """Return the revisions of every clip that has any."""
        found: dict[str, list[Revision]] = {}
        for revision in self._shelf.revisions.values():
            found.setdefault(revision.clip, []).append(revision)
        return {clip: _line(revisions) for clip, revisions in found.items()}

    def work(self) -> Mapping[str, tuple[Work, ...]]:
        """Return what people did on each clip on the page, in the order of their names."""
        actions = (one for clip in self._shelf.clips for one in self._desk.actions.of(clip))
        return worked((one.clip, one.author, one.at) for one in actions)

    def findings(self, kind: str) -> Mapping[int, str]:
        """Return what is kept of this kind about revisions that are the newest of their clips, or the newest models made."""
        lines = self.lines().values()
        wanted = {number for line in lines for number in (line.head, line.drawn) if number}
        kept = {number: self._desk.findings.get(number, kind) for number in sorted(wanted)}
        return {number: text for number, text in kept.items() if text is not None}


def _line(revisions: list[Revision]) -> Line:
    """Sum revisions up, which come oldest first."""
    drawn = [one for one in revisions if one.kind is Kind.AUTO]
    return Line(
        head=revisions[-1].id,
        author=revisions[-1].author,
        drawn=drawn[-1].id if drawn else None,
        provenance=dict(drawn[-1].provenance) if drawn else {},
        by_hand=len(revisions) - len(drawn),
    )
