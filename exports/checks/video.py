"""Does frame k of the video show what picture k shows, at a constant rate? Yields failures in words.

Both went through a lossy codec, so they are compared by the means of cells of a coarse grid, in brightness and colour:
noise and edges vanish there, a turned or foreign frame does not. A shift by few frames is seen where something moves: there
a picture is compared pixel by pixel with the frames around its own. Where nothing moves it cannot be seen.
"""

from collections import deque
from collections.abc import Collection, Generator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from av import VideoFrame
from PIL import Image

from engine.datasets.files import read_still
from engine.errors import InputError, VideoError
from engine.media.display import display_of
from engine.media.faults import reading
from engine.media.reading import frames as decoded
from engine.media.reading import keyframes as decoded_keyframes
from engine.media.reading import opened
from engine.media.timing import constant_rate
from exports.checks.pictures import SHRINK, look
from exports.checks.planes import Levels, Plane, Planes, cells, shrunk

GRID: Final = (32, 18)
MEAN_APART, CELL_APART = 6.0, 16.0
"""Grey levels of 255; on real tables 1.3 and 3 where frames agree."""
REACH: Final = 3  # frames before and after that a picture is compared with
EVERY: Final = 10  # frames: of so many, one where something moves is compared pixel by pixel
MOVED: Final = 20  # grey levels that tell motion from the noise of a codec
FEWEST: Final = 12  # pixels of a plane that must have moved


@dataclass(frozen=True, slots=True)
class Footage:
    """What a video holds: ``frames`` of ``size`` (height, width) at ``rate`` frames/s."""

    frames: int
    size: tuple[int, int]
    rate: Fraction


@dataclass(frozen=True, slots=True)
class _Frame:
    """A frame of the video: its number, its planes in full and shrunk."""

    number: int
    planes: tuple[Plane, ...]
    small: Levels


def check_video(
    video: Path, pictures: Path, numbers: Collection[int], *, keyframes: bool = False
) -> Generator[str, None, Footage | None]:
    """Compare ``video`` with the pictures of ``numbers`` and return what it holds, None when it does not decode.

    With ``keyframes`` nothing but those is decoded: a second of video for the price of one frame.
    """
    try:
        rate, count = yield from _check_timing(video)
        compared = _Comparison(video, pictures, set(numbers))
        for number, frame in (
            decoded_keyframes(video, rate) if keyframes else enumerate(decoded(video))
        ):
            if failure := compared.see(number, frame):
                yield failure
    except VideoError as error:
        yield str(error)
        return None
    return Footage(count if keyframes else compared.count, compared.size, rate)


def _check_timing(video: Path) -> Generator[str, None, tuple[Fraction, int]]:
    """Check time stamps and return rate and number of frames, without decoding a picture."""
    stamps, hidden = [], 0
    with opened(video) as (container, stream), reading(video):
        base = stream.time_base or Fraction(1, 1000)
        declared = stream.average_rate or Fraction(25)
        for packet in container.demux(stream):
            if packet.size and packet.pts is not None:
                stamps.append(packet.pts)
                hidden += packet.is_discard
        hidden += 0 < len(stream.index_entries) < stream.frames
    if not stamps:
        raise VideoError(f"{video}: holds no pictures with time stamps; export it again")
    rate = constant_rate(sorted(stamps), base, declared=declared)
    if rate is None:
        yield f"{video}: its rate is not constant; loaders count frames at a constant rate"
    if hidden:
        yield f"{video}: an edit list hides frames; readers disagree on which is the first"
    return rate or declared, len(stamps)


