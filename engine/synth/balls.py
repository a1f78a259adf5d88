"""Ball sets and how one ball looks from every side. Knows no table and no camera.

A ball's own axes: x through its number discs, z through the poles of its stripe.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine.synth import texture
from engine.synth.camera import Floats
from engine.synth.light import Samples, to_linear
from engine.synth.texture import Colour

DOTS = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1.0]], np.float32)


@dataclass(frozen=True, slots=True)
class Look:
    """One ball: ``label`` as in the dataset, ``number`` (0 = none), linear colours.

    ``disc`` and ``band`` are sines of the half width of number discs and stripe (0 = none); ``dots`` the
    cosine of the half width of six dots (1 = none).
    """

    label: str
    number: int
    colour: Floats
    white: Floats
    disc: float = 0.0
    band: float = 0.0
    dots: float = 1.0
    ink: Floats | None = None


def albedo(look: Look, normals: Samples) -> Samples:
    """Return linear colours (n, 3) at unit ``normals`` (n, 3) given along the ball's own axes."""
    out = np.empty_like(normals)
    out[:] = look.colour
    if look.band:
        out[np.abs(normals[:, 2]) > look.band] = look.white
    if look.disc:
        aside = normals[:, 1] ** 2 + normals[:, 2] ** 2
        inside = np.flatnonzero(aside < look.disc**2)
        out[inside] = look.white
        if look.number and len(inside):
            out[inside] *= 1 - 0.93 * _digits(look, normals[inside])[:, None]
    if look.dots < 1:
        out[(normals @ DOTS.T).max(axis=1) > look.dots] = look.ink
    return out


def _digits(look: Look, normals: Samples) -> Samples:
    """Return the ink 0..1 of the number at ``normals`` within the discs."""
    stamp = _stamp(look.number)
    rows = ((normals[:, 2] / look.disc * 0.5 + 0.5) * 31).astype(np.int32)
    columns = ((normals[:, 1] * np.sign(normals[:, 0]) / look.disc * 0.5 + 0.5) * 31).astype(
        np.int32
    )
    return np.asarray(stamp[rows, columns], np.float32)


@lru_cache(maxsize=32)
def _stamp(number: int) -> NDArray[np.float32]:
    paper = np.zeros((32, 32), np.uint8)
    scale = 0.8 if number < 10 else 0.55
    cv2.putText(
        paper,
        str(number),
        (8 if number < 10 else 5, 23),
        texture.FONTS[0],
        scale,
        255.0,
        2,
        cv2.LINE_AA,
    )
    return paper.astype(np.float32) / np.float32(255)


POOL: dict[int, tuple[float, float, float]] = {
    1: (44, 0.95, 0.95), 2: (218, 0.85, 0.62), 3: (4, 0.88, 0.85), 4: (275, 0.6, 0.45),
    5: (22, 0.9, 0.95), 6: (150, 0.85, 0.45), 7: (355, 0.75, 0.48), 8: (0, 0.0, 0.06),
}  # fmt: skip
TELEVISION = {4: (330, 0.5, 0.95), 7: (25, 0.55, 0.62), 5: (265, 0.6, 0.5)}
SNOOKER: dict[int, tuple[float, float, float]] = {
    1: (358, 0.92, 0.72), 2: (48, 0.9, 0.92), 3: (155, 0.9, 0.42), 4: (20, 0.75, 0.5),
    5: (215, 0.88, 0.75), 6: (345, 0.42, 0.95), 7: (0, 0.0, 0.06),
}  # fmt: skip


SNOOKER_LABELS = ("red", "yellow", "green", "brown", "blue", "pink", "black")
PROFILES = ("eight-ball", "nine-ball", "snooker", "carom")


def random_set(rng: Generator, profile: str, *, full: bool = False) -> list[Look]:
    """Return the balls of one of ``PROFILES``, cue ball first: all of them when ``full``, else a random part."""
    whites = rng.uniform(0.86, 1.0) * np.array([250, 246, rng.uniform(180, 245)])
    if profile == "snooker":
        return _snooker(rng, whites, full=full)
    if profile == "carom":
        return _carom(rng, whites)
    return _pool(rng, whites, 9 if profile == "nine-ball" else 15, full=full)


def _vary(rng: Generator, colour: tuple[float, float, float]) -> Colour:
    hue, saturation, value = colour
    dark = value < 0.1
    return texture.hsv(
        float(hue + rng.normal(0, 7)) % 360,
        float(np.clip(saturation * rng.uniform(0.8, 1.1), 0, 1)),
        float(np.clip(value * rng.uniform(0.75, 2.0 if dark else 1.2), 0, 1)),
    )


def _cue(rng: Generator, whites: Floats) -> Look:
    white = to_linear(np.clip(whites * rng.uniform(0.95, 1.03), 0, 255))
    kind = rng.random()
    if kind < 0.35:
        ink = to_linear(_vary(rng, (0, 0.9, 0.75) if rng.random() < 0.7 else (220, 0.8, 0.5)))
        return Look("cue", 0, white, white, dots=float(np.cos(rng.uniform(0.13, 0.26))), ink=ink)
    if kind < 0.5:
        return Look(
            "cue",
            0,
            white,
            white,
            dots=float(np.cos(rng.uniform(0.06, 0.12))),
            ink=to_linear((30, 30, 90)),
        )
    return Look("cue", 0, white, white)


def _pool(rng: Generator, whites: Floats, top: int, *, full: bool) -> list[Look]:
    palette = {**POOL, **(TELEVISION if rng.random() < 0.4 else {})}
    tones = {n: to_linear(_vary(rng, palette[n])) for n in palette}
    white = to_linear(whites)
    disc = float(np.sin(rng.uniform(0.33, 0.56)))
    band = float(np.sin(rng.uniform(0.42, 0.72)))
    black_disc = rng.random() < 0.12
    looks = [_cue(rng, whites)]
    count = top if full else int(rng.integers(1, top + 1))
    chosen = rng.permutation(np.arange(1, top + 1))[:count]
    for number in chosen:
        n = int(number)
        label = "solid" if n < 8 else "eight" if n == 8 else "stripe"
        field = tones[n if n <= 8 else n - 8]
        paint = white * 0.03 if black_disc and n != 8 else white
        if n > 8:
            looks.append(Look(label, n, field, white, disc=disc, band=band))
        else:
            looks.append(Look(label, n, field, paint, disc=disc))
    return looks


def _snooker(rng: Generator, whites: Floats, *, full: bool) -> list[Look]:
    tones = {n: to_linear(_vary(rng, SNOOKER[n])) for n in SNOOKER}
    white = to_linear(whites)
    looks = [_cue(rng, whites)]
    colours = [n for n in range(2, 8) if full or rng.random() < 0.85]
    balls = [1] * (15 if full else int(rng.integers(0, 16))) + colours
    return looks + [Look(SNOOKER_LABELS[n - 1], n, tones[n], white) for n in balls]


def _carom(rng: Generator, whites: Floats) -> list[Look]:
    white = to_linear(whites)
    looks = [_cue(rng, whites)]
    for n, colour in ((1, (358, 0.9, 0.75)), (2, (46, 0.9, 0.95))):
        dotted = rng.random() < 0.4
        ink = to_linear((200, 30, 30)) if n == 2 else white
        looks.append(
            Look(
                "plain",
                n,
                to_linear(_vary(rng, colour)),
                white,
                dots=0.975 if dotted else 1.0,
                ink=ink,
            )
        )
    return looks
