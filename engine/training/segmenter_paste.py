"""Makes hard cases of easy windows: things in front of a ball, a ball taken away, a double beside it, two colours.

Works in place on one window in the picture's own pixels, labels with it; knows no time, no files and no network.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, pi, sin
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from engine import geometry, rle
from engine.models.windows import View, piece
from engine.training.segmenter_films import Ball
from engine.types import Box, Image

Plane: TypeAlias = NDArray[np.float32]
OWN, OTHER = 1, 2
Colour: TypeAlias = tuple[int, int, int]
_STRONG: tuple[Colour, ...] = (
    (200, 30, 30), (230, 180, 20), (30, 50, 160), (90, 30, 110), (230, 110, 20), (20, 110, 60), (110, 20, 40),
    (25, 25, 28),
)  # fmt: skip
_SKIN_AND_CLOTH: tuple[Colour, ...] = (
    (205, 160, 130), (150, 100, 75), (90, 60, 45), (235, 235, 235), (25, 25, 30), (40, 50, 90),
    (120, 30, 35), (200, 165, 110), (110, 70, 40),
)  # fmt: skip


@dataclass(slots=True)
class Canvas:
    """A window: ``pixels`` uint8 (n, n, 3) and ``labels`` uint8 (n, n), 1 the ball, 2 others, at ``view``."""

    pixels: Image
    labels: NDArray[np.uint8]
    view: View

    def grid(self) -> tuple[Plane, Plane]:
        """Return x and y of the middle of every pixel in the picture, float32 (1, n) and (n, 1)."""
        side = np.arange(len(self.labels), dtype=np.float32) + 0.5
        return (side + self.view[0])[None], (side + self.view[1])[:, None]

    def mix(self, colours: NDArray[np.float32], share: Plane) -> None:
        """Put ``colours``, (n, n, 3), over the pixels with ``share``, (n, n), 0..1."""
        part = share[..., None]
        mixed = self.pixels * (1 - part) + colours * part
        self.pixels = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)


def canvas(rgb: Image, balls: Mapping[int, Ball], track: int, view: View) -> Canvas:
    """Cut a window with its labels; where masks overlap the later track is seen."""
    labels = np.zeros((view[3] - view[1], view[2] - view[0]), np.uint8)
    for key, ball in balls.items():
        high, wide = ball.mask.size
        x0, y0 = max(0, view[0], int(ball.box[0])), max(0, view[1], int(ball.box[1]))
        x1, y1 = min(wide, view[2], int(ball.box[2])), min(high, view[3], int(ball.box[3]))
        if x0 < x1 and y0 < y1:
            part = rle.decode_crop(ball.mask, (x0, y0, x1, y1))
            region = labels[y0 - view[1] : y1 - view[1], x0 - view[0] : x1 - view[0]]
            region[part] = OWN if key == track else OTHER
    return Canvas(piece(rgb, view).copy(), labels, view)


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that passes in front of a ball: a bar (arm, cue) or a blob (hand), in sizes of the ball.

    ``aside`` is how far its middle lies from the ball's, ``drift`` how far that moves from frame to frame.
    ``patch`` is how far away in the picture its colours are taken, None for ``colour``.
    """

    bar: bool
    angle: float
    width: float
    aside: float
    drift: float
    reach: float
    colour: Colour
    patch: tuple[float, float] | None
    seed: int

    @classmethod
    def draw(cls, dice: random.Random, *, hiding: bool) -> "Thing":
        """Draw a thing that hides the ball, or only brushes it."""
        width = dice.uniform(1.3, 2.6) if hiding else dice.uniform(0.12, 0.7)
        away = dice.uniform(2, 5), dice.uniform(0, 2 * pi)
        return cls(
            dice.random() < 0.65,
            dice.uniform(0, 2 * pi),
            width,
            dice.gauss(0, 0.1 if hiding else 0.35),
            dice.gauss(0, 0.05 if hiding else 0.2),
            dice.choice([1e6, 1e6, dice.uniform(0.6, 2.0)]) if hiding else dice.uniform(-0.2, 2.0),
            dice.choice(_SKIN_AND_CLOTH),
            away if dice.random() < 0.3 else None,
            dice.randrange(1 << 30),
        )


