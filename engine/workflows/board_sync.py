"""Brings the board in step with the workspace, and tags back. Knows ports; what changed it tells by digests and revisions, never by time.

A sync may end at any moment, also by force: what was put stays, and the next one goes on with what is missing.
"""

from collections.abc import Callable, Sequence

from engine.workflows.board_desk import BoardDesk
from engine.workflows.board_report import SyncReport, Told, silent


def sync(
    desk: BoardDesk,
    *,
    by: str,
    stop: Callable[[], bool] = lambda: False,
    progress: Told = silent,
    clips: Sequence[str] = (),
    masks: bool = True,
    costly: bool = True,
) -> SyncReport:
    """Bring the board in step, once: tags back, cards, masks, then costly things.

    Args:
        desk: what to work with.
        by: in whose name tags are acted on where they do not say who set them.
        stop: asked between clips; then the report says that it was interrupted.
        progress: hears (phase, done, of).
        clips: only these; none for all.
        masks: whether masks are brought, frame by frame.
        costly: whether browser copies, measures, agreement and pictures are made.

    Raises:
        SelectionError: there is no such clip.
        ServerError: the board does not answer, or has no room.
        StoreError: the workspace's database does not answer.
        DiskFull: no room for copies or pictures.
    """
    raise NotImplementedError


def watch(
    desk: BoardDesk,
    *,
    by: str,
    every: float = 30.0,
    stop: Callable[[], bool] = lambda: False,
    progress: Told = silent,
    told: Callable[[SyncReport], None] = lambda _report: None,
    masks: bool = True,
    costly: bool = True,
) -> None:
    """Bring the board in step again and again, until ``stop``; tags and cards at least every ``every`` seconds, about.

    ``told`` hears of every round. A board or a database that does not answer ends the round, not the watch: the report names the
    trouble. Only the first round raises what ``sync`` does.
    """
    raise NotImplementedError
