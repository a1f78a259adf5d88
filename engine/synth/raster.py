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
    """What does not move: ``rgb`` uint8 (2H, 2W, 4), the last unused, and ``near`` float32 (2H, 2W), one over depth in 1/m."""

    camera: Camera
    rgb: Picture
    near: Plane


def empty(camera: Camera) -> Stage:
    """Return a black stage of nothing, infinitely far away."""
    shape = (camera.height * SCALE, camera.width * SCALE)
    return Stage(camera, np.zeros((*shape, 4), np.uint8), np.zeros(shape, np.float32))


def paint(stage: Stage, facet: Facet) -> None:
    """Paint ``facet`` where it is nearer than what is there already."""
    camera = stage.camera
    plane = camera.plane(facet.origin, facet.along, facet.across)
    box = _bounds(camera, facet)
    if box is None or abs(np.linalg.det(plane)) < 1e-9:
        return
    x0, y0, x1, y1 = box
    inverse = np.asarray(np.linalg.inv(plane), np.float64)
    near = inverse_depth(inverse, box, SCALE)
    rows, columns = facet.canvas.shape[:2]
    sample = np.array(
        [[1 / SCALE, 0, (x0 + 0.5) / SCALE], [0, 1 / SCALE, (y0 + 0.5) / SCALE], [0, 0, 1]]
    )
    fit = np.array([[columns, 0, -0.5], [0, rows, -0.5], [0, 0, 1.0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpPerspective(
        facet.canvas, fit @ inverse @ sample, (x1 - x0, y1 - y0), flags=flags
    )
    seen = (warped[..., 3] > 127) & (near > stage.near[y0:y1, x0:x1])
    mask = seen.view(np.uint8)
    cv2.copyTo(warped, mask, stage.rgb[y0:y1, x0:x1])
    cv2.copyTo(near, mask, stage.near[y0:y1, x0:x1])


def inverse_depth(inverse: Floats, box: tuple[int, int, int, int], scale: int) -> Plane:
    """Return 1 / depth of a plane at the samples of ``box``, in buffer pixels, as float32 (h, w)."""
    x0, y0, x1, y1 = box
    u = ((np.arange(x0, x1) + 0.5) / scale).astype(np.float32)
    v = ((np.arange(y0, y1) + 0.5) / scale).astype(np.float32)
    a, b, c = (float(k) for k in inverse[2])
    return np.asarray(
        u[None] * np.float32(a) + (v[:, None] * np.float32(b) + np.float32(c)), np.float32
    )


def reduce(stage: Stage) -> Picture:
    """Return the picture at its final size, uint8 (H, W, 3)."""
    size = (stage.camera.width, stage.camera.height)
    small = cv2.resize(stage.rgb, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(small[..., :3])


def _bounds(camera: Camera, facet: Facet) -> tuple[int, int, int, int] | None:
    """Return the buffer pixels that ``facet`` may touch; all of them when it reaches behind the camera."""
    o, a, b = facet.origin, facet.along, facet.across
    pixels, depth = camera.project(np.stack([o, o + a, o + a + b, o + b]))
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
