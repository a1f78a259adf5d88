"""Spoils true masks in the ways that models do: lost, moved, swapped, grown, torn. Knows masks, not who looks for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import hypot, pi, sqrt

import numpy as np

from engine import rle
from engine.masklets import replaced, without
from engine.tracks import box_of
from engine.types import RLE, FrameMasks, Mask, TrackMask

Tracks = tuple[int, ...]

LENGTHS = (1, 3, 10)
APART = 12
LEAST = 60  # pixels of a mask worth spoiling: a ball of nine across


@dataclass(frozen=True, slots=True)
class Damage:
    """What was done to some tracks on frames ``start`` up to ``stop``."""

    kind: str
    start: int
    stop: int
    tracks: tuple[int, ...]


def diameter(mask: TrackMask) -> float:
    """Return the diameter in pixels of a disc of the mask's area."""
    return sqrt(rle.area(mask.rle) / pi) * 2


def shifted(mask: RLE, dx: int, dy: int) -> RLE:
    """Return the mask moved by whole pixels; what leaves the picture is lost."""
    grid, (high, wide) = rle.decode(mask), mask.size
    out = np.zeros_like(grid)
    x0, x1, y0, y1 = max(0, dx), min(wide, wide + dx), max(0, dy), min(high, high + dy)
    out[y0:y1, x0:x1] = grid[y0 - dy : y1 - dy, x0 - dx : x1 - dx]
    return rle.encode(out)


def grown(grid: Mask, by: float) -> Mask:
    """Return the mask with everything no further than ``by`` pixels away."""
    out = grid.copy()
    reach = int(by)
    for dx in range(-reach, reach + 1):
        for dy in range(-reach, reach + 1):
            if hypot(dx, dy) <= by:
                out |= np.roll(grid, (dy, dx), (0, 1))
    return out


def _drop(row: FrameMasks, tracks: Tracks) -> FrameMasks:
    return without(row, tracks[:1])


def _with(row: FrameMasks, track: int, mask: RLE) -> FrameMasks:
    """Return the row with another mask for a track; an empty one is no mask."""
    old = row.by_track()
    new = (replace(old[track], rle=mask),) if rle.area(mask) else ()
    return replaced(without(row, [track]), new)


def _shift(row: FrameMasks, tracks: Tracks) -> FrameMasks:
    track = tracks[0]
    mask = row.by_track()[track]
    far = round(diameter(mask) / 2)
    dx, dy = ((far, 0), (-far, 0), (0, far), (0, -far))[track % 4]
    return _with(row, track, shifted(mask.rle, dx, dy))


def _nudge(row: FrameMasks, tracks: Tracks) -> FrameMasks:
    mask = row.by_track()[tracks[0]]
    return _with(row, tracks[0], shifted(mask.rle, max(1, round(diameter(mask) / 4)), 0))


def _swap(row: FrameMasks, tracks: Tracks) -> FrameMasks:
    other = dict(zip(tracks, tracks[::-1], strict=True))
    return FrameMasks(
        row.frame, tuple(replace(m, track=other.get(m.track, m.track)) for m in row.masks)
    )


def _grow(row: FrameMasks, tracks: Tracks) -> FrameMasks:
    mask = row.by_track()[tracks[0]]
    return _with(
        row, tracks[0], rle.encode(grown(rle.decode(mask.rle), max(1, diameter(mask) / 4)))
    )


def _shrink(row: FrameMasks, tracks: Tracks) -> FrameMasks:
    mask = row.by_track()[tracks[0]]
    return _with(
        row, tracks[0], rle.encode(~grown(~rle.decode(mask.rle), max(1, diameter(mask) / 4)))
    )


