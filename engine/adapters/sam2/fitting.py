"""Finds the right window for a ball of which only clicks are known; knows no track's past.

A click says where a ball is and not how big. So it is drawn in a window of a guessed size, then in one that fits what
was drawn, until the size settles.
"""

from collections.abc import Mapping
from typing import Any

from engine import geometry, rle
from engine.adapters.sam2 import sighting, views
from engine.adapters.sam2.sighting import Want
from engine.asking import Ask
from engine.models.windows import View, window
from engine.types import Image

_ROUNDS = 3
_SETTLED = 0.12


def fit(
    model: Any, rgb: Image, guesses: Mapping[int, tuple[View, Ask]], *, context: float
) -> dict[int, View]:
    """Return for each track the window that fits the ball under its clicks; the guess where nothing is drawn."""
    fitted = {track: look for track, (look, _) in guesses.items()}
    open_tracks = list(fitted)
    for _ in range(_ROUNDS):
        wants = [Want(track, fitted[track], None, guesses[track][1]) for track in open_tracks]
        open_tracks = []
        for seen in sighting.draw(model, rgb, wants):
            better = _better(seen, context)
            if better is not None:
                fitted[seen.want.track] = better
                open_tracks.append(seen.want.track)
    return fitted


def _better(seen: sighting.Sighting, context: float) -> View | None:
    """Return a window that fits the mask better, or None when this one fits, or would lose a click."""
    box = rle.bbox(seen.mask.rle) if seen.mask is not None else None
    if box is None:
        return None
    view, old = window(box, context=context), seen.want.look
    same = abs((view[2] - view[0]) / (old[2] - old[0]) - 1) < _SETTLED
    (ax, ay), (bx, by) = geometry.center(view), geometry.center(old)
    near = max(abs(ax - bx), abs(ay - by)) < _SETTLED * (old[2] - old[0])
    points = seen.want.ask.points if seen.want.ask else ()
    if (same and near) or not all(views.contains(view, p.x, p.y) for p in points):
        return None
    return view
