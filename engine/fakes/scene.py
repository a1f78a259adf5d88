"""Flat discs on a flat cloth, with the truth about each. Knows no physics and no light.

Together with ``FakeFrameSource``, ``ColourDetector`` and ``ColourSegmenter`` it is a whole exact world: what the pipeline
should find is known to the pixel.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from engine import rle
from engine.types import Clip, FrameMasks, Image, Mask, TrackMask

Colour = tuple[int, int, int]
Way = Callable[[int], tuple[float, float] | None]
CLOTH: Colour = (10, 90, 60)


@dataclass(frozen=True, slots=True)
class Disc:
    """A ball of one flat colour: ``way(frame)`` is its centre (x, y) in pixels, or None where it is not."""

    colour: Colour
    label: str
    way: Way
    radius: float = 5.0


@dataclass(frozen=True, slots=True)
class Scene:
    """Discs, later ones in front, and an arm: a box (x0, y0, x1, y1) that hides what is behind it on its frames."""

    discs: Sequence[Disc]
    frames: int
    width: int = 160
    height: int = 90
    arms: Mapping[int, tuple[int, int, int, int]] = field(default_factory=dict)

    @property
    def clip(self) -> Clip:
        """The clip that shows the scene."""
        rate = Fraction(30)
        return Clip("scene", "0" * 64, "", 0, self.frames, self.width, self.height, rate)

    @property
    def labels(self) -> dict[Colour, str]:
        """The class of every colour."""
        return {disc.colour: disc.label for disc in self.discs}

    def paint(self, clip: Clip, frame: int) -> Image:
        """Return the picture of a frame, uint8 (height, width, 3)."""
        rgb = np.full((clip.height, clip.width, 3), CLOTH, np.uint8)
        for disc in self.discs:
            rgb[self._where(disc, frame)] = disc.colour
        if frame in self.arms:
            x0, y0, x1, y1 = self.arms[frame]
            rgb[y0:y1, x0:x1] = (200, 150, 120)
        return rgb

    def truth(self, frame: int) -> FrameMasks:
        """Return the visible part of every disc; disc i is track i + 1."""
        rgb = self.paint(self.clip, frame)
        found = [
            TrackMask(index + 1, rle.encode((rgb == np.array(disc.colour)).all(axis=-1)))
            for index, disc in enumerate(self.discs)
        ]
        return FrameMasks(frame, tuple(mask for mask in found if rle.area(mask.rle)))

    def _where(self, disc: Disc, frame: int) -> Mask:
        """Return bool (height, width): the pixels of a disc."""
        place = disc.way(frame)
        if place is None:
            return np.zeros((self.height, self.width), bool)
        y, x = np.ogrid[: self.height, : self.width]
        inside: Mask = (x + 0.5 - place[0]) ** 2 + (y + 0.5 - place[1]) ** 2 <= disc.radius**2
        return inside


def rests(x: float, y: float, *, start: int = 0, stop: int = 1 << 30) -> Way:
    """Return the way of a ball that lies at (x, y) from frame ``start`` until ``stop``."""
    return lambda frame: (x, y) if start <= frame < stop else None


def rolls(x: float, y: float, *, dx: float, dy: float = 0.0) -> Way:
    """Return the way of a ball that moves by (dx, dy) pixels in each frame."""
    return lambda frame: (x + dx * frame, y + dy * frame)
