"""Reads the real clips with their few labels: masks on two frames, or boxes of two balls. Draws no conclusion.

Layouts: ``game1_clip*/`` with ``masks/frame_{first,last}.png`` (pixel = class) and ``bounding_boxes``, and
``snooker/K.mp4`` beside ``K_ball_{1,2}_gt.txt``. The footage is for measuring alone; nothing is trained on it.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as Still

from engine import rle
from engine.media import probe
from engine.types import RLE, Box, Clip

LABELS = {1: "cue", 2: "eight", 3: "solid", 4: "stripe"}
BESIDE = Path(__file__).resolve().parents[2] / "shared" / "footage"
FOOTAGE = Path(os.environ.get("ENGINE_FOOTAGE", BESIDE))


@dataclass(frozen=True, slots=True)
class Ball:
    """One labelled ball of one frame: its mask is what its class covers inside its box."""

    label: str
    box: Box
    mask: RLE


@dataclass(frozen=True, slots=True)
class Game:
    """A clip whose balls are labelled with masks on its first and last frame."""

    clip: Clip
    first: tuple[Ball, ...]
    last: tuple[Ball, ...]


@dataclass(frozen=True, slots=True)
class Snooker:
    """A clip with the boxes of a few balls by frame; an empty frame of a ball's mapping is not labelled."""

    clip: Clip
    boxes: tuple[dict[int, Box], ...]


def clip_of(path: Path, name: str) -> Clip:
    """Return the whole video as a clip."""
    facts = probe(path)
    wide, high = facts.width, facts.height
    return Clip(name, name, str(path), 0, facts.frames, wide, high, facts.rate)


def read_game(folder: Path) -> Game:
    """Return a clip of two labelled frames."""
    clip = clip_of(next(folder.glob("*.mp4")), folder.name)
    return Game(clip, balls_of(folder, "first"), balls_of(folder, "last"))


def balls_of(folder: Path, which: str) -> tuple[Ball, ...]:
    """Return the balls of the "first" or "last" frame."""
    classes = np.asarray(Still.open(folder / f"masks/frame_{which}.png"))[..., 0]
    high, wide = classes.shape
    balls = []
    for line in (folder / f"bounding_boxes/frame_{which}_bbox.txt").read_text().splitlines():
        x, y, w, h, kind = map(int, line.split())
        if kind in LABELS:
            inside = classes[y : y + h, x : x + w] == kind
            mask = rle.encode(inside, origin=(x, y), size=(high, wide))
            balls.append(Ball(LABELS[kind], (x, y, x + w, y + h), mask))
    return tuple(balls)


def read_snooker(path: Path) -> Snooker:
    """Return a clip of boxes from its video; further files of its number hold the labels."""
    labels = sorted(path.parent.glob(f"{path.stem}_ball_*_gt.txt"))
    return Snooker(clip_of(path, f"snooker{path.stem}"), tuple(boxes_of(file) for file in labels))


def boxes_of(path: Path) -> dict[int, Box]:
    """Return the boxes of one ball by frame; the first line tells the number of frames."""
    rows = [line.split() for line in path.read_text().splitlines()[1:] if line.strip()]
    numbers = [[float(cell) for cell in row] for row in rows]
    return {int(n[0]): (n[1], n[2], n[3], n[4]) for n in numbers if n[1] >= 0 and n[3] > n[1]}
