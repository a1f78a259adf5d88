"""Keyframes as Label Studio writes them: frames that count from 1, percents of the picture. The only place where these end; knows no tracks."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.errors import InputError
from engine.types import Clip
from ml_backend.boxes.keyframes import Keyframe

DIGITS = 3
"""Decimals of a percent: a fiftieth of a pixel at 3840 pixels, and few characters."""

_FARTHEST = 1e6
"""Percents, degrees and frames beyond this are a mistake, and no reckoning with them is exact."""


def lost(clip: Clip) -> float:
    """Return by how many pixels rounding moves a side of a box at most."""
    return max(clip.width, clip.height) * 0.005 * float(10**-DIGITS)


def to_percent(key: Keyframe, clip: Clip) -> dict[str, Any]:
    """Return a keyframe as Label Studio has it.

    Both sides of the box lie on the grid of rounded percents: rounding costs none of them more than half a step.
    """
    x0, x1 = (round(100 * x / clip.width, DIGITS) for x in (key.x, key.x + key.width))
    y0, y1 = (round(100 * y / clip.height, DIGITS) for y in (key.y, key.y + key.height))
    return {
        "frame": key.frame + 1,
        "x": x0,
        "y": y0,
        "width": round(x1 - x0, DIGITS),
        "height": round(y1 - y0, DIGITS),
        "rotation": 0,
        "enabled": key.enabled,
        "time": round(float((key.frame + 1) / clip.rate), DIGITS),
    }


def from_percent(id_: str, sequence: object, clip: Clip) -> Iterator[Keyframe]:
    """Yield the keyframes of region ``id_``, in their order.

    Raises:
        InputError: they are not as Label Studio writes them; the message names the region and the keyframe.
    """
    if not isinstance(sequence, list | tuple):
        raise InputError(
            f"region {id_}: expected a list of keyframes as sequence, got {str(sequence)[:80]!r}"
        )
    for place, item in enumerate(sequence):
        yield _keyframe(f"region {id_}, keyframe {place}", item, clip)


def _keyframe(told: str, item: object, clip: Clip) -> Keyframe:
    """Return a keyframe. Label Studio leaves ``rotation`` and ``enabled`` out where nobody touched them."""
    if not isinstance(item, Mapping):
        raise InputError(f"{told}: expected an object, got {str(item)[:80]!r}")
    enabled = item.get("enabled", True)
    if not isinstance(enabled, bool):
        raise InputError(f"{told}: expected enabled to be true or false, got {enabled!r:.80}")
    frame = _number(told, item, "frame")
    if frame != int(frame):
        raise InputError(f"{told}: expected a whole number as frame, got {frame}")
    return Keyframe(
        int(frame) - 1,
        _number(told, item, "x") * clip.width / 100,
        _number(told, item, "y") * clip.height / 100,
        _number(told, item, "width") * clip.width / 100,
        _number(told, item, "height") * clip.height / 100,
        _number(told, {"rotation": 0, **item}, "rotation"),
        enabled,
    )


def _number(told: str, item: Mapping[str, Any], name: str) -> float:
    """Return a number of a keyframe that can be reckoned with."""
    value = item.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _FARTHEST:
        raise InputError(
            f"{told}: expected a number as {name}, got {value!r:.80}; draw the box again"
        )
    return float(value)
