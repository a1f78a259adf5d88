"""Players as rounded limbs in space: arms, hands, heads and the cue. Knows no ball but the one aimed at."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine.synth import texture
from engine.synth.camera import Camera, Floats
from engine.synth.raster import SCALE, Picture, Stage
from engine.synth.texture import Colour

TOWARDS_FLOOR = np.array([0, 0, -0.85])


@dataclass(frozen=True, slots=True)
class Limb:
    """A tapered rounded stick from ``a`` to ``b`` (3,) with radii in metres and a display colour."""

    a: Floats
    b: Floats
    thick: float
    thin: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Dress:
    """Colours of one person."""

    skin: Colour
    shirt: Colour
    sleeve: Colour
    trousers: Colour
    hair: Colour
    glove: Colour
    shaft: Colour
    butt: Colour


def random_dress(rng: Generator) -> Dress:
    """Return the colours of somebody; long sleeves, bare arms and gloves occur."""
    skin, shirt = texture.skin_colour(rng), texture.random_colour(rng)
    dark = texture.hsv(
        float(rng.uniform(0, 360)), float(rng.uniform(0, 0.4)), float(rng.uniform(0.03, 0.25))
    )
    return Dress(
        skin,
        shirt,
        sleeve=skin
        if rng.random() < 0.5
        else (235.0, 235.0, 235.0)
        if rng.random() < 0.3
        else shirt,
        trousers=dark,
        hair=texture.hsv(
            float(rng.uniform(15, 40)), float(rng.uniform(0, 0.6)), float(rng.uniform(0.03, 0.6))
        ),
        glove=(15.0, 15.0, 18.0) if rng.random() < 0.35 else skin,
        shaft=texture.hsv(
            float(rng.uniform(28, 48)), float(rng.uniform(0.1, 0.6)), float(rng.uniform(0.5, 0.95))
        ),
        butt=dark,
    )


def shooter(
    dress: Dress, *, tip: Floats, aim: Floats, bridge: float, stroke: float, hand: float
) -> list[Limb]:
    """Return a player bent over the cue whose tip is at ``tip`` (3,), shooting along ``aim`` (2,).

    ``bridge`` is the length of cue in front of the hand, ``stroke`` how far the cue is drawn back, both
    metres; ``hand`` is +1 for a right-hander and -1 for a left-hander.
    """
    back = np.array([-aim[0], -aim[1], 0.0])
    side = np.array([-aim[1], aim[0], 0.0]) * hand
    rise = np.array([0, 0, 1.0])
    line = back * 0.995 + rise * 0.1
    rest = tip + line * bridge - back * 0.0
    rest[2] = 0.03
    tip = tip + line * stroke
    grip = tip + line * 1.1
    shoulder = rest + back * 0.62 + side * 0.12 + rise * 0.3
    other = rest + back * 0.72 - side * 0.22 + rise * 0.36
    elbow = rest + back * 0.3 + side * 0.09 + rise * 0.1
    high = other + back * 0.25 - side * 0.08 + rise * 0.12
    hip = rest + back * 1.15 + rise * 0.15
    head = rest + back * 0.5 + rise * 0.36
    limbs = cue(dress, tip, line)
    limbs += hand_limbs(dress.glove, rest, -back, side)
    limbs += [
        Limb(elbow, rest + rise * 0.02, 0.045, 0.03, dress.skin),
        Limb(shoulder, elbow, 0.065, 0.05, dress.sleeve),
        Limb(other, high, 0.065, 0.055, dress.sleeve),
        Limb(high, grip, 0.05, 0.035, dress.skin),
        Limb(grip - rise * 0.04, grip + rise * 0.03, 0.04, 0.04, dress.skin),
        Limb(shoulder - side * 0.12, hip, 0.17, 0.16, dress.shirt),
        Limb(shoulder, other, 0.1, 0.1, dress.shirt),
        Limb(head, head + rise * 0.08 + back * 0.02, 0.085, 0.085, dress.skin),
        Limb(
            head + rise * 0.09 + back * 0.03,
            head + rise * 0.1 + back * 0.06,
            0.09,
            0.08,
            dress.hair,
        ),
        Limb(hip + side * 0.1, hip + side * 0.15 + TOWARDS_FLOOR, 0.1, 0.07, dress.trousers),
        Limb(
            hip - side * 0.1,
            hip - side * 0.2 + back * 0.2 + TOWARDS_FLOOR,
            0.1,
            0.07,
            dress.trousers,
        ),
    ]
    return limbs


def cue(dress: Dress, tip: Floats, line: Floats) -> list[Limb]:
    """Return a cue whose tip is at ``tip`` and which points away along ``line``."""
    joint = tip + line * 0.75
    return [
        Limb(tip + line * 1.45, joint, 0.0145, 0.0105, dress.butt),
        Limb(joint, tip + line * 0.03, 0.0105, 0.0062, dress.shaft),
        Limb(tip + line * 0.03, tip + line * 0.005, 0.0063, 0.006, (235.0, 232.0, 225.0)),
        Limb(tip + line * 0.005, tip, 0.006, 0.0058, (40.0, 90.0, 140.0)),
    ]


def hand_limbs(colour: Colour, wrist: Floats, ahead: Floats, side: Floats) -> list[Limb]:
    """Return a palm and five spread fingers lying on the cloth in front of ``wrist``."""
    palm = wrist + ahead * 0.05
    limbs = [Limb(wrist, palm, 0.03, 0.036, colour)]
    for k in range(5):
        spread = (k - 2) * 0.45
        way = ahead * np.cos(spread) + side * np.sin(spread)
        knuckle = palm + way * 0.025
        far = knuckle + way * (0.075 if k else 0.055)
        far = far * (1, 1, 0) + (0, 0, 0.009)
        limbs.append(Limb(knuckle, far, 0.012, 0.008, colour))
    return limbs


def reacher(dress: Dress, *, hand: Floats, origin: Floats) -> list[Limb]:
    """Return an arm from outside at ``origin`` (3,) to ``hand`` (3,) over the table."""
    ahead = hand - origin
    ahead = ahead / max(float(np.linalg.norm(ahead)), 1e-6)
    side = np.array([-ahead[1], ahead[0], 0])
    elbow = origin + (hand - origin) * 0.5 + side * 0.06 + (0, 0, 0.08)
    return [
        *hand_limbs(dress.glove, hand, ahead * (1, 1, 0), side),
        Limb(elbow, hand, 0.045, 0.03, dress.skin),
        Limb(origin, elbow, 0.065, 0.05, dress.sleeve),
        Limb(origin, origin - ahead * 0.3, 0.17, 0.17, dress.shirt),
    ]


def bystander(dress: Dress, feet: Floats) -> list[Limb]:
    """Return somebody standing with feet at ``feet`` (3,), seen as trunk, head and legs."""
    up = np.array([0, 0, 1.0])
    wide = np.array([0.09, 0.09, 0])
    hip, neck = feet + up * 0.9, feet + up * 1.42
    return [
        Limb(hip - wide, feet - wide, 0.1, 0.07, dress.trousers),
        Limb(hip + wide, feet + wide, 0.1, 0.07, dress.trousers),
        Limb(neck, hip, 0.19, 0.16, dress.shirt),
        Limb(neck + wide * 2, hip + wide * 2.6, 0.06, 0.04, dress.sleeve),
        Limb(neck - wide * 2, hip - wide * 2.6, 0.06, 0.04, dress.sleeve),
        Limb(neck + up * 0.2, neck + up * 0.27, 0.09, 0.095, dress.skin),
        Limb(neck + up * 0.28, neck + up * 0.31, 0.1, 0.09, dress.hair),
    ]


def paint(stage: Stage, limbs: list[Limb], picture: Picture) -> NDArray[np.uint8]:
    """Paint ``limbs`` into ``picture`` in place, far to near; return their coverage uint8 (H, W), 0..255."""
    camera = stage.camera
    covered = np.zeros(picture.shape[:2], np.uint8)
    keyed = sorted(limbs, key=lambda limb: -float(camera.to_camera((limb.a + limb.b) / 2)[2]))
    for limb in keyed:
        _paint_limb(stage, limb, picture, covered)
    return covered


def _paint_limb(stage: Stage, limb: Limb, picture: Picture, covered: NDArray[np.uint8]) -> None:
    camera = stage.camera
    outline = _outline(camera, limb, 1.0)
    if outline is None:
        return
    low = np.clip(outline.min(axis=0) - 2, 0, (camera.width, camera.height)).astype(int)
    high = np.clip(outline.max(axis=0) + 3, 0, (camera.width, camera.height)).astype(int)
    if (high <= low).any():
        return
    x0, y0, x1, y1 = int(low[0]), int(low[1]), int(high[0]), int(high[1])
    mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
    _fill(mask, outline - low, 255)
    depth = float(camera.to_camera((limb.a + limb.b) / 2)[2])
    near = stage.near[y0 * SCALE : y1 * SCALE : SCALE, x0 * SCALE : x1 * SCALE : SCALE]
    mask[near * max(depth - limb.thick, 0.05) > 1] = 0
    colours = np.empty((*mask.shape, 3), np.uint8)
    colours[:] = np.clip(np.asarray(limb.colour) * 0.6, 0, 255)
    lift = np.array([0.0, -0.12])
    for size, light in ((0.92, 0.7), (0.8, 0.8), (0.65, 0.89), (0.47, 0.97), (0.26, 1.03)):
        inner = _outline(camera, limb, size)
        if inner is not None:
            wide = camera.focal * max(limb.thick, limb.thin) / depth * 2
            shade = np.clip(np.asarray(limb.colour) * light, 0, 255)
            _fill(colours, inner - low + lift * (1 - size) * wide, (shade[0], shade[1], shade[2]))
    part = picture[y0:y1, x0:x1]
    share = mask[..., None].astype(np.float32) / 255
    part[:] = (part + (colours.astype(np.float32) - part) * share).astype(np.uint8)
    np.maximum(covered[y0:y1, x0:x1], mask, out=covered[y0:y1, x0:x1])


def _outline(camera: Camera, limb: Limb, size: float) -> Floats | None:
    """Return the limb's silhouette as pixels (n, 2), its radii times ``size``."""
    pixels, depth = camera.project(np.stack([limb.a, limb.b]))
    if depth.min() < 0.15:
        return None
    angle = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    radii = camera.focal * size * np.array([limb.thick, limb.thin]) / depth
    points = np.concatenate([pixels[0] + ring * radii[0], pixels[1] + ring * radii[1]])
    if np.abs(points).max() > 20000:
        return None
    return np.asarray(cv2.convexHull(points.astype(np.float32))[:, 0], float)


