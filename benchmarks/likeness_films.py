"""Shots for the benchmark of likeness: several on each table before each camera, rendered, and what copying does to pictures. Knows no embedder."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import simplejpeg
from PIL import Image as Pillow

from engine.media import decode
from engine.synth.physics import Cloth, Strike, UnplayableError, play
from engine.synth.preset import named
from engine.synth.render import RenderedClip
from engine.synth.scene import Scene, random_scene
from engine.synth.situation import Situation, random_axes, random_situation
from engine.types import Image

VIEWS = ("overhead", "broadcast", "oblique", "corner", "tele", "oblique", "broadcast", "overhead")
SIZE, RATE, SECONDS = (1024, 576), Fraction(4), 8
BEFORE = -2.0
"""Seconds before the strike at which clips begin."""


@dataclass(frozen=True, slots=True)
class Film:
    """A shot: four pictures a second as JPEG, on which table it was played; ``follows`` says that it begins where another ended."""

    name: str
    table: str
    follows: bool
    pictures: tuple[bytes, ...]

    def picture(self, number: int) -> Image:
        """Return one picture."""
        rgb: Image = simplejpeg.decode_jpeg(self.pictures[number])
        return rgb


def _jpeg(rgb: Image, quality: int) -> bytes:
    coded: bytes = simplejpeg.encode_jpeg(
        np.ascontiguousarray(rgb), quality, colorsubsampling="420"
    )
    return coded


def _compressed(rgb: Image) -> Image:
    small = Pillow.fromarray(rgb).resize((640, 640 * rgb.shape[0] // rgb.shape[1]))
    coarse: Image = simplejpeg.decode_jpeg(_jpeg(np.asarray(small), 30))
    return (coarse * 0.7).astype(np.uint8)


def _cropped(rgb: Image) -> Image:
    high, wide = rgb.shape[0] * 3 // 100, rgb.shape[1] * 3 // 100
    return np.ascontiguousarray(rgb[high:-high, wide:-wide])


def _brighter(rgb: Image) -> Image:
    return np.clip((rgb / 255.0) ** 0.8 * 280, 0, 255).astype(np.uint8)


COPIES: Mapping[str, Callable[[Image], Image]] = {
    "the same file": lambda rgb: rgb,
    "scaled to 640, hard JPEG, 30 % darker": _compressed,
    "gamma 0.8 and 10 % brighter": _brighter,
    "3 % cut off each side": _cropped,
}


def rendered(tables: int, shots: int) -> Iterator[Film]:
    """Yield shots on some tables; on every second one each begins where the one before ended, and few balls move."""
    for table in range(tables):
        rng = np.random.default_rng([table, 77])
        preset = named("snooker" if table % 3 == 1 else "eight-ball")
        style = VIEWS[table % len(VIEWS)]
        width, height = SIZE
        base = random_scene(rng, width=width, height=height, style=style, seconds=SECONDS, preset=preset)  # fmt: skip
        base = replace(base, shutter=base.shutter * float(RATE) / 30, shake=None, stroke=None)
        played = _following if table % 2 else _any
        for number, scene in enumerate(played(rng, base, shots)):
            clip = RenderedClip(
                width, height, int(SECONDS * RATE), RATE, _objects(scene), scene, number
            )
            pictures = tuple(_jpeg(frame.rgb, 95) for frame in clip)
            yield Film(f"table{table}-{number}", f"table{table}", bool(table % 2), pictures)


def recorded(folder: Path) -> Iterator[Film]:
    """Yield the videos of a folder; those in one folder below it may be of one table."""
    for path in sorted(folder.rglob("*.mp4")):
        pictures, rate = list[bytes](), 30 / float(RATE)
        for number, rgb in enumerate(decode(path)):
            if number >= len(pictures) * rate:
                pictures.append(_jpeg(rgb, 95))
        yield Film(path.stem, "recorded", follows=False, pictures=tuple(pictures))


def _any(rng: np.random.Generator, base: Scene, shots: int) -> Iterator[Scene]:
    """Yield shots that have nothing to do with each other but the table and the camera."""
    for _ in range(shots):
        kind = str(rng.choice(["pot", "cluster", "cushion", "roll"]))
        yield _with(base, random_situation(rng, base.table, base.profile, kind=kind))


def _following(rng: np.random.Generator, base: Scene, shots: int) -> Iterator[Scene]:
    """Yield soft shots, each of which begins where the one before ended."""
    situation = random_situation(rng, base.table, base.profile, kind="roll")
    for _ in range(shots):
        yield _with(base, situation)
        if len(situation.looks) < 2:
            return
        situation = _next(rng, base, situation)


def _next(rng: np.random.Generator, base: Scene, before: Situation) -> Situation:
    """Return a shot with the balls that are left: the cue ball is rolled at another one."""
    places = np.asarray(before.shot.at(before.shot.seconds + 5).place)
    left = (np.abs(places[:, 0]) < base.table.length / 2) & (np.abs(places[:, 1]) < base.table.width / 2)  # fmt: skip
    left &= places[:, 2] > 0
    left[0] = True
    flat = places[left][:, :2].copy()
    looks = [look for look, stays in zip(before.looks, left, strict=True) if stays]
    while True:
        aim = flat[int(rng.integers(1, len(flat)))] - flat[0] + rng.normal(0, base.table.ball, 2)
        way = aim / np.linalg.norm(aim)
        strike = Strike(way, float(rng.uniform(0.5, 1.2)))
        try:
            shot = play(
                base.table, flat, random_axes(rng, len(flat)), strike, Cloth(0.01, 0.2, 0.8)
            )
        except UnplayableError:
            continue
        return Situation("roll", looks, shot, way)


def _with(base: Scene, situation: Situation) -> Scene:
    return replace(base, looks=situation.looks, shot=situation.shot, begin=BEFORE)


def _objects(scene: Scene) -> tuple[tuple[int, str, int], ...]:
    return tuple((k + 1, look.label, look.number) for k, look in enumerate(scene.looks))
