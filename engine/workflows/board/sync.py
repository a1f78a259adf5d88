"""Brings the board in step with the workspace, and tags back. Knows ports; what changed it tells by digests and revisions, never by time.

A sync may end at any moment, also by force: what was put stays, and the next one goes on with what is missing.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from engine.errors import DiskFull, ServerError, StoreError
from engine.workflows.board.costly import make_costly, places
from engine.workflows.board.desk import BoardDesk
from engine.workflows.board.mistyped import mistyped
from engine.workflows.board.put import put_cards, put_masks
from engine.workflows.board.report import SyncReport, Tally, Told, silent
from engine.workflows.board.run import Run, Wish
from engine.workflows.board.tags import answered

TICK: Final = 0.2
"""Seconds after which a watch that waits asks again whether to stop."""


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
    tally = Tally(progress)
    wish = Wish(by, frozenset(clips), masks, costly, stop, pause=lambda: False)
    for clip in wish.clips:
        desk.catalog.clip(clip)  # raises where there is none
    _round(Run(desk, wish, tally))
    return tally.report()


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
    first = True
    while not stop():
        due = time.monotonic() + every
        tally = Tally(progress)
        wish = Wish(by, frozenset(), masks, costly, stop, pause=partial(_past, due))
        report = _tried(Run(desk, wish, tally), first=first)
        told(report)
        first = False
        while not (report.left or stop()) and time.monotonic() < due:
            time.sleep(min(TICK, every))


def _past(moment: float) -> bool:
    """Say whether a moment is over."""
    return time.monotonic() > moment


def _tried(run: Run, *, first: bool) -> SyncReport:
    """Return the report of one round of a watch, also where it ended in trouble that may pass."""
    try:
        _round(run)
    except (ServerError, StoreError, DiskFull) as error:
        if first:
            raise
        return run.tally.report(trouble=str(error))
    return run.tally.report()


def _round(run: Run) -> None:
    """Go through the phases, each after the one that leads see sooner."""
    board, tally = run.desk.board, run.tally
    with tally.phase("tags"):
        held = board.held()
        asked = {id_: one for id_, one in held.items() if run.wish.takes(id_)}
        answers = answered(
            run.desk.catalog, asked, by=run.wish.by, progress=partial(tally.progress, "tags")
        )
        answers += mistyped(asked, run.desk.memory.mistyped)
        tally.answers += answers
    with tally.phase("cards"):
        facts, made = put_cards(run, held, answers)
    with tally.phase("masks"):
        whole = put_masks(run, facts, held, made) if run.wish.masks else frozenset()
    if run.wish.costly:
        with tally.phase("costly"):
            make_costly(run, places(facts, held, made, whole=whole))
    if tally.learned() and not run.ended():
        with tally.phase("cards"):
            put_cards(run, board.held(), ())
