"""How two versions of a clip agree, ball by ball and frame by frame. Knows masks; refuses to know which of them is right.

J of a ball is the mean over frames on which either version shows it, so that a ball that both leave out for half the clip
gains nothing by that; DAVIS counts such frames as agreement. All masks are compared as run lengths.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from engine.evaluation.matching import Compared, compare, match, strays
from engine.evaluation.series import mean
from engine.ports.board import Agreement
from engine.types import FrameMasks
from engine.workflows.comparing.agreeing import Judged

_ByTrack = dict[int, float]


def agree(
    true: Iterable[FrameMasks], drawn: Iterable[FrameMasks], *, revisions: tuple[int, int] = (0, 0)
) -> Judged:
    """Return how the masks that models drew agree with the true ones; ``revisions`` are the ids of both, for the record.

    A drawn track serves the ball that it overlaps most over the whole clip, whatever its number. One that serves none counts as
    0 on its frames and takes nothing from the balls. Where neither shows anything at all the two agree by 1.

    Raises:
        InputError: the pictures are of different size.
    """
    compared = compare(*_on_the_same_frames(true, drawn))
    served = match(compared)
    extra = strays(compared, served)
    ours = {one.frame: _true_j(one, served) for one in compared}
    theirs = {one.frame: _drawn_j(one, served) for one in compared}
    by_track = _by_track(ours[frame] | _missed(theirs[frame], served) for frame in ours)
    agreement = Agreement(
        drawn=revisions[1],
        true=revisions[0],
        j=mean(list(by_track.values())) if by_track else float(not extra),
        by_track=by_track,
        served=served,
        extra=extra,
        frames={frame: mean(list(shown.values())) for frame, shown in theirs.items() if shown},
    )
    return Judged(agreement, ours, theirs)


def _on_the_same_frames(
    true: Iterable[FrameMasks], drawn: Iterable[FrameMasks]
) -> tuple[list[FrameMasks], list[FrameMasks]]:
    """Return both with a row for each frame that either has, in order."""
    ours, theirs = list(true), list(drawn)
    known = {row.frame for row in ours}
    ours += [FrameMasks(row.frame) for row in theirs if row.frame not in known]
    return sorted(ours, key=lambda row: row.frame), theirs


def _true_j(one: Compared, served: Mapping[int, int]) -> _ByTrack:
    """Return J of each true mask of a frame, 0 where the track that serves it is not there."""
    columns = _places(one.found)
    return {
        mask.track: float(one.iou[row, columns[served[mask.track]]])
        if served.get(mask.track) in columns
        else 0.0
        for row, mask in enumerate(one.true.masks)
    }


def _drawn_j(one: Compared, served: Mapping[int, int]) -> _ByTrack:
    """Return J of each drawn mask of a frame, 0 where the ball that it serves is not there, or it serves none.

    A ball that is not drawn has 0 under its number below zero, so that the mean is that of all there is to see.
    """
    rows, balls = _places(one.true), {drawn: true for true, drawn in served.items()}
    found = {
        mask.track: float(one.iou[rows[balls[mask.track]], column])
        if balls.get(mask.track) in rows
        else 0.0
        for column, mask in enumerate(one.found.masks)
    }
    return found | {-ball: 0.0 for ball in rows if served.get(ball) not in found}


def _missed(drawn: Mapping[int, float], served: Mapping[int, int]) -> _ByTrack:
    """Return J of the balls whose drawn masks these are, those without a true mask among them."""
    return {ball: drawn[track] for ball, track in served.items() if track in drawn}


def _by_track(frames: Iterable[Mapping[int, float]]) -> _ByTrack:
    """Return the mean J of each ball over frames that show it."""
    found: dict[int, list[float]] = defaultdict(list)
    for balls in frames:
        for track, j in balls.items():
            found[track].append(j)
    return {track: mean(values) for track, values in sorted(found.items())}


def _places(row: FrameMasks) -> dict[int, int]:
    """Return at which place each track's mask stands."""
    return {mask.track: place for place, mask in enumerate(row.masks)}
