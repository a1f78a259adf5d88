"""Short sequences of windows around one ball, cut from rendered clips; knows no network.

A window follows its ball as it does when the engine runs: around the place where the ball was, with noise.
Sometimes the ball is made to be missing, or another ball lies where it should be.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import av
import numpy as np
from numpy.typing import NDArray

from engine import geometry, rle
from engine.models.windows import View, cut, window
from engine.types import Box, Image, Mask

SIDE = 96
_Masks: TypeAlias = dict[int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Sequence:
    """One ball for T frames, in time order or against it.

    ``pictures`` uint8 (T, 3, S, S); ``masks`` uint8 (T, S, S), 1 where the ball is seen, 2 where any other
    ball is; ``box`` float (4,) in window pixels on the first frame; ``ages`` int (T,), frames since the first.
    """

    pictures: NDArray[np.uint8]
    masks: NDArray[np.uint8]
    box: NDArray[np.float32]
    ages: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Film:
    """A decoded clip: pictures and, per frame, the masks by track."""

    pictures: list[Image]
    masks: list[_Masks]


def sequences(folder: Path, *, frames: int, seed: int, context: float) -> Iterator[Sequence]:
    """Yield sequences without end, up to eight of each clip, clips in random order."""
    dice = random.Random(seed)
    while True:
        paths = sorted(folder.glob("*.json"))
        dice.shuffle(paths)
        for path in paths:
            film = _read(path)
            seen = sorted({track for row in film.masks for track in row})
            for track in dice.sample(seen, min(8, len(seen))):
                made = _sequence(film, track, frames=frames, dice=dice, context=context)
                if made is not None:
                    yield made


def _read(path: Path) -> _Film:
    """Decode a clip and read its truth."""
    truth = json.loads(path.read_text())
    with av.open(str(path.with_suffix(".mp4"))) as media:
        media.streams.video[0].thread_type = "NONE"
        pictures = [
            np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            for frame in media.decode(video=0)
        ]
    masks = [{entry["track"]: entry for entry in row} for row in truth["masks"]]
    return _Film(pictures, masks)


def _sequence(
    film: _Film, track: int, *, frames: int, dice: random.Random, context: float
) -> Sequence | None:
    """Cut the windows of one ball, beginning on a frame where enough of it is visible."""
    order = sorted(dice.sample(range(len(film.pictures)), frames))
    if dice.random() < 0.3:
        order.reverse()
    first = film.masks[order[0]].get(track)
    if first is None or _pixels(first) < 24:
        return None
    zoom = context * dice.uniform(0.75, 1.35)
    box: Box = tuple(first["box"])
    views, kept = [], box
    for step, frame in enumerate(order):
        views.append(_view(film.masks[frame], track, kept, zoom=zoom, step=step, dice=dice))
        kept = tuple(film.masks[frame].get(track, {"box": kept})["box"])
    look = _Look(dice)
    pictures = [
        look.at(cut(film.pictures[f], v, SIDE).numpy()) for f, v in zip(order, views, strict=True)
    ]
    masks = [look.turn(_labels(film.masks[f], track, v)) for f, v in zip(order, views, strict=True)]
    if (masks[0] == 1).sum() < 12:
        return None
    ages = np.abs(np.array(order) - order[0])
    return Sequence(np.stack(pictures), np.stack(masks), _tight(masks[0] == 1), ages)


def _view(
    row: _Masks, track: int, before: Box, *, zoom: float, step: int, dice: random.Random
) -> View:
    """Return where the model looks: near the ball, now and then elsewhere, or at another ball."""
    here = tuple(row.get(track, {"box": before})["box"])
    fate = dice.random()
    others = [tuple(entry["box"]) for key, entry in row.items() if key != track]
    if step and fate < 0.06 and others:
        return window(_shaken(dice.choice(others), dice, 0.15), context=zoom)
    if step and fate < 0.14:
        side = zoom * max(geometry.width(here), geometry.height(here))
        away = dice.choice([(1, 0), (-1, 0), (0, 1), (0, -1)])
        return window(geometry.shift(here, away[0] * side, away[1] * side), context=zoom)
    # Mostly the motion is predicted well; now and then the ball has just been hit.
    spread = 0.12 if step == 0 else dice.choice([0.15, 0.15, 0.6])
    return window(_shaken(here, dice, spread), context=zoom * dice.uniform(0.93, 1.07))


def _shaken(box: Box, dice: random.Random, spread: float) -> Box:
    """Move a box by a normal error of ``spread`` times its size."""
    size = max(geometry.width(box), geometry.height(box))
    return geometry.shift(box, dice.gauss(0, spread) * size, dice.gauss(0, spread) * size)


def _labels(row: _Masks, track: int, view: View) -> NDArray[np.uint8]:
    """Return uint8 (S, S): 1 for the ball, 2 for others, 0 for neither."""
    labels = np.zeros((SIDE, SIDE), np.uint8)
    for key, entry in row.items():
        x0, y0, x1, y1 = entry["box"]
        if x1 > view[0] and x0 < view[2] and y1 > view[1] and y0 < view[3]:
            labels[_seen(entry, view)] = 1 if key == track else 2
    return labels


def _seen(entry: dict[str, Any], view: View) -> Mask:
    """Return one mask in window pixels."""
    mask = rle.from_coco(entry)
    high, wide = mask.size
    x0, y0, x1, y1 = view
    columns = np.floor(x0 + (np.arange(SIDE) + 0.5) * (x1 - x0) / SIDE).astype(int)
    rows = np.floor(y0 + (np.arange(SIDE) + 0.5) * (y1 - y0) / SIDE).astype(int)
    left, top = max(0, x0), max(0, y0)
    crop = rle.decode_crop(mask, (left, top, max(left, min(wide, x1)), max(top, min(high, y1))))
    padded = np.pad(crop, 1)  # beyond the picture there is nothing
    inside: Mask = padded[
        np.clip(rows - top + 1, 0, padded.shape[0] - 1)[:, None],
        np.clip(columns - left + 1, 0, padded.shape[1] - 1),
    ]
    return inside


def _pixels(entry: dict[str, Any]) -> int:
    """Return the area of a mask."""
    return rle.area(rle.from_coco(entry))


def _tight(mask: Mask) -> NDArray[np.float32]:
    """Return the tight box of a mask as float32 (4,)."""
    rows, columns = np.nonzero(mask)
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], np.float32)


class _Look:
    """One manner of seeing for a whole sequence: turned, mirrored, tinted."""

    def __init__(self, dice: random.Random) -> None:
        """Draw it."""
        self._flips = dice.random() < 0.5, dice.random() < 0.5, dice.random() < 0.5
        self._gain = np.array([dice.uniform(0.8, 1.25) for _ in range(3)], np.float32).reshape(
            3, 1, 1
        )
        self._gain *= dice.uniform(0.7, 1.3)
        self._lift = dice.uniform(-18, 18)

    def turn(self, plane: NDArray[Any]) -> NDArray[Any]:
        """Mirror and transpose the last two axes."""
        if self._flips[0]:
            plane = plane[..., ::-1]
        if self._flips[1]:
            plane = plane[..., ::-1, :]
        return np.ascontiguousarray(np.swapaxes(plane, -1, -2) if self._flips[2] else plane)

    def at(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return a picture, uint8 (3, S, S), seen this way."""
        toned = np.clip(picture * self._gain + self._lift, 0, 255).astype(np.uint8)
        return self.turn(toned)
