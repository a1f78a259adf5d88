"""Where balls are on each frame, to a part of a pixel, with the camera's own motion taken off. Knows masks; judges nothing."""

from collections import deque
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import hypot, sqrt
from statistics import median
from typing import Final

import numpy as np

from engine import geometry, rle
from engine.types import RLE, Box, FrameMasks

WHOLE: Final = 0.84
"""Share of its usual area from which on a mask shows its ball whole: what hides a ball moves the middle of its mask."""

_USUAL = 9  # frames by which a ball's usual size is told
_ENOUGH, _TOGETHER = 4, 0.6  # balls, and the share of them that moves as one where the camera moves
_PATIENT = 12  # frames that a ball may be partly hidden; then it is taken to be smaller
_SLIVER, _HEAD = (
    0.5,
    2.5,
)  # of the usual diameter of the frame's balls: what is left of a hidden one; no ball at all
_STEADY = 0.3  # pixels: less is the trembling of masks


@dataclass(frozen=True, slots=True)
class Spot:
    """A ball on a frame: middle (x, y) less the camera's motion, its diameter ``wide``, all in pixels.

    ``whole`` says whether the mask shows all of the ball, ``rim`` whether it touches the edge of the picture;
    ``box`` is the mask's.
    """

    frame: int
    x: float
    y: float
    wide: float
    whole: bool
    rim: bool
    box: Box


@dataclass(frozen=True, slots=True)
class _Form:
    """What a mask alone says."""

    x: float
    y: float
    area: int
    thin: float
    rim: bool
    box: Box


@dataclass(slots=True)
class Survey:
    """Measures frame after frame; memory holds the latest sizes of each ball."""

    _areas: dict[int, deque[float]] = field(default_factory=dict)
    _thins: dict[int, deque[float]] = field(default_factory=dict)
    _hidden: dict[int, int] = field(default_factory=dict)
    _before: dict[int, tuple[float, float]] = field(default_factory=dict)
    _camera: tuple[float, float] = (0.0, 0.0)

    def look(self, row: FrameMasks) -> dict[int, Spot]:
        """Return where the balls of a frame are, by track."""
        forms = {mask.track: _form(mask.rle) for mask in row.masks}
        seen = {track: form for track, form in forms.items() if form is not None}
        self._follow({track: (form.x, form.y) for track, form in seen.items()}, seen)
        spots = {track: self._spot(row.frame, track, form) for track, form in seen.items()}
        usual = median([spot.wide for spot in spots.values()] or [0.0])
        return {
            track: spot if _SLIVER < spot.wide / usual < _HEAD else replace(spot, whole=False)
            for track, spot in spots.items()
        }

    def _spot(self, frame: int, track: int, form: _Form) -> Spot:
        """Compare a mask with its ball's usual size, and learn from it."""
        areas = self._areas.setdefault(track, deque(maxlen=_USUAL))
        thins = self._thins.setdefault(track, deque(maxlen=_USUAL))
        usual = median(areas) if areas else form.area
        whole = form.area >= WHOLE * usual and not form.rim
        self._hidden[track] = 0 if whole else self._hidden.get(track, 0) + 1
        if whole or self._hidden[track] > _PATIENT:
            areas.append(form.area)
        thins.append(form.thin)
        x, y = form.x - self._camera[0], form.y - self._camera[1]
        box = geometry.shift(form.box, -self._camera[0], -self._camera[1])
        return Spot(frame, x, y, median(thins), whole, form.rim, box)

    def _follow(self, places: dict[int, tuple[float, float]], seen: dict[int, _Form]) -> None:
        """Add up the steps that most balls make together: the camera's."""
        both = places.keys() & self._before.keys()
        steps = [
            (places[track][0] - self._before[track][0], places[track][1] - self._before[track][1])
            for track in both
        ]
        self._before = places
        if len(steps) < _ENOUGH:
            return
        x, y = (median(step[k] for step in steps) for k in (0, 1))
        alike = sum(hypot(u - x, v - y) < max(_STEADY, 0.05 * seen[track].thin) for track, (u, v) in zip(both, steps, strict=True))  # fmt: skip
        if hypot(x, y) > _STEADY and alike > _TOGETHER * len(steps):
            self._camera = self._camera[0] + x, self._camera[1] + y


@lru_cache(maxsize=64)
def _form(pixels: RLE) -> _Form | None:
    """Measure a mask, None for one without a pixel; a ball at rest is the same on frame after frame."""
    box = rle.bbox(pixels)
    if box is None:
        return None
    x0, y0, x1, y1 = (int(side) for side in box)
    rows, columns = np.nonzero(rle.decode_crop(pixels, (x0, y0, x1, y1)))
    high, wide = pixels.size
    area, across, down = len(rows), x1 - x0, y1 - y0
    thin = min(across, down, sqrt(4 / np.pi * area))
    return _Form(
        x0 + float(columns.mean()) + 0.5,
        y0 + float(rows.mean()) + 0.5,
        area,
        float(thin),
        x0 == 0 or y0 == 0 or x1 == wide or y1 == high,
        box,
    )
