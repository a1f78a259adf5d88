"""Renders a scene frame by frame into pictures and exact maps of which ball is seen where.

A pixel belongs to a ball when the ball's visible coverage of it, averaged over the exposure, reaches
half of the most that ball covers of any pixel; for a ball at rest that is half of the pixel, for one in motion it
is the middle of its smear. Where two balls claim a pixel the nearer has it; people and graphics
that cover at least half of a pixel take it away.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine.synth import motion, overlay, people, post, raster
from engine.synth.raster import Picture, Stage
from engine.synth.scene import Scene, limbs_at, random_scene
from engine.synth.shadow import shadow_patch
from engine.synth.sprite import Body, Sprite, cloth_light, render_ball

Tracks: TypeAlias = NDArray[np.int16]
Resting: TypeAlias = dict[
    int, tuple[bytes, Sprite | None, tuple[int, int, NDArray[np.float32]] | None]
]


@dataclass(frozen=True, slots=True)
class Frame:
    """``rgb`` uint8 (H, W, 3) and ``tracks`` int16 (H, W): 0 where no ball is seen, k where track k is."""

    rgb: Picture
    tracks: Tracks


@dataclass(frozen=True, slots=True)
class RenderedClip:
    """A clip that renders while it is iterated. ``objects`` are (track, label, number), tracks from 1."""

    width: int
    height: int
    count: int
    rate: Fraction
    objects: tuple[tuple[int, str, int], ...]
    scene: Scene = field(repr=False)
    seed: int = 0

    def __len__(self) -> int:
        """Return the number of frames."""
        return self.count

    def __iter__(self) -> Iterator[Frame]:
        """Render frame after frame; each iteration starts anew and gives the same frames."""
        return _frames(self.scene, self.count, self.rate, np.random.default_rng([self.seed, 1]))


def render_clip(
    seed: int,
    *,
    width: int = 1024,
    height: int = 576,
    frames: int = 8,
    rate: Fraction = Fraction(30),
    style: str = "random",
) -> RenderedClip:
    """Return a clip of a scene drawn by ``seed``; ``style`` is one of ``scene.STYLES``."""
    scene = random_scene(np.random.default_rng([seed, 0]), width=width, height=height, style=style)
    objects = tuple((k + 1, look.label, look.number) for k, look in enumerate(scene.looks))
    return RenderedClip(width, height, frames, rate, objects, scene, seed)


def _frames(scene: Scene, count: int, rate: Fraction, rng: Generator) -> Iterator[Frame]:
    stage = raster.empty(scene.camera)
    for facet in scene.facets:
        raster.paint(stage, facet)
    ground = raster.reduce(stage)
    state = scene.state.copy()
    resting: Resting = {}
    for index in range(count):
        exposure = _expose(scene, state, rate)
        yield _frame(scene, stage, ground, exposure, float(index / rate), resting, rng)


def _expose(scene: Scene, state: motion.State, rate: Fraction) -> list[motion.State]:
    """Advance ``state`` by a frame; return the moments while the shutter was open."""
    steps = max(1, round(float(1 / rate) / motion.STEP))
    step = float(1 / rate) / steps
    open_for = max(1, round(steps * scene.shutter))
    moments = []
    for k in range(steps):
        if k < open_for:
            moments.append(state.copy())
        if state.moving():
            motion.advance(state, scene.table, friction=scene.friction, step=step)
    return moments


def _frame(
    scene: Scene,
    stage: Stage,
    ground: Picture,
    exposure: list[motion.State],
    seconds: float,
    resting: Resting,
    rng: Generator,
) -> Frame:
    picture = ground.copy()
    tracks = np.zeros(ground.shape[:2], np.int16)
    sprites = []
    for k in range(len(scene.looks)):
        sprite, shadow = _ball(scene, stage, exposure, k, resting)
        if shadow is not None:
            _darken(picture, shadow)
        if sprite is not None:
            sprites.append((k + 1, sprite))
    limbs = limbs_at(scene, seconds)
    people.shade_cloth(stage, limbs, picture, 0.45 * scene.lighting.shadow)
    for track, sprite in sorted(sprites, key=lambda item: -item[1].depth):
        _composite(picture, tracks, track, sprite)
    tracks[people.paint(stage, limbs, picture) >= 128] = 0
    for patch in scene.patches:
        down, right, cover = overlay.lay(patch, picture)
        tracks[down, right][cover >= 128] = 0
    return Frame(post.apply(scene.grade, picture, rng), tracks)


def _ball(
    scene: Scene, stage: Stage, exposure: list[motion.State], k: int, resting: Resting
) -> tuple[Sprite | None, tuple[int, int, NDArray[np.float32]] | None]:
    """Return one ball's sprite and shadow over the exposure; balls at rest are taken from ``resting``."""
    alive = [state for state in exposure if state.alive[k]]
    if not alive:
        return None, None
    key = b"".join(
        np.concatenate([s.place.ravel(), [*s.alive]]).round(5).tobytes()
        for s in (alive[0], alive[-1])
    )
    if k in resting and resting[k][0] == key:
        return resting[k][1], resting[k][2]
    first, last = alive[0].place[k], alive[-1].place[k]
    ends, _ = scene.camera.project(np.stack([first, last]))
    count = int(np.clip(np.ceil(np.abs(ends[1] - ends[0]).max() / 1.2), 1, len(alive)))
    chosen = [alive[round(i)] for i in np.linspace(0, len(alive) - 1, count)]
    cloth = cloth_light(scene.table.cloth)
    parts = []
    for state in chosen:
        others = state.place[state.alive & (np.arange(len(state.alive)) != k)]
        body = Body(state.place[k], state.axes[k])
        parts.append(
            render_ball(
                stage,
                scene.lighting,
                scene.looks[k],
                body,
                radius=scene.table.ball,
                cloth=cloth,
                others=others,
            )
        )
    middle = chosen[len(chosen) // 2].place[k]
    shadow = (
        shadow_patch(stage, scene.lighting, middle, scene.table.ball) if middle[2] > 0 else None
    )
    sprite = _average([part for part in parts if part is not None], len(parts))
    resting[k] = (key, sprite, shadow)
    return sprite, shadow


def _average(parts: list[Sprite], count: int) -> Sprite | None:
    """Return the mean of ``parts`` over ``count`` moments, absent ones counting as empty."""
    if not parts:
        return None
    if len(parts) == count == 1:
        return parts[0]
    x0, y0 = min(p.x for p in parts), min(p.y for p in parts)
    x1, y1 = max(p.x + p.alpha.shape[1] for p in parts), max(p.y + p.alpha.shape[0] for p in parts)
    rgb, alpha = (
        np.zeros((y1 - y0, x1 - x0, 3), np.float32),
        np.zeros((y1 - y0, x1 - x0), np.float32),
    )
    for part in parts:
        where = (
            slice(part.y - y0, part.y - y0 + part.alpha.shape[0]),
            slice(part.x - x0, part.x - x0 + part.alpha.shape[1]),
        )
        rgb[where] += part.rgb / count
        alpha[where] += part.alpha / count
    return Sprite(x0, y0, rgb, alpha, parts[len(parts) // 2].depth)


def _darken(picture: Picture, shadow: tuple[int, int, NDArray[np.float32]]) -> None:
    x, y, factor = shadow
    part = picture[y : y + factor.shape[0], x : x + factor.shape[1]]
    part[:] = part * factor[..., None]


def _composite(picture: Picture, tracks: Tracks, track: int, sprite: Sprite) -> None:
    height, width = sprite.alpha.shape
    where = (slice(sprite.y, sprite.y + height), slice(sprite.x, sprite.x + width))
    part = picture[where]
    part[:] = np.clip(part * (1 - sprite.alpha[..., None]) + sprite.rgb, 0, 255)
    tracks[where][sprite.alpha >= max(0.5 * float(sprite.alpha.max(initial=0)), 1e-3)] = track