def _split(row: FrameMasks, tracks: Tracks) -> FrameMasks:
    mask = row.by_track()[tracks[0]]
    x0, _, x1, _ = (int(side) for side in box_of(mask.rle))
    grid, third = rle.decode(mask.rle), max(1, (x1 - x0) // 4)
    grid[:, (x0 + x1 - third) // 2 : (x0 + x1 - third) // 2 + third] = False
    return _with(row, tracks[0], rle.encode(grid))


def _hole(row: FrameMasks, tracks: Tracks) -> FrameMasks:
    mask = row.by_track()[tracks[0]]
    grid = rle.decode(mask.rle)
    inner = ~grown(~grid, diameter(mask) * 0.3)
    return _with(row, tracks[0], rle.encode(grid & ~inner))


def _glue(row: FrameMasks, tracks: Tracks) -> FrameMasks:
    masks = row.by_track()
    if not masks.keys() >= set(tracks):
        return row
    return without(_with(row, tracks[0], rle.merge([masks[t].rle for t in tracks])), tracks[1:])


def _double(row: FrameMasks, tracks: Tracks) -> FrameMasks:
    masks = row.by_track()
    return _with(row, tracks[1], masks[tracks[0]].rle) if tracks[1] in masks else row


Spoil = Callable[[FrameMasks, Tracks], FrameMasks]
DAMAGES: dict[str, Spoil] = {
    "drop": _drop,
    "shift": _shift,
    "nudge": _nudge,
    "swap": _swap,
    "grow": _grow,
    "shrink": _shrink,
    "split": _split,
    "hole": _hole,
    "glue": _glue,
    "double": _double,
}
"""Each spoils one row. "shift" is by half a ball, "nudge" by a quarter; growing and shrinking by a quarter on each side."""
STICK = "stick"
"""The mask stays where it was while the ball rolls on."""
KINDS = (*DAMAGES, STICK)
PAIRED = ("swap", "glue", "double")


def damaged(
    rows: Sequence[FrameMasks], rng: np.random.Generator, *, places: int
) -> tuple[tuple[FrameMasks, ...], tuple[Damage, ...]]:
    """Return the rows with about ``places`` damages, apart from each other, and what they are."""
    out, done = list(rows), list[Damage]()
    for _ in range(8 * places):
        if len(done) == places:
            break
        plan = _planned(rows, rng)
        if plan is None or any(_meets(plan, other) for other in done):
            continue
        before = out[plan.start - 1]
        spoilt = [_spoilt(row, plan, before) for row in out[plan.start : plan.stop]]
        last = out[plan.stop - 1] if plan.kind == STICK else out[plan.start]
        new = spoilt[-1] if plan.kind == STICK else spoilt[0]
        if any(_differs(last, new, track) for track in plan.tracks):
            out[plan.start : plan.stop] = spoilt
            done.append(plan)
    return tuple(out), tuple(done)


def _spoilt(row: FrameMasks, plan: Damage, before: FrameMasks) -> FrameMasks:
    """Return the row damaged, where the ball is visible at all; ``before`` is the last one that was right."""
    seen, old = plan.tracks[0] in row.by_track(), before.by_track().get(plan.tracks[0])
    if plan.kind == STICK:
        return _with(row, plan.tracks[0], old.rle) if seen and old is not None else row
    return DAMAGES[plan.kind](row, plan.tracks) if seen else row


def _differs(before: FrameMasks, after: FrameMasks, track: int) -> bool:
    """Tell whether a damage is one: a hole in a crescent, or a swap of nothing, changes no pixel."""
    old, new = before.by_track().get(track), after.by_track().get(track)
    return old is None or new is None or rle.iou(old.rle, new.rle) < 0.95


def _planned(rows: Sequence[FrameMasks], rng: np.random.Generator) -> Damage | None:
    """Draw a kind, a place in the middle of the clip, and a ball that is whole there, with its nearest neighbour."""
    kind = str(rng.choice(KINDS))
    start = int(rng.integers(5, len(rows) - 15))
    length = len(rows) - start if kind == "swap" else int(rng.choice(LENGTHS))
    masks = rows[start].by_track()
    if len(masks) < 2:
        return None
    track = int(rng.choice(sorted(masks)))
    if rle.area(masks[track].rle) < LEAST:
        return None
    near = min((t for t in masks if t != track), key=lambda t: _far(masks[t], masks[track]))
    tracks = (track, near) if kind in PAIRED else (track,)
    return Damage(kind, start, start + length, tracks)


def _far(a: TrackMask, b: TrackMask) -> float:
    p, q = box_of(a.rle), box_of(b.rle)
    return hypot(p[0] + p[2] - q[0] - q[2], p[1] + p[3] - q[1] - q[3])


def _meets(a: Damage, b: Damage) -> bool:
    """Tell whether two damages touch the same balls at about the same time."""
    near = a.start < b.stop + APART and b.start < a.stop + APART
    return near and bool(set(a.tracks) & set(b.tracks))
