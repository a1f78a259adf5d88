"""Where the openings of the six pockets are seen. Knows the drawn stage, no ball.

An opening is what is drawn of the hole: the pixels through which the dark below the table is seen.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.synth.camera import Camera, Floats
from engine.synth.raster import SCALE, Stage
from engine.synth.table import Table


@dataclass(frozen=True, slots=True)
class Opening:
    """One pocket in one frame: middle and box xyxy in pixels; ``visible`` when most of it is seen."""

    x: float
    y: float
    box: tuple[float, float, float, float]
    visible: bool

    @property
    def radius(self) -> float:
        """Return half the longer side of the box."""
        x0, y0, x1, y1 = self.box
        return max(x1 - x0, y1 - y0) / 2


@dataclass(frozen=True, slots=True)
class Hole:
    """One pocket of a stage: its box xyxy and the pixels of it, bool (h, w), whose corner is ``corner`` (x, y)."""

    box: tuple[float, float, float, float]
    corner: tuple[int, int]
    pixels: NDArray[np.bool_]
    inside: bool


def holes(stage: Stage, table: Table) -> list[Hole]:
    """Return the six openings as ``stage`` shows them, or none on a table without pockets."""
    return [_hole(stage, table, spot) for spot in table.pockets()]


def openings(found: list[Hole], hidden: NDArray[np.bool_]) -> tuple[Opening, ...]:
    """Return the openings of a frame in which ``hidden`` bool (H, W) covers the table."""
    return tuple(_opening(hole, hidden) for hole in found)


def _opening(hole: Hole, hidden: NDArray[np.bool_]) -> Opening:
    x0, y0, x1, y1 = hole.box
    left, top = hole.corner
    rows, columns = hole.pixels.shape
    over = hidden[top : top + rows, left : left + columns][hole.pixels]
    visible = hole.inside and over.size > 0 and float(over.mean()) < 0.5
    return Opening((x0 + x1) / 2, (y0 + y1) / 2, hole.box, visible)


def _hole(stage: Stage, table: Table, spot: Floats) -> Hole:
    """Return the pixels around ``spot`` (2,) that show the plane below; unseen where there are too few."""
    camera = stage.camera
    ring = _ring(camera, spot, table.pocket, (0.0, table.top))
    size = (camera.width, camera.height)
    low, high = ring.min(axis=0), ring.max(axis=0)
    wide = (high - low) * 0.4 + 2
    x0, y0 = (int(k) for k in np.clip(np.floor(low - wide), 0, size))
    x1, y1 = (int(k) for k in np.clip(np.ceil(high + wide), 0, size))
    plain = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    if x1 <= x0 or y1 <= y0 or (high - low).max() > max(size):
        return Hole(plain, (0, 0), np.zeros((0, 0), bool), inside=False)
    pixels = _through(stage, table, spot, (x0, y0, x1, y1))
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    flat = _ring(camera, spot, table.pocket, (0.0,))
    area = float(np.prod(flat.max(axis=0) - flat.min(axis=0)))
    if pixels.sum() < max(4.0, 0.15 * area):
        return Hole(plain, (x0, y0), pixels, inside=False)
    box = (
        float(x0 + columns[0]),
        float(y0 + rows[0]),
        float(x0 + columns[-1] + 1),
        float(y0 + rows[-1] + 1),
    )
    middle = flat.mean(axis=0)
    inside = bool((middle > 0).all() and (middle < size).all())
    return Hole(box, (x0, y0), pixels, inside)


def _ring(camera: Camera, spot: Floats, radius: float, heights: tuple[float, ...]) -> Floats:
    """Return the pixels (n, 2) of a circle around ``spot`` at each of ``heights``."""
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    flat = spot + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    rings = [np.concatenate([flat, np.full((24, 1), z)], axis=1) for z in heights]
    pixels, depth = camera.project(np.concatenate(rings))
    return pixels if float(depth.min()) > 0.2 else np.full_like(pixels, -1e6)


def _through(
    stage: Stage, table: Table, spot: Floats, box: tuple[int, int, int, int]
) -> NDArray[np.bool_]:
    """Return which pixels of ``box`` look through the hole at ``spot`` below the cloth, bool (h, w).

    Their rays pass the hole at the height of the cloth or of the rail and end below the cloth.
    """
    camera = stage.camera
    x0, y0, x1, y1 = (k * SCALE for k in box)
    x, y = camera.rays((np.arange(x0, x1) + 0.5) / SCALE, (np.arange(y0, y1) + 0.5) / SCALE)
    flat = np.broadcast_arrays(x, y, np.ones((y1 - y0, x1 - x0)))
    ahead = np.stack(flat, axis=-1) @ camera.rotation
    ends = camera.centre[2] + ahead[..., 2] / np.maximum(stage.near[y0:y1, x0:x1], 1e-6)
    passes = np.zeros(ends.shape, bool)
    for height in (0.0, table.top):
        far = (height - camera.centre[2]) / ahead[..., 2]
        away = camera.centre[:2] + far[..., None] * ahead[..., :2] - spot
        passes |= (far > 0) & ((away**2).sum(axis=-1) < (1.06 * table.pocket) ** 2)
    seen = passes & (ends < -0.004)
    share = seen.reshape(box[3] - box[1], SCALE, box[2] - box[0], SCALE).mean(axis=(1, 3))
    return np.asarray(share >= 0.5)
