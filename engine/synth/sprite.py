"""Renders one ball as the camera sees it: exact sphere, texture, light, occlusion by what stands still."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.synth.balls import Look, albedo
from engine.synth.camera import Camera, Floats
from engine.synth.lens import stretch
from engine.synth.light import Lighting, Samples, to_linear
from engine.synth.raster import SCALE, Stage

Plane: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sprite:
    """A patch of picture.

    At (x, y): ``rgb`` display colours 0..255 times ``alpha``, float32 (h, w, 3);
    ``alpha`` the visible share of each pixel, float32 (h, w); ``depth`` of the centre in metres.
    """

    x: int
    y: int
    rgb: Plane
    alpha: Plane
    depth: float


@dataclass(frozen=True, slots=True)
class Body:
    """One ball in space: ``centre`` metres, ``axes`` (3, 3) columns are its own axes in the world."""

    centre: Floats
    axes: Floats


def render_ball(
    stage: Stage,
    lighting: Lighting,
    look: Look,
    body: Body,
    *,
    radius: float,
    cloth: Floats,
    others: Floats,
) -> Sprite | None:
    """Return the ball's patch, or None outside the picture. ``cloth`` is linear, ``others`` (n, 3) centres."""
    camera = stage.camera
    seen = camera.to_camera(body.centre)
    if seen[2] < 4 * radius:
        return None
    pixels, _ = camera.project(body.centre)
    reach = _reach(camera, seen, radius)
    low = np.clip(np.floor(pixels - reach), 0, (camera.width, camera.height)).astype(int)
    high = np.clip(np.ceil(pixels + reach), 0, (camera.width, camera.height)).astype(int)
    if (high <= low).any():
        return None
    fine = 2 if camera.focal * radius / seen[2] * 1.2 + 2 < 14 else 1
    hits, points = _hit(stage, seen, radius, (low, high), fine)
    step = SCALE * fine
    rows, columns = (high[1] - low[1]) * step, (high[0] - low[0]) * step
    light = np.zeros((rows * columns, 3), np.float32)
    if len(hits):
        rotation = camera.rotation.astype(np.float32)
        normals = np.asarray(
            ((points - seen.astype(np.float32)) / np.float32(radius)) @ rotation, np.float32
        )
        away = points @ rotation
        away /= np.linalg.norm(away, axis=1, keepdims=True)
        turned = np.asarray(normals @ body.axes.astype(np.float32), np.float32)
        paint = albedo(look, turned)
        light[hits] = shade(
            lighting, paint, normals, away, body.centre, radius=radius, cloth=cloth, others=others
        )
    cover = np.zeros(rows * columns, np.float32)
    cover[hits] = 1
    blocks = (high[1] - low[1], step, high[0] - low[0], step)
    alpha = cover.reshape(blocks).mean(axis=(1, 3))
    total = light.reshape(*blocks, 3).mean(axis=(1, 3))
    mean = total / np.maximum(alpha, 1e-6)[..., None]
    rgb = 255 * np.clip(mean, 0, 1) ** np.float32(1 / 2.2) * alpha[..., None]
    return Sprite(int(low[0]), int(low[1]), rgb.astype(np.float32), alpha, float(seen[2]))


def _reach(camera: Camera, seen: Floats, radius: float) -> float:
    """Return how far from the middle of a ball at ``seen`` (3,) its picture may extend, in pixels."""
    size = camera.focal * radius / seen[2]
    aside = float(np.hypot(seen[0], seen[1]) / seen[2])
    wide = size * float(np.hypot(1, aside)) * 1.01 + 0.6
    return float(max(size * 1.2 + 2, wide)) * stretch(camera.lens, aside)


