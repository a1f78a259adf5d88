"""Paints flat textured pieces into a picture with a depth buffer. Knows no billiards.

The buffers are twice the picture in each direction, which smooths edges when they are reduced.
"""

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.synth.camera import Camera, Floats

SCALE = 2
BAND = 256
"""Rows of a buffer that are bent at a time."""

Picture: TypeAlias = NDArray[np.uint8]
Plane: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Facet:
    """A parallelogram in the world showing ``canvas`` uint8 (h, w, 4), RGB and coverage (0 or 255).

    The canvas' top left corner lies at ``origin``, its columns run along ``along``, its rows along ``across``.
    """

    origin: Floats
    along: Floats
    across: Floats
    canvas: Picture


@dataclass(frozen=True, slots=True)
class Stage:
    """What does not move: ``rgb`` uint8 (2H, 2W, 4), the last unused, and ``near`` float32 (2H, 2W), one over depth in 1/m.

    ``ideal`` are the columns and rows (2H, 2W), in pixels, where a straight lens would show what is seen at each sample.
    """

    camera: Camera
    rgb: Picture
    near: Plane
    ideal: tuple[Plane, Plane] | None = None


def empty(camera: Camera, ideal: tuple[Plane, Plane] | None = None) -> Stage:
    """Return a black stage of nothing, infinitely far away; ``ideal`` saves working the lens out again."""
    shape = (camera.height * SCALE, camera.width * SCALE)
    if ideal is None and not camera.lens.straight:
        ideal = _ideal(camera)
    return Stage(camera, np.zeros((*shape, 4), np.uint8), np.zeros(shape, np.float32), ideal)


def _ideal(camera: Camera) -> tuple[Plane, Plane]:
    """Return ``Stage.ideal``, worked out band by band to save memory."""
    shape = (camera.height * SCALE, camera.width * SCALE)
    columns, rows = np.empty(shape, np.float32), np.empty(shape, np.float32)
    across = (np.arange(shape[1]) + 0.5) / SCALE
    for top in range(0, shape[0], BAND):
        band = slice(top, min(top + BAND, shape[0]))
        x, y = camera.rays(across, (np.arange(band.start, band.stop) + 0.5) / SCALE)
        columns[band] = x * camera.focal + camera.width / 2
        rows[band] = y * camera.focal + camera.height / 2
    return columns, rows


def paint(stage: Stage, facet: Facet) -> None:
    """Paint ``facet`` where it is nearer than what is there already."""
    camera = stage.camera
    plane = camera.plane(facet.origin, facet.along, facet.across)
    box = _bounds(camera, facet)
    if box is None or abs(np.linalg.det(plane)) < 1e-9:
        return
    x0, y0, x1, y1 = box
    inverse = np.asarray(np.linalg.inv(plane), np.float64)
    if stage.ideal is not None:
        for top in range(y0, y1, BAND):
            _paint_bent(stage, facet, inverse, (x0, top, x1, min(top + BAND, y1)), stage.ideal)
        return
    near = inverse_depth(inverse, *sample_centres(box, SCALE))
    rows, columns = facet.canvas.shape[:2]
    sample = np.array(
        [[1 / SCALE, 0, (x0 + 0.5) / SCALE], [0, 1 / SCALE, (y0 + 0.5) / SCALE], [0, 0, 1]]
    )
    fit = np.array([[columns, 0, -0.5], [0, rows, -0.5], [0, 0, 1.0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpPerspective(
        facet.canvas, fit @ inverse @ sample, (x1 - x0, y1 - y0), flags=flags
    )
    _lay(stage, np.asarray(warped, np.uint8), near, box)


def _paint_bent(
    stage: Stage,
    facet: Facet,
    inverse: Floats,
    box: tuple[int, int, int, int],
    ideal: tuple[Plane, Plane],
) -> None:
    """Paint the part of ``facet`` within ``box`` through a lens that bends straight lines."""
    x0, y0, x1, y1 = box
    u, v = ideal[0][y0:y1, x0:x1], ideal[1][y0:y1, x0:x1]
    near = inverse_depth(inverse, u, v)
    far = 1 / np.maximum(near, np.float32(1e-6))  # what is behind the camera loses in depth below
    columns_at, rows_at = (
        np.clip(_row(inverse[k], u, v) * far * np.float32(count) - np.float32(0.5), -9, 30000)
        for k, count in enumerate(facet.canvas.shape[1::-1])
    )
    warped = cv2.remap(facet.canvas, columns_at, rows_at, cv2.INTER_LINEAR)
    _lay(stage, np.asarray(warped, np.uint8), near, box)


def _lay(stage: Stage, warped: Picture, near: Plane, box: tuple[int, int, int, int]) -> None:
    """Copy what of ``warped`` is covered and nearer than what is there already."""
    x0, y0, x1, y1 = box
    seen = (warped[..., 3] > 127) & (near > stage.near[y0:y1, x0:x1])
    mask = seen.view(np.uint8)
    cv2.copyTo(warped, mask, stage.rgb[y0:y1, x0:x1])
    cv2.copyTo(near, mask, stage.near[y0:y1, x0:x1])


def sample_centres(box: tuple[int, int, int, int], scale: int) -> tuple[Plane, Plane]:
    """Return columns (1, w) and rows (h, 1), in pixels, of the samples of ``box``, given in buffer pixels."""
    x0, y0, x1, y1 = box
    u = ((np.arange(x0, x1) + 0.5) / scale).astype(np.float32)
    v = ((np.arange(y0, y1) + 0.5) / scale).astype(np.float32)
    return u[None], v[:, None]


def inverse_depth(inverse: Floats, u: Plane, v: Plane) -> Plane:
    """Return 1 / depth of a plane at ideal pixels ``u``, ``v``, as float32 (h, w)."""
    return _row(inverse[2], u, v)


def _row(row: Floats, u: Plane, v: Plane) -> Plane:
    a, b, c = (np.float32(k) for k in row)
    return np.asarray(u * a + (v * b + c), np.float32)


def reduce(stage: Stage) -> Picture:
    """Return the picture at its final size, uint8 (H, W, 3)."""
    size = (stage.camera.width, stage.camera.height)
    small = cv2.resize(stage.rgb, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(small[..., :3])


def _bounds(camera: Camera, facet: Facet) -> tuple[int, int, int, int] | None:
    """Return the buffer pixels that ``facet`` may touch; all of them when it reaches behind the camera."""
    o, a, b = facet.origin, facet.along, facet.across
    corners = np.stack([o, o + a, o + a + b, o + b])
    if not camera.lens.straight:
        share = np.linspace(0, 1, 48, endpoint=False)[:, None, None]
        corners = (corners + share * (np.roll(corners, -1, axis=0) - corners)).reshape(-1, 3)
    pixels, depth = camera.project(corners)
    width, height = camera.width * SCALE, camera.height * SCALE
    if depth.max() <= 0.01:
        return None
    if depth.min() <= 0.01:
        return 0, 0, width, height
    low = np.clip(np.floor(pixels.min(axis=0) * SCALE) - 1, 0, (width, height)).astype(int)
    high = np.clip(np.ceil(pixels.max(axis=0) * SCALE) + 1, 0, (width, height)).astype(int)
    if (high <= low).any():
        return None
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])
