"""Makes what takes long, clip by clip: browser copies, doubts and measures, agreement, pictures. Keeps each, so that none is made twice.

Order is what makes it safe to kill: masks go to the board with what was found about them, and only then is kept that it was found.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engine.doubts import Doubt
from engine.ports import RevisionStore
from engine.ports.board import Agreement, Card, Held, Measures
from engine.ports.overview import Line
from engine.types import Clip
from engine.workflows.board.cards import Facts
from engine.workflows.board.desk import BoardDesk
from engine.workflows.board.lacking import NOTHING, lacks, to_compare, unmeasured
from engine.workflows.board.layers import judged_again, put_layers, wanted
from engine.workflows.board.put import in_order
from engine.workflows.board.run import Run
from engine.workflows.comparing.agreeing import AGREEMENT, Judge, Judged, agreement_to_text, judged
from engine.workflows.findings import kept_doubts
from engine.workflows.measures import measured
from engine.workflows.prepare import doubts_of

COSTLY: Final = "films, measures, pictures"
"""What progress calls all this."""


@dataclass(frozen=True, slots=True)
class Place:
    """A clip in hand: its card, its revisions, what the board holds of it; ``whole``: its masks are shown with their doubts."""

    card: Card
    line: Line | None
    held: Held
    whole: bool


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two revisions that are to be compared, and by whom."""

    true: int
    drawn: int
    judge: Judge

    def judged(self, revisions: RevisionStore) -> Judged:
        """Return how they agree."""
        return judged(revisions, true=self.true, drawn=self.drawn, judge=self.judge)


def places(
    facts: Facts, held: Mapping[str, Held], made: Sequence[Card], *, whole: Collection[str]
) -> list[Place]:
    """Return clips in the order of work."""
    return [
        Place(
            card,
            facts.lines.get(card.clip.id),
            held.get(card.clip.id, NOTHING),
            card.clip.id in whole,
        )
        for card in in_order(made)
    ]


def make_costly(run: Run, order: Sequence[Place]) -> None:
    """Make what clips lack, at least one thing before making way; those at which something failed before come last."""
    memory, before = run.desk.memory, run.tally.efforts()
    order = [one for one in order if lacks(run.desk, one.card, one.line, one.held)]
    order.sort(key=lambda place: place.card.clip.id in memory.failed)
    for done, place in enumerate(order):
        if run.ended() or (run.tally.efforts() > before and run.wish.pause()):
            run.tally.count("left", len(order) - done)
            memory.failed |= run.tally.failed.keys()
            return
        run.tally.progress(COSTLY, done, len(order))
        for piece in (_film, _measure, _stills):
            if not run.ended():
                with run.tally.trying(place.card.clip.id):
                    piece(run, place)
    run.tally.progress(COSTLY, len(order), len(order))
    memory.failed = frozenset(run.tally.failed)


def _film(run: Run, place: Place) -> None:
    """Make the copy that browsers play."""
    copy = run.desk.copy
    if copy is not None and copy(place.card.clip, stop=run.wish.stop, progress=_silent):
        run.tally.count("films")


def _stills(run: Run, place: Place) -> None:
    """Make pictures, by which clips are compared."""
    make, clip = run.desk.stills, place.card.clip
    if make is None or place.held.stills == (made := make.made(clip)):
        return
    stills = make(clip, stop=run.wish.stop)
    if stills is not None:
        run.desk.board.put_stills(clip.id, stills, made=made)
        run.tally.count("stills")


def _measure(run: Run, place: Place) -> None:
    """Find doubts, compare and measure, unless it is known what all that comes to; show it, then keep it."""
    card, revision, pair = place.card, place.card.revision, _to_compare(run.desk, place)
    lacking = unmeasured(card)
    if revision is None or not (lacking or pair) or _went_on(run.desk, card):
        return
    doubts = _doubts(run.desk, card.clip, revision) if lacking else ()
    how = None if pair is None else pair.judged(run.desk.revisions)
    if ((doubts and not place.whole) or how is not None) and not _shown(run, place, how):
        return
    if how is not None:
        card = replace(card, agreement=_keep_agreement(run, how.agreement))
    if lacking:
        card = replace(card, measures=_keep_measures(run, card.clip, revision, doubts))
    run.desk.board.put_cards([card])


def _keep_agreement(run: Run, agreement: Agreement) -> Agreement:
    """Keep how models and people agree."""
    run.desk.findings.put(agreement.true, AGREEMENT, agreement_to_text(agreement))
    run.tally.count("compared")
    return agreement


def _keep_measures(run: Run, clip: Clip, revision: int, doubts: Sequence[Doubt]) -> Measures:
    """Take the measures of a revision, and keep them."""
    stores = run.desk
    whole = stores.revisions.revision(revision)
    found = measured(stores.revisions, stores.findings, clip, whole, doubts=doubts)
    run.tally.count("measured")
    return found


def _shown(run: Run, place: Place, how: Judged | None) -> bool:
    """Put masks with what was found about them just now, where the board is to show masks; say whether that is so now."""
    if not run.wish.masks and place.held.masks is None:
        return True
    again = how or judged_again(run.desk, place.card)
    return put_layers(run.desk, place.card, wanted(place.card, place.line), how=again)


def _to_compare(desk: BoardDesk, place: Place) -> _Pair | None:
    """Return what is to be compared: what was accepted with what models drew, where nobody has done so."""
    pair = to_compare(desk, place.card, place.line)
    return None if pair is None or desk.judge is None else _Pair(*pair, desk.judge)


def _doubts(desk: BoardDesk, clip: Clip, revision: int) -> tuple[Doubt, ...]:
    """Return where a person should look, as it is kept, or found now and kept."""
    kept = kept_doubts(desk.findings, revision)
    if kept is not None:
        return kept
    whole = desk.revisions.revision(revision)
    return doubts_of(desk.revisions, desk.findings, clip, whole, game=desk.game)


def _went_on(desk: BoardDesk, card: Card) -> bool:
    """Say whether the clip has a newer revision by now: the next sync measures that one."""
    return desk.catalog.clip(card.clip.id).head != card.revision


def _silent(_done: int, _of: int) -> None:
    """Hear how far a copy is, and tell nobody: progress counts clips."""