def _hit(
    stage: Stage, seen: Floats, radius: float, box: tuple[Floats, Floats], fine: int
) -> tuple[NDArray[np.int64], Samples]:
    """Return which samples see the ball and where, float32 (n, 3) in camera coordinates."""
    camera, step = stage.camera, SCALE * fine
    (x0, y0), (x1, y1) = box
    columns = (np.arange((x1 - x0) * step) + 0.5) / step + x0
    rows = (np.arange((y1 - y0) * step) + 0.5) / step + y0
    x, y = camera.rays(columns, rows)
    square = x * x + y * y + 1
    b = x * seen[0] + y * seen[1] + seen[2]
    root = b * b - square * (seen @ seen - radius * radius)
    depth = (b - np.sqrt(np.maximum(root, 0))) / square
    near = stage.near[y0 * SCALE : y1 * SCALE, x0 * SCALE : x1 * SCALE]
    if fine > 1:
        near = near.repeat(fine, axis=0).repeat(fine, axis=1)
    hits = np.flatnonzero((root > 0) & (depth * near < 1))
    flat = depth.ravel()[hits]
    down, across = np.divmod(hits, root.shape[1])
    x, y = np.broadcast_arrays(x, y)
    points = np.stack([x[down, across] * flat, y[down, across] * flat, flat], axis=1)
    return hits, points.astype(np.float32)


def shade(
    lighting: Lighting,
    paint: Samples,
    normals: Samples,
    away: Samples,
    centre: Floats,
    *,
    radius: float,
    cloth: Floats,
    others: Floats,
) -> Samples:
    """Return linear light (n, 3) leaving the ball towards the camera; ``away`` are the rays' directions."""
    level = float(lighting.level(np.array([centre[0], centre[1], 0.0])))
    level *= float(np.clip(1 + (centre[2] - radius) / 0.11, 0.12, 1))
    beams = lighting.lamps - centre
    distance = np.linalg.norm(beams, axis=1)
    beams = (beams / distance[:, None]).astype(np.float32)
    power = lighting.weights * (lighting.lamps[:, 2] / distance) ** 3
    power = (power / (power * beams[:, 2]).sum() * (1 - lighting.ambient)).astype(np.float32)
    up = normals[:, 2]
    direct = np.maximum(normals @ beams.T, 0) @ power
    sky = lighting.ambient * (0.5 + 0.5 * up) ** 1.2
    below = lighting.bounce * (0.5 - 0.5 * up) * np.clip(1.15 + up, 0.08, 1)
    crowd = _crowding(normals, centre, others, radius)
    matte = ((direct + sky) * crowd)[:, None] + (below * crowd)[:, None] * cloth.astype(np.float32)
    facing = -(normals * away).sum(axis=1)
    mirror = away + 2 * facing[:, None] * normals
    glance = 0.04 + 0.96 * (1 - np.clip(facing, 0, 1)) ** 5
    world = np.where(
        mirror[:, 2:] > 0, lighting.room.astype(np.float32), cloth.astype(np.float32) * 0.7
    )
    edge = (mirror @ beams.T - np.float32(np.cos(lighting.spread * 1.6))) / np.float32(
        np.cos(lighting.spread * 0.5) - np.cos(lighting.spread * 1.6)
    )
    spot = (np.clip(edge, 0, 1) * power).sum(axis=1) * len(power)
    shine = lighting.gloss * spot * (0.6 + glance)
    out = paint * matte + shine[:, None] + lighting.mirror * glance[:, None] * world
    return np.asarray(out * level, np.float32)


def _crowding(normals: Samples, centre: Floats, others: Floats, radius: float) -> Samples:
    """Return how much light neighbours leave, (n,)."""
    out = np.ones(len(normals), np.float32)
    for other in others:
        gap = other - centre
        distance = float(np.linalg.norm(gap))
        if 0 < distance < 6 * radius:
            facing = normals @ (gap / distance).astype(np.float32)
            out *= 1 - np.clip(facing + 0.2, 0, 1) * np.float32(
                min(0.8, (radius / distance) ** 2 * 2.4)
            )
    return out


def cloth_light(cloth: tuple[float, float, float]) -> Floats:
    """Return the linear colour that the cloth throws back."""
    return to_linear(cloth)