class _Comparison:
    """Compares pictures with the frames of a video as they are decoded, and tells the first failure."""

    def __init__(self, video: Path, pictures: Path, numbers: set[int]) -> None:
        """Begin before the first frame."""
        self._video, self._pictures, self._numbers = video, pictures, numbers
        self._near: deque[_Frame] = deque(maxlen=2 * REACH + 1)
        self._formula: Planes | None = None
        self._next, self._told = 0, False
        self.count, self.size = 0, (0, 0)

    def see(self, number: int, frame: VideoFrame) -> str:
        """Take the next frame of the video, or a later one; return a failure, "" as a rule."""
        if number != self.count:
            self._near.clear()
            self.count = number
        turned = ""
        if self._formula is None:
            self._formula, self.size = Planes(frame), (frame.height, frame.width)
            if not (shown := display_of(frame)).upright:
                turned = f"{self._video}: is {shown.words} when played; readers disagree on that"
        failure = "" if self._told else self._compare(frame, self._formula)
        self._told |= bool(failure)
        self.count += 1
        return turned or failure

    def _compare(self, frame: VideoFrame, formula: Planes) -> str:
        """Compare a frame with its picture, and an earlier picture with the frames around its own."""
        planes = formula.of_frame(frame)
        here = _Frame(self.count, planes, shrunk(planes, formula.steps, SHRINK))
        self._near.append(here)
        failure = self._apart(here, formula) if self.count in self._numbers else ""
        return failure or self._shifted(formula)

    def _apart(self, frame: _Frame, formula: Planes) -> str:
        """Say when picture and frame differ as a whole."""
        path = self._pictures / f"{frame.number:05d}.jpg"
        small = look(path)
        if isinstance(small, str):
            return small
        shown = np.stack(formula.of_rgb(small))
        if shown.shape != frame.small.shape:
            return f"{path}: is not of the size of {self._video.name}, {self.size}"
        apart = np.abs(cells(shown, GRID) - cells(frame.small, GRID))
        mean, worst = apart.mean(axis=(1, 2)).max(), apart.max()
        if mean <= MEAN_APART and worst <= CELL_APART:
            return ""
        return (
            f"{path}: differs from frame {frame.number} of {self._video.name} "
            f"by {mean:.0f}, in a cell by {worst:.0f}"
        )

    def _shifted(self, formula: Planes) -> str:
        """Say when the picture in the middle of the last frames shows another one of them."""
        near = tuple(self._near)
        if len(near) <= 2 * REACH:
            return ""
        middle = near[REACH]
        box = _moving(near[REACH - 1].small, near[REACH + 1].small)
        if box is None or middle.number < self._next or middle.number not in self._numbers:
            return ""
        self._next = middle.number + EVERY
        path = self._pictures / f"{middle.number:05d}.jpg"
        x0, y0, x1, y1 = box
        try:
            rgb = read_still(path)[y0:y1, x0:x1]
        except InputError as error:
            return str(error)
        for index, (shown, step) in enumerate(zip(formula.of_rgb(rgb), formula.steps, strict=True)):
            part = np.s_[y0 // step[1] : -(-y1 // step[1]), x0 // step[0] : -(-x1 // step[0])]
            small = np.asarray(Image.fromarray(shown).reduce(step), np.float32)
            if shift := _best_shift(small, [frame.planes[index][part] for frame in near]):
                number = middle.number
                return f"{path}: shows frame {number + shift} of {self._video.name}, not {number}"
        return ""


def _moving(before: Levels, after: Levels) -> tuple[int, int, int, int] | None:
    """Return the box in pixels, x0 y0 x1 y1, of what moved between two shrunk pictures; None where nothing did."""
    rows, columns = np.nonzero((np.abs(after - before) > MOVED / 4).any(axis=0))
    if not len(rows):
        return None
    ends = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    x0, y0, x1, y1 = (int(end) * SHRINK for end in ends)
    return x0, y0, x1, y1


def _best_shift(shown: Levels, near: list[Plane]) -> int:
    """Return how far from the middle that frame is which a picture shows, 0 where that cannot be said for sure."""
    planes = [plane.astype(np.float32) for plane in near]
    moved = np.abs(planes[REACH + 1] - planes[REACH - 1]) > MOVED
    if np.count_nonzero(moved) < FEWEST:
        return 0
    apart = [float(np.abs(plane - shown)[moved].mean()) for plane in planes]
    best = int(np.argmin(apart))
    sure = apart[best] < 0.5 * apart[REACH] and apart[REACH] - apart[best] > MOVED / 4
    return best - REACH if sure else 0
