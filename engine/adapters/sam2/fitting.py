"""Finds the right window for a ball of which only clicks are known; knows no track's past.

A click says where a ball is and not how big. So it is drawn in windows of several sizes, and again in one that fits the
mask which suits its window best, unless that is about the one in which it was drawn.
"""

from collections.abc import Iterable, Mapping
from math import exp, log
from typing import Any

from engine import geometry, rle
from engine.adapters.sam2 import sighting, views
from engine.adapters.sam2.encoding import Encoder
from engine.adapters.sam2.sighting import Sighting, Want
from engine.asking import Ask
from engine.models.windows import View, window
from engine.types import Box, Image

_SCALES = (0.5, 1.0, 2.0)
_ALIKE = 0.04  # of a window's side, by which edges may differ
_ROUNDS = 2  # windows that are fitted, each to what was drawn in the one before


def fit(
    model: Any,
    rgb: Image,
    guesses: Mapping[int, tuple[Box, Ask]],
    *,
    context: float,
    edge: float = 0.0,
    encoder: Encoder | None = None,
) -> dict[int, View]:
    """Return for each track the window that fits the ball under its clicks.

    Args:
        model: the network.
        rgb: the picture, uint8 (H, W, 3).
        guesses: for each track a box where the ball may be, and what was asked.
        context: side of a window in diameters of its ball.
        edge: the mask logit at which masks end.
        encoder: what knows windows again that it has seen.
    """
    wanted = [
        Want(track, window(geometry.scale(box, factor), context=context), None, ask)
        for track, (box, ask) in guesses.items()
        for factor in _SCALES
    ]
    fitted = {track: window(box, context=context) for track, (box, _) in guesses.items()}
    for _ in range(_ROUNDS):
        best = _best(sighting.draw(model, rgb, wanted, edge=edge, encoder=encoder), context)
        fitted |= {track: _around(one, context) for track, one in best.items()}
        wanted = [
            Want(track, fitted[track], None, one.want.ask)
            for track, one in best.items()
            if fitted[track] != one.want.look
        ]
    return fitted


def _best(seen: Iterable[Sighting], context: float) -> dict[int, Sighting]:
    """Return for each track the sighting whose mask is surest and suits its window best."""
    ranked: dict[int, list[tuple[float, Sighting]]] = {}
    for one in seen:
        ranked.setdefault(one.want.track, []).append((_rank(one, context), one))
    best = {track: max(found, key=_first) for track, found in ranked.items()}
    return {track: one for track, (rank, one) in best.items() if rank > 0}


def _first(pair: tuple[float, Sighting]) -> float:
    """Return the rank of a ranked sighting."""
    return pair[0]


def _rank(one: Sighting, context: float) -> float:
    """Return how well a mask suits its window, 0 where there is none: score, stability and the right size multiply."""
    box = rle.bbox(one.mask.rle) if one.mask is not None else None
    if one.mask is None or box is None:
        return 0.0
    right = (one.want.look[2] - one.want.look[0]) / context
    size = max(geometry.width(box), geometry.height(box))
    return one.mask.score * one.mask.stability * exp(-abs(log(size / right)))


def _around(one: Sighting, context: float) -> View:
    """Return the window around what was drawn, or the one it was drawn in where a click would be lost."""
    box = rle.bbox(one.mask.rle) if one.mask is not None else None
    view = one.want.look if box is None else window(box, context=context)
    if _alike(view, one.want.look):
        return one.want.look
    points = one.want.ask.points if one.want.ask is not None else ()
    return view if all(views.contains(view, p.x, p.y) for p in points) else one.want.look


def _alike(view: View, other: View) -> bool:
    """Return whether two windows are so nearly the same that the model draws the same ball in both."""
    near = _ALIKE * (view[2] - view[0])
    return all(abs(a - b) <= near for a, b in zip(view, other, strict=True))
