"""One frame as the signs see it, and what is known of the whole clip. Knows how to measure, refuses to judge."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import hypot, pi

from engine.doubts.beside import beside
from engine.doubts.sight import Sight, sight
from engine.doubts.sizes import Sizes
from engine.errors import InputError
from engine.types import Box, Detection, FrameMasks, Track

STILL = 0.06  # diameters that a ball at rest seems to move from frame to frame


@dataclass(frozen=True, slots=True)
class Scene:
    """What holds for the whole clip.

    Attributes:
        wide: picture's width in pixels.
        high: picture's height in pixels.
        rate: frames in a second.
        labels: class of each track.
        pockets: boxes of the pockets' openings, xyxy pixels; empty where nobody knows them.
        most: how many balls of each class the game has.
    """

    wide: int
    high: int
    rate: float
    labels: Mapping[int, str]
    pockets: tuple[Box, ...]
    most: Mapping[str, int]

    def name(self, track: int) -> str:
        """Return how a person calls a track: its number and class."""
        return f"ball {track} ({self.labels.get(track, 'of no class')})"


@dataclass(frozen=True, slots=True)
class Seen:
    """A mask together with how large the ball should be there: ``usual`` for itself, ``right`` by the others.

    Both are diameters in pixels; ``right`` is 0 where too few other balls are known.
    """

    sight: Sight
    usual: float
    right: float

    @property
    def missing(self) -> float:
        """Share of the ball's disc that the mask lacks, 0..1."""
        return max(0.0, 1 - self.sight.area / (pi / 4 * self.usual**2))


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: ``balls`` by track, and what a detector or another pass said of it, None where silent."""

    number: int
    balls: Mapping[int, Seen]
    detections: tuple[Detection, ...] | None = None
    other: FrameMasks | None = None


def apart(a: Seen, b: Seen) -> float:
    """Return the distance of two balls' middles in pixels."""
    (x, y), (u, v) = a.sight.middle, b.sight.middle
    return hypot(x - u, y - v)


def neighbours(frame: Frame, ball: Seen, *, reach: float = 1.2) -> list[Seen]:
    """Return the other balls of a frame whose middles are nearer than ``reach`` diameters: they touch, or hide it."""
    return [
        other
        for track, other in frame.balls.items()
        if track != ball.sight.track and apart(ball, other) < reach * (ball.usual + other.usual) / 2
    ]


def hides(frame: Frame, ball: Seen, moved: Mapping[int, float]) -> bool:
    """Tell whether another ball may just have come before this one: it is near, and one of them moves.

    ``moved`` are steps in diameters by track; a ball without one may have moved.
    """
    rolls = moved.get(ball.sight.track, 1.0) > STILL
    return any(
        rolls or moved.get(other.sight.track, 1.0) > STILL for other in neighbours(frame, ball)
    )


def frames(
    rows: Iterable[FrameMasks],
    *,
    scene: Scene,
    detections: Iterable[tuple[int, Sequence[Detection]]],
    backward: Iterable[FrameMasks],
) -> Iterator[Frame]:
    """Measure row after row, holding one.

    Raises:
        InputError: frames do not come in order, or a mask is of a picture of another size.
    """
    sizes, last = Sizes(scene.high), -1
    found = beside((frame, tuple(boxes)) for frame, boxes in detections)
    others = beside((row.frame, row) for row in backward)
    next(found), next(others)
    for row in rows:
        if row.frame <= last:
            raise InputError(
                f"frame {row.frame} comes after frame {last}: give rows in the order of frames"
            )
        last = row.frame
        balls = _measured(row, scene, sizes)
        yield Frame(row.frame, balls, found.send(last), others.send(last))


def _measured(row: FrameMasks, scene: Scene, sizes: Sizes) -> dict[int, Seen]:
    """Measure the masks of a row, and learn from them."""
    for mask in row.masks:
        if mask.rle.size != (scene.high, scene.wide):
            raise InputError(
                f"frame {row.frame}, track {mask.track}: the mask is of a picture of {mask.rle.size}, "
                f"the clip's are {(scene.high, scene.wide)}"
            )
    sights = [one for one in map(sight, row.masks) if one is not None]
    usual = {one.track: sizes.usual(one) for one in sights}
    sizes.learn(sights)
    return {one.track: Seen(one, usual[one.track], sizes.right(one)) for one in sights}


def scene_of(
    tracks: Iterable[Track],
    *,
    size: tuple[int, int],
    rate: float,
    pockets: Sequence[Box],
    most: Mapping[str, int],
) -> Scene:
    """Return what holds for the whole clip; ``size`` is (height, width).

    Raises:
        InputError: the rate is not positive.
    """
    if rate <= 0:
        raise InputError(f"{rate=}: expected frames in a second, more than 0")
    labels = {track.id: track.label for track in tracks}
    return Scene(size[1], size[0], rate, labels, tuple(pockets), most)
