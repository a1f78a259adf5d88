"""Finds the right window for a ball of which only clicks are known, and what is drawn in it; knows no track's past.

A click says where a ball is and not how big. Where a mask was there before, its window is tried first. Else, or where it
does not fit, the ball is drawn in windows of several sizes, and again in one that fits the
mask which suits its window best, unless that is about the one in which it was drawn.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, pi
from typing import Any

from engine import geometry, rle
from engine.adapters.sam2 import sighting, views
from engine.adapters.sam2.encoding import Encoder
from engine.adapters.sam2.sighting import Sighting, Want
from engine.asking import Ask
from engine.models.windows import View, window
from engine.types import Box, Image, Point

_SCALES = (0.5, 1.0, 2.0)
_ALIKE = 0.04  # of a window's side, by which edges may differ
_FULL = 0.8  # of a disc as wide as the mask is long, that a whole ball fills
_ROUNDS = 2  # windows that are fitted, each to what was drawn in the one before


@dataclass(frozen=True, slots=True)
class Guess:
    """A box where the ball may be, what was asked, and the box of the mask that was there before, if one was."""

    box: Box
    ask: Ask
    before: Box | None = None


@dataclass(frozen=True, slots=True)
class Fitted:
    """The window that fits, and what was drawn in it; None where nothing was drawn in it yet."""

    look: View
    seen: Sighting | None = None


@dataclass(frozen=True, slots=True)
class Fitter:
    """Draws in windows: the network, the picture, uint8 (H, W, 3), and how windows and masks are made.

    ``context`` is the side of a window in diameters of its ball, ``edge`` the mask logit at which masks end; the
    ``encoder`` knows windows again that it has seen.
    """

    model: Any
    rgb: Image
    context: float
    edge: float = 0.0
    encoder: Encoder | None = None

    def draw(self, wanted: Sequence[Want]) -> list[Sighting]:
        """Return a sighting for each want."""
        return sighting.draw(self.model, self.rgb, wanted, edge=self.edge, encoder=self.encoder)

    def window(self, box: Box) -> View:
        """Return the window around a ball's box."""
        return window(box, context=self.context)


def fit(fitter: Fitter, guesses: Mapping[int, Guess]) -> dict[int, Fitted]:
    """Return for each track the window that fits the ball under its clicks."""
    wanted = [
        Want(track, fitter.window(guess.before), None, guess.ask)
        for track, guess in guesses.items()
        if guess.before is not None and _about(guess.before, guess.ask, fitter)
    ]
    fitted = _closer(fitter, wanted, doubted=True)
    rest = {track: guess for track, guess in guesses.items() if track not in fitted}
    wanted = [
        Want(track, fitter.window(geometry.scale(guess.box, factor)), None, guess.ask)
        for track, guess in rest.items()
        for factor in _SCALES
    ]
    blind = {track: Fitted(fitter.window(guess.box)) for track, guess in rest.items()}
    return fitted | blind | _closer(fitter, wanted)


def _closer(fitter: Fitter, wanted: Sequence[Want], *, doubted: bool = False) -> dict[int, Fitted]:
    """Return windows fitted to what is drawn in those that are wanted; a ``doubted`` one only where it shows a whole ball."""
    fitted: dict[int, Fitted] = {}
    for _ in range(_ROUNDS):
        best = _best(fitter.draw(wanted), fitter.context)
        if doubted:
            best = {track: one for track, one in best.items() if _round(one)}
            fitted = {t: one for t, one in fitted.items() if one.seen is not None or t in best}
        looks = {track: _around(one, fitter.context) for track, one in best.items()}
        fits = {track for track, one in best.items() if looks[track] == one.want.look}
        fitted |= {t: Fitted(looks[t], one if t in fits else None) for t, one in best.items()}
        wanted = [
            Want(track, looks[track], None, one.want.ask)
            for track, one in best.items()
            if track not in fits
        ]
    return fitted


def _about(before: Box, ask: Ask, fitter: Fitter) -> bool:
    """Return whether clicks are about the mask that was there before: those that are wanted lie in its box."""
    look = fitter.window(before)
    return all(_in(before if p.positive else look, p) for p in ask.points)


def _in(box: Box | View, point: Point) -> bool:
    return box[0] <= point.x < box[2] and box[1] <= point.y < box[3]


def _round(one: Sighting) -> bool:
    """Return whether a mask fills the disc around it as one ball does: two that touch, or half of one, do not."""
    box = rle.bbox(one.mask.rle) if one.mask is not None else None
    if one.mask is None or box is None:
        return False
    long = max(geometry.width(box), geometry.height(box))
    return rle.area(one.mask.rle) > _FULL * pi / 4 * long**2


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
