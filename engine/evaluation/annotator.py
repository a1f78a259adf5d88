"""A person who corrects a clip with clicks, simulated. Knows the truth as the person's eyes do, and a segmenter.

The protocol is the offline one of the SAM 2 paper: look through the clip, click at an object on the frame where it is
worst, carry that both ways, look again. Here every object that is wrong somewhere is corrected once a look.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from engine import rle
from engine.datasets import LabelledClip, stretch
from engine.evaluation.attempts import Attempt, attempt
from engine.evaluation.carrying import Column, Standing, carry
from engine.evaluation.effort import Effort
from engine.evaluation.matching import compare, match, strays
from engine.evaluation.overlap import jaccard
from engine.evaluation.running import DatasetSource
from engine.evaluation.series import mean
from engine.ports import Segmenter
from engine.types import RLE, FrameMasks, TrackMask

Place = tuple[int, int]  # track and frame


@dataclass(frozen=True, slots=True)
class Person:
    """How the simulated person works.

    Attributes:
        threshold: J that every ball must reach on every frame. 0.85 is an edge 0.8 px off all around a ball of 20 px, and
            0.4 px off around one of 10 px: there a pixel more or less is beyond what eye and mouse can settle.
        clicks: at one object on one frame, at most.
        patience: clicks in a row that make nothing better, after which the person gives this frame up.
        looks: through one clip, at most; what is wrong then stays wrong and is counted.
        least: true masks of fewer pixels are left alone, as the exports leave them out.
    """

    threshold: float = 0.85
    clicks: int = 8
    patience: int = 3
    looks: int = 10
    least: int = 20


@dataclass(frozen=True, slots=True)
class Look:
    """After one look through the clip and what it led to: effort so far, mean J, and ball-frames wrong of those judged."""

    effort: Effort
    wrong: int
    judged: int
    j: float


@dataclass(frozen=True, slots=True)
class Corrected:
    """A clip after correction. ``looks[0]`` is how it was found, before any effort; ``seconds`` is its length."""

    clip: str
    frames: int
    seconds: float
    looks: tuple[Look, ...]
    rows: tuple[FrameMasks, ...]

    @property
    def effort(self) -> Effort:
        """All that the person did."""
        return self.looks[-1].effort

    @property
    def wrong(self) -> int:
        """Ball-frames below the threshold at the end."""
        return self.looks[-1].wrong


@dataclass(slots=True)
class _Desk:
    """A clip in work: true and standing masks by track and frame, what was settled and what was given up."""

    labelled: LabelledClip
    person: Person
    true: dict[int, Column]
    columns: dict[int, Column]
    judged: tuple[int, ...]
    settled: dict[int, frozenset[int]] = field(default_factory=dict)
    given_up: set[Place] = field(default_factory=set)

    def values(self) -> dict[Place, float]:
        """Return J of every ball on every judged frame where it, or a mask of it, is; slivers are left out."""
        return {
            (track, frame): jaccard(self.true[track].get(frame), self.columns[track].get(frame))
            for track, frame in self._places()
        }

    def _places(self) -> Iterator[Place]:
        """Yield where a ball is or is shown to be."""
        for track, true in self.true.items():
            for frame in self.judged:
                if frame in true:
                    if rle.area(true[frame]) >= self.person.least:
                        yield track, frame
                elif frame in self.columns[track]:
                    yield track, frame


def correct(
    labelled: LabelledClip,
    rows: Sequence[FrameMasks],
    segmenter: Segmenter,
    *,
    person: Person | None = None,
    progress: Callable[[str, int, int], None] = lambda _name, _done, _total: None,
) -> Corrected:
    """Correct a clip until every ball has reached the threshold on every frame, or the person gives up.

    Args:
        labelled: the clip with its truth.
        rows: the annotation to begin with, empty rows for none. Tracks are matched with balls by overlap; each
            track on no ball is deleted for one find and one click.
        segmenter: draws and carries what is clicked.
        person: how the person works; the default's threshold is 0.85.
        progress: hears the clip's id, looks done and the most there can be.
    """
    desk, strayed = _open(labelled, rows, person or Person())
    effort = Effort(finds=strayed, clicks=strayed)
    looks = [_state(desk, Effort())]
    for look in range(1, desk.person.looks + 1):
        effort += Effort(looked=labelled.clip.frames)
        places = _worst(desk)
        for frame, tracks in places.items():
            effort += _correct_frame(desk, frame, tracks, segmenter)
        looks.append(_state(desk, effort))
        progress(labelled.clip.id, look, desk.person.looks)
        if not places:
            break
    clip = labelled.clip
    final = tuple(_row(desk, frame) for frame in range(clip.frames))
    return Corrected(clip.id, clip.frames, clip.seconds, tuple(looks), final)


def _open(labelled: LabelledClip, rows: Sequence[FrameMasks], person: Person) -> tuple[_Desk, int]:
    """Return the clip with tracks under the numbers of their balls, and how many tracks had none."""
    truth = tuple(labelled.frames())
    compared = compare(truth, rows)
    served = {found: true for true, found in match(compared).items()}
    true, columns = _columns(truth), _columns(rows)
    own = {served[track]: column for track, column in columns.items() if track in served}
    judged = tuple(row.frame for row in truth)
    desk = _Desk(labelled, person, true, {t: own.get(t, {}) for t in true}, judged)
    return desk, len(strays(compared, match(compared)))


def _columns(rows: Iterable[FrameMasks]) -> dict[int, Column]:
    """Return the masks by track and frame."""
    columns: dict[int, Column] = defaultdict(dict)
    for row in rows:
        for mask in row.masks:
            columns[mask.track][row.frame] = mask.rle
    return dict(columns)


def _state(desk: _Desk, effort: Effort) -> Look:
    """Return how the clip is now."""
    values = desk.values()
    wrong = sum(value < desk.person.threshold for value in values.values())
    return Look(effort, wrong, len(values), mean(list(values.values())))


def _worst(desk: _Desk) -> dict[int, list[int]]:
    """Return the tracks to correct by frame: each on the frame where it is worst and was not given up."""
    worst: dict[int, tuple[float, int]] = {}
    for (track, frame), value in desk.values().items():
        if value < desk.person.threshold and (track, frame) not in desk.given_up:
            worst[track] = min(worst.get(track, (2.0, 0)), (value, frame))
    frames: dict[int, list[int]] = defaultdict(list)
    for track, (_, frame) in worst.items():
        frames[frame].append(track)
    return dict(sorted(frames.items()))


def _correct_frame(desk: _Desk, frame: int, tracks: Sequence[int], segmenter: Segmenter) -> Effort:
    """Correct some balls on one frame; return what it took."""
    hidden = [track for track in tracks if frame not in desk.true[track]]
    for track in hidden:
        _remove(desk, track, frame)
    shown = [track for track in tracks if track not in hidden]
    clicks = _click(desk, frame, shown, segmenter) if shown else 0
    return Effort(finds=len(tracks), clicks=clicks + 2 * len(hidden))


def _remove(desk: _Desk, track: int, frame: int) -> None:
    """Take a mask off the run of frames around ``frame`` where its ball is not: two clicks, one at each end."""
    column, true = desk.columns[track], desk.true[track]
    first = last = frame
    while first - 1 in column and first - 1 not in true:
        first -= 1
    while last + 1 in column and last + 1 not in true:
        last += 1
    for at in range(first, last + 1):
        del column[at]
    desk.settled[track] = desk.settled.get(track, frozenset()) | set(range(first, last + 1))


def _click(desk: _Desk, frame: int, tracks: Sequence[int], segmenter: Segmenter) -> int:
    """Click at balls until they are good, keep what is better than before and carry it; return the clicks."""
    clip = desk.labelled.clip
    rgb = next(stretch(desk.labelled, frame, frame + 1)[0])
    wanted = {
        track: Attempt(desk.true[track][frame], _worth_keeping(desk, track, frame))
        for track in tracks
    }
    person = desk.person
    tried = attempt(
        clip,
        rgb,
        wanted,
        frame=frame,
        segmenter=segmenter,
        goal=person.threshold,
        most=person.clicks,
        patience=person.patience,
    )
    better = {track: one for track, one in tried.items() if _accept(desk, track, frame, one)}
    prompts = [
        prompt
        for track, one in better.items()
        for prompt in one.prompts(frame, track, clicks=one.best())
    ]
    if prompts:
        standing = Standing(desk.columns, desk.settled)
        source = DatasetSource(desk.labelled)
        new = carry(clip, rgb, prompts, standing=standing, source=source, segmenter=segmenter)
        for track, column in new.items():
            _take_over(desk, track, frame, column)
    return sum(len(one.points) for one in tried.values())


def _take_over(desk: _Desk, track: int, frame: int, column: Column) -> None:
    """Put carried masks in place; those of a mask that is not good enough only where nothing stood."""
    stood = desk.columns[track]
    doubtful = (track, frame) in desk.given_up
    stood |= {at: mask for at, mask in column.items() if not (doubtful and at in stood)}


def _worth_keeping(desk: _Desk, track: int, frame: int) -> RLE | None:
    """Return the standing mask where it is mostly right and is clicked at as it is; else the person begins afresh."""
    stood = desk.columns[track].get(frame)
    return stood if stood and jaccard(desk.true[track][frame], stood) > 0.5 else None


def _accept(desk: _Desk, track: int, frame: int, one: Attempt) -> bool:
    """Put the best of an attempt in place, if it is better than what stood; give the place up if that is not enough."""
    best = one.best()
    value, mask = one.ious[best - 1], one.masks[best - 1]
    better = mask is not None and value > jaccard(one.true, desk.columns[track].get(frame))
    if better and mask is not None:
        desk.columns[track][frame] = mask
        desk.settled[track] = desk.settled.get(track, frozenset()) | {frame}
    if value < desk.person.threshold:
        desk.given_up.add((track, frame))
    return better


def _row(desk: _Desk, frame: int) -> FrameMasks:
    """Return the masks of one frame."""
    masks = [
        TrackMask(track, column[frame]) for track, column in desk.columns.items() if frame in column
    ]
    return FrameMasks(frame, tuple(masks))
