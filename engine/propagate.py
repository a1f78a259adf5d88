"""Spreads a correction through time: from prompts outwards, until parent and child agree again.

Knows the ports and the parent's masks; refuses to know models, storage and who is asking. Pictures and the parent's rows
are read in short runs; what is held for the whole stretch is only the run lengths of the tracks that are corrected.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from engine import geometry, rle
from engine.errors import InputError
from engine.masklets import replaced, without
from engine.ports import Session
from engine.propagate_plan import Evidence, Lane, gathered, lanes, spoken
from engine.propagate_reading import Ground, Old, Reel, Rows, stretches
from engine.propagate_rivals import rivals, stolen
from engine.propagate_way import Rule, begin, follow
from engine.types import RLE, Clip, FrameMasks, Prompt, TrackMask

__all__ = ["Correction", "Ground", "Rows", "Rule", "correct"]

Changes = Mapping[int, Mapping[int, TrackMask | None]]
"""New masks by frame and track; None takes the track off that frame."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a correction came to.

    ``steps`` is how many frames the model took, both passes together: the same prompts on the same parent, stopped
    after as many steps, give the same masks. ``stopped`` says that somebody ended it before it had ended by itself.
    """

    masks: Changes
    steps: int
    stopped: bool = False

    def rows(self, parent: Rows) -> Iterator[FrameMasks]:
        """Yield the frames that differ from the parent's, whole and in order: all other masks are the parent's."""
        for stretch in stretches(sorted(self.masks)):
            for row in parent(stretch.start, stretch.stop):
                new = _changed(row, self.masks.get(row.frame, {}))
                if new != row:
                    yield new


def correct(
    ground: Ground,
    prompts: Sequence[Prompt],
    *,
    earlier: Sequence[Prompt] = (),
    frames: range | None = None,
    rule: Rule | None = None,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[FrameMasks], None] = lambda _: None,
) -> Correction:
    """Draw the prompted tracks anew, from the prompts' frames both ways, until they agree with the parent.

    Only prompted tracks change. Where the model takes another track's ball for the one it follows, it has lost that one;
    but a ball on which a person prompted the track is the track's, whoever was on it. Of the pixels that two corrected tracks claim on a frame, one that was prompted there
    has them before one that was not, then the one with the higher score, then the one with the lower number. Tracks that
    are not corrected keep every pixel, also those that a corrected one claims too.

    Args:
        ground: what is corrected, and with what.
        prompts: new evidence on one or more frames about one or more tracks, known ones or new ones; all of it is
            given to one pass each way.
        earlier: what was said before. It stays in force: a pass that comes to such a frame is told again.
        frames: what may change; None for the whole clip.
        rule: when a track has met the parent again.
        stop: asked before each frame; what is done by then is kept.
        progress: hears what was drawn for the corrected tracks of each frame, in the order of the work.

    Raises:
        InputError: a prompt is outside the range or the picture, or there is none.
        VideoError: the clip cannot be read.
    """
    inside = range(ground.clip.frames) if frames is None else frames
    _check(prompts, inside, ground.clip)
    said, new = gathered(earlier, prompts), frozenset(_places(prompts))
    work = _Work(ground, rule or Rule(), inside, said, new)
    for backward in (False, True):
        todo = lanes(prompts, frames=inside, backward=backward)
        if todo and not work.stopped:
            limit = inside.start if backward else inside.stop
            _pass(work, todo, limit=limit, backward=backward, stop=stop, progress=progress)
    places = {(frame, track) for frame, tracks in said.items() for track in tracks}
    masks = {frame: parted(work.masks[frame], frame, places) for frame in sorted(work.masks)}
    return Correction(masks, work.steps, work.stopped)


def parted(
    masks: Mapping[int, TrackMask | None], frame: int, said: Iterable[tuple[int, int]]
) -> dict[int, TrackMask | None]:
    """Return a frame's corrected masks so that no two of them share a pixel; see ``correct`` for the rule.

    ``said`` holds the frames and tracks that were prompted. A mask of which nothing is left is None.
    """
    firm = {track for at, track in said if at == frame}
    shown = [mask for mask in masks.values() if mask is not None]
    shown.sort(key=lambda mask: (mask.track not in firm, -mask.score, mask.track))
    out: dict[int, TrackMask | None] = dict.fromkeys(masks)
    for place, mask in enumerate(shown):
        left = mask.rle
        for better in shown[:place]:
            if _touch(left, better.rle):
                left = rle.subtract(left, better.rle)
        if rle.area(left):
            out[mask.track] = TrackMask(mask.track, left, mask.score, mask.stability)
    return out


@dataclass(slots=True)
class _Work:
    """A correction under way, over both passes."""

    ground: Ground
    rule: Rule
    frames: range
    evidence: Evidence
    new: frozenset[tuple[int, int]]
    masks: dict[int, dict[int, TrackMask | None]] = field(default_factory=dict)
    steps: int = 0
    stopped: bool = False


def _pass(
    work: _Work,
    todo: dict[int, Lane],
    *,
    limit: int,
    backward: bool,
    stop: Callable[[], bool],
    progress: Callable[[FrameMasks], None],
) -> None:
    """Go one way from the prompts until no track wants another frame."""
    ground, last = work.ground, None
    old, before = Old(ground, work.frames), FrameMasks(-1)
    with (
        ground.segmenter.open(ground.clip, backward=backward) as session,
        closing(Reel(ground, limit, backward=backward)) as reel,
    ):
        while due := _due(todo, last, session, backward=backward):
            if stop():
                work.stopped = True
                break
            last = max(due.values()) if backward else min(due.values())
            here = {track: todo[track] for track, frame in due.items() if frame == last}
            row = old.at(last)
            told = _told(work, here, row)
            _hint(session, told, row)
            drawn = session.step(last, reel.at(last), told)
            work.steps += 1
            used = _take(work, here, drawn, row, before)
            before = row
            if used is not None:
                progress(used)
            for track, lane in here.items():
                if (
                    lane.way.ended
                ):  # a later prompt begins afresh: what is remembered is of another place
                    session.forget(track)
    for track, lane in todo.items():
        for frame, mask in lane.way.masks.items():
            work.masks.setdefault(frame, {})[track] = mask


def _due(
    todo: Mapping[int, Lane], last: int | None, session: Session, *, backward: bool
) -> dict[int, int]:
    """Return the next frame of every track that wants one; the session forgets the others."""
    found = {}
    for track, lane in todo.items():
        frame = lane.due(last, step=-1 if backward else 1)
        if frame is None:
            session.forget(track)
        else:
            found[track] = frame
    return found


def _told(work: _Work, here: Mapping[int, Lane], row: FrameMasks) -> list[Prompt]:
    """Return what the model is told on a frame."""
    said = work.evidence.get(row.frame, {})
    return [
        prompt
        for track in here
        if track in said
        for prompt in spoken(said[track], row, firm=(row.frame, track) in work.new)
    ]


def _hint(session: Session, told: Sequence[Prompt], row: FrameMasks) -> None:
    """Tell the model where the parent has the balls that were prompted: mostly they are as large as it says."""
    old = row.by_track()
    for track in {prompt.track for prompt in told} & old.keys():
        box = rle.bbox(old[track].rle)
        if box is not None:
            session.expect(track, box)


def _take(
    work: _Work, here: Mapping[int, Lane], drawn: FrameMasks, row: FrameMasks, before: FrameMasks
) -> FrameMasks | None:
    """Take a drawn frame into the ways of the tracks that wanted it; return their masks, None where none did."""
    new, old = drawn.by_track(), row.by_track()
    ours = {track for _, track in work.new}
    wanted = {t: lane for t, lane in here.items() if not lane.legs[0].hides(row.frame)}
    used = []
    for track, lane in here.items():
        mask, way = new.get(track), lane.way
        firm = (row.frame, track) in work.new
        if firm and mask is not None:
            way.yields |= {other.track for other in rivals(mask, row, ours=ours)}
        if track not in wanted:
            continue
        if firm:
            begin(way, row.frame, mask, old.get(track))
        else:
            if mask is not None and stolen(mask, row, before, ours=ours | way.yields):
                mask = None
            follow(way, row.frame, mask, old.get(track), rule=work.rule)
        used += [mask] if mask is not None else []
    return FrameMasks(row.frame, tuple(used)) if wanted else None


def _changed(row: FrameMasks, masks: Mapping[int, TrackMask | None]) -> FrameMasks:
    """Return a row with new masks in it; one with the very pixels of the old one leaves it as it is."""
    old = row.by_track()
    gone = [track for track, mask in masks.items() if mask is None]
    new = [
        mask
        for track, mask in masks.items()
        if mask is not None and (track not in old or old[track].rle != mask.rle)
    ]
    return replaced(without(row, gone), new)


def _places(prompts: Iterable[Prompt]) -> Iterator[tuple[int, int]]:
    return ((prompt.frame, prompt.track) for prompt in prompts)


def _touch(a: RLE, b: RLE) -> bool:
    """Return whether two masks can share a pixel."""
    first, second = rle.bbox(a), rle.bbox(b)
    return first is not None and second is not None and geometry.common(first, second) > 0


def _check(prompts: Sequence[Prompt], frames: range, clip: Clip) -> None:
    """Refuse what cannot be spread."""
    if not prompts:
        raise InputError("nothing to correct: give at least one click, box or mask")
    if frames.step != 1 or not frames or frames.start < 0 or frames.stop > clip.frames:
        raise InputError(
            f"{frames = }: expected a run of frames inside clip {clip.id} of {clip.frames} frames"
        )
    for prompt in prompts:
        if prompt.frame not in frames:
            raise InputError(
                f"the prompt for track {prompt.track} is of frame {prompt.frame}; only frames "
                f"{frames.start} to {frames.stop - 1} may change, so widen the range"
            )
