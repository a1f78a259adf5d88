"""The soft dark that balls leave on the cloth: sky kept away and lamps in the way."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.synth.camera import Camera, Floats
from engine.synth.lens import stretch
from engine.synth.light import Lighting
from engine.synth.raster import SCALE, Stage, inverse_depth, sample_centres

Plane: TypeAlias = NDArray[np.float32]


def shadow_patch(
    stage: Stage, lighting: Lighting, centre: Floats, radius: float
) -> tuple[int, int, Plane] | None:
    """Return (x, y, factor): the light left on the cloth around the ball, 0..1 float32 (h, w)."""
    camera = stage.camera
    ground = np.array([centre[0], centre[1], 0.0])
    pixels, depth = camera.project(ground)
    if depth < 4 * radius:
        return None
    reach = camera.focal * radius / float(depth) * 3.6 + 2
    reach *= stretch(camera.lens, camera.reach)
    low = np.clip(np.floor(pixels - reach), 0, (camera.width, camera.height)).astype(int)
    high = np.clip(np.ceil(pixels + reach), 0, (camera.width, camera.height)).astype(int)
    if (high <= low).any():
        return None
    plane = camera.plane(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
    inverse = np.asarray(np.linalg.inv(plane), np.float64)
    box = (int(low[0]), int(low[1]), int(high[0]), int(high[1]))
    x, y, near = _ground(camera, inverse, box)
    factor = _factor(lighting, x, y, centre, radius)
    raised = stage.near[
        box[1] * SCALE : box[3] * SCALE : SCALE, box[0] * SCALE : box[2] * SCALE : SCALE
    ]
    return box[0], box[1], np.where(raised > near * 1.004, np.float32(1), factor).astype(np.float32)


def _ground(
    camera: Camera, inverse: Floats, box: tuple[int, int, int, int]
) -> tuple[Plane, Plane, Plane]:
    """Return where on the cloth the pixels of ``box`` look, x and y in metres, and 1 / depth there."""
    u, v = sample_centres(box, 1)
    if not camera.lens.straight:
        columns, lines = camera.rays(u[0].astype(float), v[:, 0].astype(float))
        u = np.asarray(columns * camera.focal + camera.width / 2, np.float32)
        v = np.asarray(lines * camera.focal + camera.height / 2, np.float32)
    near = inverse_depth(inverse, u, v)
    rows = inverse[:2].astype(np.float32)
    x = (rows[0, 0] * u + rows[0, 1] * v + rows[0, 2]) / near
    y = (rows[1, 0] * u + rows[1, 1] * v + rows[1, 2]) / near
    return x, y, near


def _factor(lighting: Lighting, x: Plane, y: Plane, centre: Floats, radius: float) -> Plane:
    """Return the light left at ground points: analytic for the sky, a soft disc for each lamp."""
    square = ((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / radius**2
    sky = lighting.ambient / (1 + square) ** 1.5
    lamps = np.zeros_like(x)
    power = (
        lighting.weights
        * lighting.lamps[:, 2]
        / ((lighting.lamps - centre) ** 2).sum(axis=1) ** 1.5
    )
    for lamp, share in zip(lighting.lamps, power / power.sum(), strict=True):
        slope = (centre[:2] - lamp[:2]) / (lamp[2] - centre[2])
        lean = float(np.hypot(*slope))
        reach = np.clip(lean, 0, 2.2) / max(lean, 1e-6)
        middle = centre[:2] + slope * reach * centre[2]
        away = np.sqrt((x - middle[0]) ** 2 + (y - middle[1]) ** 2) / radius
        soft = 0.25 + lighting.spread * 2.5
        lamps += share * np.clip((1 + soft - away) / (2 * soft), 0, 1)
    dark = sky + (1 - lighting.ambient) * lamps
    return np.asarray(np.clip(1 - lighting.shadow * dark, 0.02, 1) ** (1 / 2.2), np.float32)
