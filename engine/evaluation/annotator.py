"""A person who corrects a clip with clicks, simulated. Knows the truth as the person's eyes do, and a tool's ``Hands``.

The protocol is the offline one of the SAM 2 paper: look through the clip, click at an object on the frame where it is
worst, carry that both ways, look again. Here every object that is wrong somewhere is corrected once a look. What is on the
screen is always the tool's own answer.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from engine import rle
from engine.datasets import LabelledClip
from engine.evaluation.attempts import attempt
from engine.evaluation.effort import Effort
from engine.evaluation.hands import Hands, Tool
from engine.evaluation.matching import compare, match, strays
from engine.evaluation.overlap import jaccard
from engine.evaluation.series import mean
from engine.types import RLE, FrameMasks

Place = tuple[int, int]  # ball and frame
Column = dict[int, RLE]  # one ball's masks by frame

_MOSTLY = 0.5  # J of a mask that is more on its ball than off it


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
    """A clip in work: true masks by ball and frame, each ball's track in the tool, and what was given up."""

    labelled: LabelledClip
    person: Person
    hands: Hands
    true: dict[int, Column]
    tracks: dict[int, int]
    judged: tuple[int, ...]
    given_up: set[Place] = field(default_factory=set)

    def shown(self) -> dict[int, Column]:
        """Return what the tool shows of each ball, by frame."""
        columns = _columns(self.hands.rows())
        return {ball: columns.get(self.tracks.get(ball, 0), {}) for ball in self.true}

    def values(self) -> dict[Place, float]:
        """Return J of every ball on every judged frame where it, or a mask of it, is; slivers are left out."""
        shown = self.shown()
        return {
            (ball, frame): jaccard(self.true[ball].get(frame), shown[ball].get(frame))
            for ball, frame in self._places(shown)
        }

    def _places(self, shown: dict[int, Column]) -> Iterator[Place]:
        """Yield where a ball is or is shown to be."""
        for ball, true in self.true.items():
            for frame in self.judged:
                if frame in true:
                    if rle.area(true[frame]) >= self.person.least:
                        yield ball, frame
                elif frame in shown[ball]:
                    yield ball, frame


def correct(
    labelled: LabelledClip,
    rows: Sequence[FrameMasks],
    tool: Tool,
    *,
    person: Person | None = None,
    progress: Callable[[str, int, int], None] = lambda _name, _done, _total: None,
) -> Corrected:
    """Correct a clip until every ball has reached the threshold on every frame, or the person gives up.

    Args:
        labelled: the clip with its truth.
        rows: the annotation to begin with, empty rows for none. Tracks are matched with balls by overlap; each
            track on no ball is deleted for one find and one click.
        tool: what the person works with.
        person: how the person works; the default's threshold is 0.85.
        progress: hears the clip's id, looks done and the most there can be.
    """
    with tool(labelled, rows) as hands:
        desk, effort = _open(labelled, rows, person or Person(), hands)
        looks = [_state(desk, Effort())]
        for look in range(1, desk.person.looks + 1):
            effort += Effort(looked=labelled.clip.frames)
            places = _worst(desk)
            for frame, balls in places.items():
                effort += _correct_frame(desk, frame, balls)
            looks.append(_state(desk, effort))
            progress(labelled.clip.id, look, desk.person.looks)
            if not places:
                break
        final = _final(desk)
    clip = labelled.clip
    return Corrected(clip.id, clip.frames, clip.seconds, tuple(looks), final)


def _open(
    labelled: LabelledClip, rows: Sequence[FrameMasks], person: Person, hands: Hands
) -> tuple[_Desk, Effort]:
    """Return the clip with each ball's track, and what it took to delete the tracks that have none."""
    truth = tuple(labelled.frames())
    compared = compare(truth, rows)
    tracks = match(compared)
    strayed = strays(compared, tracks)
    for track in strayed:
        hands.delete(track, range(labelled.clip.frames))
    judged = tuple(row.frame for row in truth)
    desk = _Desk(labelled, person, hands, _columns(truth), dict(tracks), judged)
    return desk, Effort(finds=len(strayed), clicks=len(strayed))


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
    """Return the balls to correct by frame: each on the frame where it is worst and was not given up."""
    worst: dict[int, tuple[float, int]] = {}
    for (ball, frame), value in desk.values().items():
        if value < desk.person.threshold and (ball, frame) not in desk.given_up:
            worst[ball] = min(worst.get(ball, (2.0, 0)), (value, frame))
    frames: dict[int, list[int]] = defaultdict(list)
    for ball, (_, frame) in worst.items():
        frames[frame].append(ball)
    return dict(sorted(frames.items()))


def _correct_frame(desk: _Desk, frame: int, balls: Sequence[int]) -> Effort:
    """Correct some balls on one frame and carry what is good through time; return what it took."""
    effort, good = Effort(finds=len(balls)), []
    for ball in balls:
        if frame in desk.true[ball]:
            took, carry = _click(desk, frame, ball)
            good += [desk.tracks[ball]] if carry else []
        else:
            took = _remove(desk, ball, frame)
        effort += took
    if good:
        desk.hands.spread(good)
        effort += Effort(keys=1)
    return effort


def _remove(desk: _Desk, ball: int, frame: int) -> Effort:
    """Take a mask off the run of frames around ``frame`` where its ball is not: two clicks, one at each end."""
    column, true = desk.shown()[ball], desk.true[ball]
    if frame not in column:  # what was corrected before on this look has taken it off
        return Effort()
    first = last = frame
    while first - 1 in column and first - 1 not in true:
        first -= 1
    while last + 1 in column and last + 1 not in true:
        last += 1
    desk.hands.delete(desk.tracks[ball], range(first, last + 1))
    return Effort(clicks=2)


def _click(desk: _Desk, frame: int, ball: int) -> tuple[Effort, bool]:
    """Click at a ball until it is good, and take back the clicks that made nothing better.

    Returns:
        What it took, one key for the class of a new ball and one for each undo; and whether it is to be carried: what is
        good, and what is better than nothing where nothing stood or something mostly wrong.
    """
    new = ball not in desk.tracks
    track = desk.tracks.setdefault(ball, desk.hands.new_track())
    person, true = desk.person, desk.true[ball][frame]
    tried = attempt(
        desk.hands,
        frame,
        track,
        true,
        label=desk.labelled.labels.get(ball, "ball"),
        goal=person.threshold,
        most=person.clicks,
        patience=person.patience,
    )
    best = tried.best()
    back = len(tried.points) - best
    for _ in range(back):
        desk.hands.undo()
    if new and best == 0:  # nothing is left of the new track, and its number is not used again
        del desk.tracks[ball]
    good = best > 0 and tried.ious[best - 1] >= person.threshold
    if not good:
        desk.given_up.add((ball, frame))
    lost = best > 0 and jaccard(true, tried.start) < _MOSTLY
    return Effort(clicks=len(tried.points), keys=new + back), good or lost


def _final(desk: _Desk) -> tuple[FrameMasks, ...]:
    """Return the rows with tracks under the numbers of their balls."""
    balls = {track: ball for ball, track in desk.tracks.items()}
    return tuple(
        FrameMasks(
            row.frame,
            tuple(
                replace(mask, track=balls[mask.track]) for mask in row.masks if mask.track in balls
            ),
        )
        for row in desk.hands.rows()
    )