def _fill(target: Picture, outline: Floats, colour: float | Colour) -> None:
    points = ((outline - 0.5) * 16).round().astype(np.int32)
    cv2.fillPoly(target, [points], colour, cv2.LINE_AA, 4)


def shade_cloth(stage: Stage, limbs: list[Limb], picture: Picture, strength: float) -> None:
    """Darken ``picture`` in place where low limbs keep the light from the cloth."""
    camera = stage.camera
    small = np.zeros((camera.height // 4, camera.width // 4), np.uint8)
    for limb in limbs:
        if min(limb.a[2], limb.b[2]) < 0.5 and min(limb.a[2], limb.b[2]) > -0.1:
            flat = Limb(limb.a * (1, 1, 0), limb.b * (1, 1, 0), limb.thick, limb.thin, limb.colour)
            outline = _outline(camera, flat, 1.0)
            if outline is not None:
                _fill(small, outline / 4, 255)
    if not small.any():
        return
    soft = cv2.GaussianBlur(small, (0, 0), 2.5)
    rows, columns = np.flatnonzero(soft.any(axis=1)), np.flatnonzero(soft.any(axis=0))
    y0, y1, x0, x1 = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    part = picture[y0 * 4 : y1 * 4, x0 * 4 : x1 * 4]
    wide = cv2.resize(soft[y0:y1, x0:x1], (part.shape[1], part.shape[0]))
    part[:] = (part * (1 - strength / 255 * wide.astype(np.float32))[..., None]).astype(np.uint8)