def cover(on: Canvas, spot: Box, thing: Thing, *, step: int, rgb: Image) -> None:
    """Put a thing in front of the ball in ``spot``; what it hides is no ball any more."""
    share = _shape(on, spot, thing, step)
    on.mix(_stuff(on, spot, thing, rgb), share)
    on.labels[share > 0.5] = 0


def take_away(on: Canvas, spot: Box, *, reach: float) -> None:
    """Put cloth in the place of the ball, its rim and its shadow as far as ``reach`` sizes of the ball."""
    gone = on.labels == OWN
    if not gone.any():
        return
    size = max(geometry.width(spot), geometry.height(spot))
    grown = _grown(gone, reach * size) & (on.labels != OTHER)
    on.mix(_cloth(on, grown, size), _soft(grown, 0.06 * size) * (on.labels != OTHER))
    on.labels[gone] = 0


@dataclass(frozen=True, slots=True)
class Sprite:
    """A ball cut out: ``pixels`` uint8 (h, w, 3) and ``mask`` bool (h, w)."""

    pixels: Image
    mask: NDArray[np.bool_]


def sprite(rgb: Image, ball: Ball) -> Sprite:
    """Cut a ball out of a picture."""
    x0, y0, x1, y1 = (int(edge) for edge in ball.box)
    return Sprite(rgb[y0:y1, x0:x1].copy(), rle.decode_crop(ball.mask, (x0, y0, x1, y1)))


def add_double(on: Canvas, double: Sprite, x: float, y: float, *, over: bool) -> None:
    """Put another ball with its middle at (x, y) of the picture, in front of the ball or behind it."""
    high, wide = double.mask.shape
    left, top = round(x - wide / 2) - on.view[0], round(y - high / 2) - on.view[1]
    side = len(on.labels)
    x0, y0, x1, y1 = max(0, left), max(0, top), min(side, left + wide), min(side, top + high)
    if x0 >= x1 or y0 >= y1:
        return
    inner = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
    share = np.zeros((side, side), np.float32)
    share[y0:y1, x0:x1] = _soft(double.mask, 0.7)[inner] * double.mask[inner]
    if not over:
        share[on.labels == OWN] = 0
    colours = np.zeros((side, side, 3), np.float32)
    colours[y0:y1, x0:x1] = double.pixels[inner]
    on.mix(colours, share)
    on.labels[share > 0.4] = OTHER


@dataclass(frozen=True, slots=True)
class Paint:
    """Two colours for a ball: a band or a cap of ``colour`` at ``angle`` that turns, the rest ``ground`` or as it is."""

    band: bool
    angle: float
    turn: float
    width: float
    colour: Colour
    ground: Colour | None

    @classmethod
    def draw(cls, dice: random.Random) -> "Paint":
        """Draw a manner of painting."""
        light = (dice.randint(215, 250), dice.randint(210, 245), dice.randint(190, 235))
        strong = dice.choice(_STRONG)
        ground = dice.choice([None, light, light, strong])
        return cls(
            dice.random() < 0.6,
            dice.uniform(0, 2 * pi),
            dice.gauss(0, 0.5),
            dice.uniform(0.3, 0.7),
            light if ground is strong else strong,
            ground,
        )


def repaint(on: Canvas, spot: Box, paint: Paint, *, step: int) -> None:
    """Give the ball in ``spot`` its two colours, light and shadow kept."""
    own = on.labels == OWN
    if own.sum() < 12:
        return
    size, angle = max(geometry.width(spot), geometry.height(spot)), paint.angle + paint.turn * step
    x, y = on.grid()
    middle = geometry.center(spot)
    across = ((x - middle[0]) * cos(angle) + (y - middle[1]) * sin(angle)) / size
    edge = (paint.width / 2 - np.abs(across)) if paint.band else (across - (0.3 - paint.width / 2))
    share = np.clip(edge * size + 0.5, 0, 1).astype(np.float32)
    light = on.pixels.mean(2)
    lit = np.clip(light / max(12.0, float(np.median(light[own]))), 0.25, 1.6)[..., None]
    ground = on.pixels if paint.ground is None else lit * np.array(paint.ground)
    colours = ground * (1 - share[..., None]) + lit * np.array(paint.colour) * share[..., None]
    on.mix(colours.astype(np.float32), _soft(own, 0.7) * own)


