"""What colours a ball shows, and whose ball a mask is by them; knows pixels and masks, no network and no time.

Balls of one set differ in colour more than in anything else, so a mask that has jumped to a neighbour shows it. Reds
of a snooker pack do not differ: there this says nothing, and nothing is decided.
"""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine import geometry, rle
from engine.types import RLE, Box, Image

Colours: TypeAlias = NDArray[np.float32]

_BINS = 6
_MARGIN = 0.3
_NOTHING = 0.2
_NONE = 1e-6
_NEAR = 3.0
_KEEP = 0.8


def colours_of(rgb: Image, mask: RLE) -> Colours:
    """Return the colours under a mask: square roots of a smoothed RGB histogram, float32 (216,), of length 1.

    A rim is half cloth, and a small ball is mostly rim: colours that lie around the mask as well count for less.
    The product of two is their Bhattacharyya coefficient, 0 (nothing in common) to 1 (equal).
    """
    box = rle.bbox(mask)
    if box is None:
        return np.zeros(_BINS**3, np.float32)
    x0, y0, x1, y1 = map(int, box)
    side = max(x1 - x0, y1 - y0) // 2
    high, wide = mask.size
    wider = max(0, x0 - side), max(0, y0 - side), min(wide, x1 + side), min(high, y1 + side)
    pixels = rgb[wider[1] : wider[3], wider[0] : wider[2]]
    inside = rle.decode_crop(mask, wider)
    own, around = _histogram(pixels[inside]), _histogram(pixels[~inside])
    return _unit(np.sqrt(own * own / (own + around + _NONE)))


class Palette:
    """The colours of the masks of one picture, each computed once."""

    def __init__(self, rgb: Image) -> None:
        """Take a picture, uint8 (H, W, 3)."""
        self._rgb = rgb
        self._known: dict[RLE, Colours] = {}

    def of(self, mask: RLE) -> Colours:
        """Return the colours under a mask."""
        if mask not in self._known:
            self._known[mask] = colours_of(self._rgb, mask)
        return self._known[mask]

    def note(self, mask: RLE, colours: Colours) -> None:
        """Take over what is known already of a mask where the picture has not changed."""
        self._known[mask] = colours


def _histogram(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a smoothed RGB histogram, float32 (216,), of sum 1, of pixels uint8 (n, 3)."""
    counted = np.bincount(_bins(pixels), minlength=_BINS**3).reshape(_BINS, _BINS, _BINS)
    smooth = counted.astype(np.float32) / max(1, len(pixels))
    for _axis in range(3):  # light and blur move a colour to the next bin
        padded = np.concatenate([smooth[:1], smooth, smooth[-1:]])
        mixed = 0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:]
        smooth = np.moveaxis(mixed, 0, 2)  # the next axis comes to the front, after three the first
    return np.asarray(smooth.ravel(), np.float32)


def tell(pixels: NDArray[np.uint8], colours: Colours) -> NDArray[np.float32]:
    """Return how often a ball shows the colour of each pixel, float32 (...), of pixels uint8 (..., 3)."""
    shown: NDArray[np.float32] = np.square(colours)[_bins(pixels)]
    return shown


def likeness(a: Colours, b: Colours) -> float:
    """Return how much two have in common, 0..1."""
    return float(a @ b)


def mix(known: Colours | None, new: Colours, *, afresh: bool) -> Colours:
    """Return what a ball is known to look like after it was seen once more."""
    if known is None or afresh:
        return new
    if likeness(known, new) < 0.5:  # half hidden, or smeared: not what it looks like
        return known
    return _unit(_KEEP * known + (1 - _KEEP) * new)


def strangers(
    seen: Mapping[int, tuple[Box, Colours]], known: Mapping[int, tuple[Box, Colours]]
) -> set[int]:
    """Return the tracks whose masks show another ball nearby by its colours, or nothing that their ball ever showed.

    Args:
        seen: boxes and colours of the masks of this frame.
        known: boxes where the balls were last seen, and what they are known to look like.
    """
    lost = set()
    for track, (box, colours) in seen.items():
        if track not in known:
            continue
        own = likeness(colours, known[track][1])
        others = [
            likeness(colours, theirs)
            for other, (place, theirs) in known.items()
            if other != track and _near(box, place)
        ]
        if own < _NOTHING or max(others, default=0.0) > own + _MARGIN:
            lost.add(track)
    return lost


def _bins(pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the bin of the histogram for each pixel, int64 (...), of pixels uint8 (..., 3)."""
    parts = np.minimum(pixels.astype(np.int64) * _BINS // 256, _BINS - 1)
    flat: NDArray[np.int64] = (parts[..., 0] * _BINS + parts[..., 1]) * _BINS + parts[..., 2]
    return flat


def _near(box: Box, place: Box) -> bool:
    """Return whether a ball that was at ``place`` may be in ``box`` now."""
    (ax, ay), (bx, by) = geometry.center(box), geometry.center(place)
    size = max(geometry.width(place), geometry.height(place))
    return float(np.hypot(ax - bx, ay - by)) < _NEAR * size


def _unit(values: Colours) -> Colours:
    """Return ``values`` scaled to length 1."""
    scaled: Colours = (values / max(float(np.linalg.norm(values)), 1e-9)).astype(np.float32)
    return scaled
