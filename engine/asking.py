"""What every segmenting session must refuse, and prompts gathered by track; knows no model and draws nothing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine import geometry, rle
from engine.errors import InputError
from engine.types import RLE, Box, Clip, Image, Point, Prompt


@dataclass(frozen=True, slots=True)
class Ask:
    """All that was said about one track on one frame: a box, then clicks; or a mask, then clicks on it.

    ``box`` lies inside the picture, in pixels.
    """

    box: Box | None = None
    points: tuple[Point, ...] = ()
    mask: RLE | None = None


def check_frame(clip: Clip, frame: int, rgb: Image, *, last: int | None, backward: bool) -> None:
    """Refuse a frame that is not ahead of the last one, outside the clip, or of another size.

    Args:
        clip: the clip of the pass.
        frame: number of the frame that is offered.
        rgb: uint8 (H, W, 3).
        last: number of the frame taken before, None at the beginning.
        backward: whether the numbers fall.

    Raises:
        InputError: one of these.
    """
    expected = (clip.height, clip.width, 3)
    if rgb.shape != expected or rgb.dtype != "uint8":
        raise InputError(
            f"frame {frame} of clip {clip.id}: got {rgb.dtype} {rgb.shape}, expected uint8 {expected}"
        )
    if not 0 <= frame < clip.frames:
        raise InputError(f"frame {frame} is outside clip {clip.id} of {clip.frames} frames")
    if last is not None and (frame >= last if backward else frame <= last):
        way = "backward, so give a lower number" if backward else "forward, so give a higher number"
        raise InputError(
            f"frame {frame} came after frame {last}: this session runs {way}, or open another"
        )


def gather(prompts: Sequence[Prompt], *, frame: int, width: int, height: int) -> dict[int, Ask]:
    """Return what was said about each track, in the order of the prompts.

    Prompts of one track add up: the last box counts, clicks collect, a mask replaces everything
    before it. Boxes are cut to the picture of ``width`` x ``height`` pixels.

    Raises:
        InputError: a prompt is of another frame, or outside the picture.
    """
    asks: dict[int, Ask] = {}
    for prompt in prompts:
        if prompt.frame != frame:
            raise InputError(
                f"prompt for track {prompt.track} is of frame {prompt.frame}, not of frame {frame}"
            )
        _check_inside(prompt, width, height)
        asks[prompt.track] = _add(asks.get(prompt.track, Ask()), prompt, width, height)
    return asks


def _add(ask: Ask, prompt: Prompt, width: int, height: int) -> Ask:
    """Return the ask with one more prompt in it."""
    if prompt.mask is not None:
        return Ask(mask=prompt.mask)
    points = ask.points + prompt.points
    if prompt.box is None:
        return replace(ask, points=points)
    return Ask(geometry.clip_to(prompt.box, width=width, height=height), points)


def _check_inside(prompt: Prompt, width: int, height: int) -> None:
    """Refuse boxes, clicks and masks that do not lie on the picture."""
    where = f"prompt for track {prompt.track} on frame {prompt.frame}"
    for point in prompt.points:
        if not (0 <= point.x <= width and 0 <= point.y <= height):
            raise InputError(
                f"{where}: click at ({point.x}, {point.y}) is outside {width} x {height} pixels"
            )
    if prompt.box is not None and not _touches(prompt.box, width, height):
        raise InputError(
            f"{where}: box {prompt.box} has no part inside {width} x {height} pixels; "
            "expected (x0, y0, x1, y1) with x0 < x1 and y0 < y1"
        )
    if prompt.mask is not None and prompt.mask.size != (height, width):
        raise InputError(
            f"{where}: mask of {prompt.mask.size}, the picture is {(height, width)} (height, width)"
        )
    if prompt.mask is not None and rle.area(prompt.mask) == 0:
        raise InputError(f"{where}: the mask is empty; forget the track to say that it is gone")


def _touches(box: Box, width: int, height: int) -> bool:
    """Return whether the box is sound and has an area inside the picture."""
    return (
        all(map(math.isfinite, box))
        and geometry.area(geometry.clip_to(box, width=width, height=height)) > 0
    )