def _shape(on: Canvas, spot: Box, thing: Thing, step: int) -> Plane:
    """Return how much of each pixel a thing hides."""
    size = max(geometry.width(spot), geometry.height(spot))
    (x, y), middle = on.grid(), geometry.center(spot)
    dx, dy = (x - middle[0]) / size, (y - middle[1]) / size
    along = dx * cos(thing.angle) + dy * sin(thing.angle)
    across = -dx * sin(thing.angle) + dy * cos(thing.angle) - thing.aside - thing.drift * step
    if thing.bar:
        inside = np.minimum(thing.width / 2 - np.abs(across), thing.reach - along)
    else:
        bearing = np.arctan2(across, along)
        wavy = 1 + 0.15 * np.sin(3 * bearing + thing.seed % 7) + 0.1 * np.sin(5 * bearing)
        inside = thing.width / 2 * wavy - np.hypot(along / 1.3, across)
    return np.clip(inside * size / 1.5 + 0.5, 0, 1).astype(np.float32)


def _stuff(on: Canvas, spot: Box, thing: Thing, rgb: Image) -> NDArray[np.float32]:
    """Return the pixels of a thing, float32 (n, n, 3): of another place in the picture, or of one colour in folds."""
    side = len(on.labels)
    if thing.patch is not None:
        far = thing.patch[0] * max(geometry.width(spot), geometry.height(spot))
        dx, dy = round(far * cos(thing.patch[1])), round(far * sin(thing.patch[1]))
        x0, y0, x1, y1 = on.view
        return piece(rgb, (x0 + dx, y0 + dy, x1 + dx, y1 + dy)).astype(np.float32)
    grain = np.random.default_rng(thing.seed)
    folds = cv2.resize(
        grain.normal(1, 0.18, (5, 5)).astype(np.float32),
        (side, side),
        interpolation=cv2.INTER_CUBIC,
    )
    noise = np.random.default_rng(thing.seed + 1).normal(0, 4, (side, side, 1))
    made: NDArray[np.float32] = (folds[..., None] * np.array(thing.colour) + noise).astype(
        np.float32
    )
    return made


def _cloth(on: Canvas, hole: NDArray[np.bool_], size: float) -> NDArray[np.float32]:
    """Return pixels for a hole: those beside it where no ball lies, else what its rim suggests."""
    side = len(on.labels)
    rows, columns = np.nonzero(hole)
    for far in (1.3, 1.8, 2.4):
        for turn in range(8):
            dy, dx = round(far * size * sin(turn * pi / 4)), round(far * size * cos(turn * pi / 4))
            y, x = rows + dy, columns + dx
            if y.min() < 0 or x.min() < 0 or y.max() >= side or x.max() >= side:
                continue
            if not on.labels[y, x].any():
                filled = on.pixels.astype(np.float32)
                filled[rows, columns] = on.pixels[y, x]
                return filled
    return cv2.inpaint(on.pixels, hole.astype(np.uint8), 3, cv2.INPAINT_TELEA).astype(np.float32)


def _grown(mask: NDArray[np.bool_], by: float) -> NDArray[np.bool_]:
    """Return a mask that reaches ``by`` pixels further."""
    reach = 2 * max(1, round(by)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    return cv2.dilate(mask.astype(np.uint8), kernel) > 0


def _soft(mask: NDArray[np.bool_], spread: float) -> Plane:
    """Return a mask with a soft rim, float32 0..1."""
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), max(0.4, spread))
    return soft.astype(np.float32, copy=False)


def widened(labels: NDArray[np.uint8], room: float) -> NDArray[np.uint8]:
    """Return labels uint8 (S, S) whose own ball reaches ``room`` pixels further, or less far where it is below 0.

    Another ball keeps its pixels. Nothing is left of a ball that is thinner than what is taken off.
    """
    if abs(room) < 0.25 or not (labels == OWN).any():
        return labels
    inside = (labels == OWN).astype(np.uint8)
    wide = labels.copy()
    if room > 0:
        far = cv2.distanceTransform(1 - inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        wide[(far - 0.5 < room) & (labels == 0)] = OWN  # distances are between middles of pixels
    else:
        deep = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        wide[(inside == 1) & (deep - 0.5 < -room)] = 0
    return wide
