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

from engine.synth import overlay, people, pockets, post, raster
from engine.synth.camera import Camera
from engine.synth.physics import Event, Moment
from engine.synth.pockets import Hole, Opening
from engine.synth.preset import TRAINING, Preset
from engine.synth.raster import Picture, Stage
from engine.synth.scene import Scene, camera_at, limbs_at, random_scene
from engine.synth.shadow import shadow_patch
from engine.synth.sprite import Body, Sprite, cloth_light, render_ball

Tracks: TypeAlias = NDArray[np.int16]
MOMENTS = 24
"""The most moments of an exposure that are rendered."""
Resting: TypeAlias = dict[
    int, tuple[bytes, Sprite | None, tuple[int, int, NDArray[np.float32]] | None]
]


@dataclass(frozen=True, slots=True)
class Frame:
    """``rgb`` uint8 (H, W, 3) and ``tracks`` int16 (H, W): 0 where no ball is seen, k where track k is.

    ``pockets`` are the openings in the order of ``Table.pockets``, none on a carom table.
    """

    rgb: Picture
    tracks: Tracks
    pockets: tuple[Opening, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """What stands still as one camera sees it: with depth, as a picture uint8 (H, W, 3), and the pockets in it."""

    stage: Stage
    ground: Picture
    holes: list[Hole]


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
        return _frames(self, np.random.default_rng([self.seed, 1]))

    def camera(self, index: int) -> Camera:
        """Return the camera in the middle of the exposure of frame ``index``."""
        return camera_at(self.scene, (index + self.scene.shutter / 2) / float(self.rate))

    def events(self) -> list[tuple[int, Event]]:
        """Return (frame, event) for all that happens in the clip: the frame during which it happens."""
        begin, step = self.scene.begin, float(1 / self.rate)
        numbered = [(int((e.time - begin) // step), e) for e in self.scene.shot.events]
        return [(frame, e) for frame, e in numbered if 0 <= frame < self.count]


def render_clip(
    seed: int,
    *,
    width: int = 1024,
    height: int = 576,
    frames: int = 8,
    rate: Fraction = Fraction(30),
    style: str = "random",
    preset: Preset = TRAINING,
) -> RenderedClip:
    """Return a clip of a scene drawn by ``seed``; ``style`` is one of ``scene.STYLES``.

    Raises ``SettingsError`` when pooltool is not installed.
    """
    draw = np.random.default_rng([seed, 0])
    seconds = frames / float(rate)
    scene = random_scene(
        draw, width=width, height=height, style=style, seconds=seconds, preset=preset
    )
    objects = tuple((k + 1, look.label, look.number) for k, look in enumerate(scene.looks))
    return RenderedClip(width, height, frames, rate, objects, scene, seed)


def _frames(clip: RenderedClip, rng: Generator) -> Iterator[Frame]:
    scene, step = clip.scene, float(1 / clip.rate)
    view = _build(scene, clip.camera(0), None)
    resting: Resting = {}
    for index in range(clip.count):
        if scene.shake is not None and index:
            view, resting = _build(scene, clip.camera(index), view.stage.ideal), {}
        exposure = _expose(scene, float(index / clip.rate), step)
        yield _frame(scene, view, exposure, float(index / clip.rate), resting, rng)


def _build(scene: Scene, camera: Camera, ideal: tuple[raster.Plane, raster.Plane] | None) -> View:
    """Paint all that stands still as ``camera`` sees it; ``ideal`` is that of any camera with the same lens."""
    stage = raster.empty(camera, ideal)
    for facet in scene.facets:
        raster.paint(stage, facet)
    return View(stage, raster.reduce(stage), pockets.holes(stage, scene.table))


def _expose(scene: Scene, seconds: float, frame: float) -> list[Moment]:
    """Return the moments while the shutter was open, as many as the fastest ball's smear needs."""
    begin = scene.begin + seconds
    end = begin + frame * scene.shutter
    first, last = scene.shot.at(begin), scene.shot.at(end)
    middle = scene.shot.at((begin + end) / 2)
    ends, _ = scene.camera.project(np.stack([first.place, middle.place, last.place]))
    way = np.abs(np.diff(ends, axis=0)).sum(axis=0).max(axis=1)
    count = int(np.clip(np.ceil(way[first.alive].max(initial=0) / 1.2), 1, MOMENTS))
    return [scene.shot.at(float(t)) for t in np.linspace(begin, end, count)]


def _frame(
    scene: Scene,
    view: View,
    exposure: list[Moment],
    seconds: float,
    resting: Resting,
    rng: Generator,
) -> Frame:
    stage, picture = view.stage, view.ground.copy()
    tracks = np.zeros(picture.shape[:2], np.int16)
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
    hidden = people.paint(stage, limbs, picture) >= 128
    for patch in scene.patches:
        down, right, cover = overlay.lay(patch, picture)
        hidden[down, right] |= cover >= 128
    tracks[hidden] = 0
    return Frame(
        post.apply(scene.grade, picture, rng), tracks, pockets.openings(view.holes, hidden)
    )


def _ball(
    scene: Scene, stage: Stage, exposure: list[Moment], k: int, resting: Resting
) -> tuple[Sprite | None, tuple[int, int, NDArray[np.float32]] | None]:
    """Return one ball's sprite and shadow over the exposure; balls at rest are taken from ``resting``."""
    alive = [moment for moment in exposure if moment.alive[k]]
    if not alive:
        return None, None
    key = _key(scene, k, alive[0], alive[-1])
    if k in resting and resting[k][0] == key:
        return resting[k][1], resting[k][2]
    ends, _ = scene.camera.project(np.stack([m.place[k] for m in alive]))
    way = np.abs(np.diff(ends, axis=0)).sum(axis=0).max(initial=0)
    count = int(np.clip(np.ceil(way / 1.2), 1, len(alive)))
    chosen = [alive[round(i)] for i in np.linspace(0, len(alive) - 1, count)]
    cloth = cloth_light(scene.table.cloth)
    parts = []
    for moment in chosen:
        others = moment.place[moment.alive & (np.arange(len(moment.alive)) != k)]
        body = Body(moment.place[k], moment.axes[k])
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


def _key(scene: Scene, k: int, first: Moment, last: Moment) -> bytes:
    """Return what the look of ball ``k`` depends on: its own place and its neighbours'."""
    near = np.linalg.norm(first.place - first.place[k], axis=1) < 7 * scene.table.ball
    parts = [m.place[near & m.alive].round(5) for m in (first, last)]
    return b"|".join([part.tobytes() for part in parts] + [first.axes[k].round(3).tobytes()])


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
