"""Where a box differs from one that was shown before, as prompts and spans of frames. Knows two ways of a box, not whose they are."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.geometry import clip_to, height, width
from engine.types import Clip, Origin, Prompt
from ml_backend.boxes.keyframes import Shown

_Flags: TypeAlias = NDArray[np.bool_]
_MOVED = 0.5
"""Pixels by which a side moves that somebody moved; less is rounding."""

_LEAST = 1.0
"""Pixels of a side of the smallest box that says where a ball is."""


def prompts(track: int, before: Shown | None, after: Shown, clip: Clip) -> tuple[Prompt, ...]:
    """Return a box for each frame on which somebody said where the ball is, in order.

    They said it at the keyframes where it is shown otherwise than before or was not shown, and where they took a keyframe away; one
    outside the clip speaks for the clip's end that is next to it. Where it is shown on a span of frames as never before, but
    without a keyframe, the first of them speaks for the span.
    """
    off = _off(before, after)
    keys = {*after.keyframes, *(before.keyframes if before else ())}
    inside = {min(max(frame, 0), clip.frames - 1) for frame in keys}
    chosen = {frame for frame in inside if off[frame] > _MOVED}
    chosen |= {span.start for span in spans(np.isinf(off)) if chosen.isdisjoint(span)}
    made = (_prompt(track, frame, after, clip) for frame in sorted(chosen))
    return tuple(prompt for prompt in made if prompt is not None)


def gone(before: Shown, after: Shown) -> tuple[range, ...]:
    """Return the frames on which a box was shown and is not any more."""
    return spans(before.visible & ~after.visible)


def unseen(after: Shown) -> tuple[range, ...]:
    """Return the frames on which a box is not shown once it was; of those before nothing is said."""
    return spans(np.logical_or.accumulate(after.visible) & ~after.visible)


def spans(flags: _Flags) -> tuple[range, ...]:
    """Return the runs of flags that are set."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return tuple(range(start, stop) for start, stop in zip(edges[::2], edges[1::2], strict=True))


def _off(before: Shown | None, after: Shown) -> NDArray[np.float64]:
    """Return by frame how far the side that moved most is from where it was; infinite where nothing was shown, 0 where nothing is."""
    if before is None:
        return np.where(after.visible, np.inf, 0.0)
    far = np.abs(after.boxes - before.boxes).max(1)
    return np.where(after.visible, np.where(before.visible, far, np.inf), 0.0)


def _prompt(track: int, frame: int, after: Shown, clip: Clip) -> Prompt | None:
    """Return the box of a frame inside the picture, None where hardly anything of it is."""
    shown = after.box(frame)
    if shown is None:
        return None
    box = clip_to(shown, width=clip.width, height=clip.height)
    if min(width(box), height(box)) < _LEAST:
        return None
    return Prompt(frame, track, box=box, origin=Origin.PERSON)
