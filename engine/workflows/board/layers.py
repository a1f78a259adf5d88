"""Which masks of a clip are shown, and what is said of each mask. Knows revisions, doubts and agreement; no board's form of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from engine.doubts import Doubt
from engine.ports.board import Card, Layer
from engine.ports.board_rules import still_asked
from engine.ports.overview import Line
from engine.workflows.board.desk import BoardDesk
from engine.workflows.comparing.agreeing import Judged, judged
from engine.workflows.findings import kept_doubts


def wanted(card: Card, line: Line | None) -> tuple[int | None, int | None]:
    """Return whose masks are shown: the newest revision's, and beside them those that models drew, where those are others."""
    drawn = None if line is None or line.drawn == card.revision else line.drawn
    return card.revision, drawn


def put_layers(
    desk: BoardDesk, card: Card, revisions: tuple[int | None, int | None], *, how: Judged | None
) -> bool:
    """Put all masks of a clip; ``how`` is how they agree, where it is known. Return whether the board shows them now.

    A clip that was tagged keeps the masks that the lead saw, until that is answered. One that is tagged just while its masks change
    shows none until then: nobody can tell which of them the lead saw.

    Raises:
        DamagedChunk: stored masks do not decode; the board then holds none.
        SelectionError: the board knows no such clip.
        ServerError: the board does not answer.
    """
    newest, drawn = revisions
    if _asked(desk, card.clip.id):
        return False
    if newest is None:
        desk.board.drop_masks(card.clip.id)
        return True
    desk.board.put_masks(
        card.clip,
        _layer(desk, newest, {} if how is None else how.true),
        None if drawn is None else _layer(desk, drawn, {} if how is None else how.drawn),
    )
    if _asked(desk, card.clip.id):
        desk.board.drop_masks(card.clip.id)
        return False
    return True


def judged_again(desk: BoardDesk, card: Card) -> Judged | None:
    """Return how models and people agree mask by mask, where the sum of it is known already and worth showing."""
    known = card.agreement
    if desk.judge is None or known is None or known.true == known.drawn:
        return None
    return judged(desk.revisions, true=known.true, drawn=known.drawn, judge=desk.judge)


def doubtful(doubts: Sequence[Doubt]) -> Mapping[int, Mapping[int, float]]:
    """Return how much which track is doubted, frame by frame; where several doubts meet, the gravest counts."""
    found: dict[int, dict[int, float]] = defaultdict(dict)
    for one in doubts:
        for frame in range(one.start, one.stop):
            here = found[frame]
            here[one.track] = max(one.severity, here.get(one.track, 0.0))
    return dict(found)


def _asked(desk: BoardDesk, clip: str) -> bool:
    """Say whether a lead asks for something about a clip at this moment."""
    held = desk.board.held().get(clip)
    return held is not None and still_asked(held.tags)


def _layer(desk: BoardDesk, revision: int, overlap: Mapping[int, Mapping[int, float]]) -> Layer:
    """Return the masks of a revision, to be read once, with what is known of them."""
    doubts = kept_doubts(desk.findings, revision) or ()
    return Layer(
        revision,
        desk.revisions.revision(revision).tracks,
        desk.revisions.frames(revision),
        doubtful(doubts),
        overlap,
    )
