"""Turns rendered clips with exact masks into a YOLO dataset of stills; knows nothing of networks.

A clip is ``{id}.mp4`` with ``{id}.json`` beside it; a still is ``images/{id}_{frame}.jpg`` with
``labels/{id}_{frame}.txt``: one ball a line, ``class cx cy w h`` relative to the picture, the layout of YOLO datasets.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from engine import rle
from engine.billiards.classes import POCKET, kind_of
from engine.errors import InputError
from engine.media import decode
from engine.models.yolo import CLASSES
from engine.types import RLE, Image

POCKET_INDEX = CLASSES.index(POCKET)
SMALLEST_AREA = 24
SMALLEST_SIDE = 4.0
SMALLEST_SHARE = 0.15
JPEG_QUALITY = 95
LARGEST_STILL = 1920
USUAL_STILL = 1280
ENOUGH_PIXELS = 16.0
LEAST_POCKET = 0.5
UNKNOWN_POCKETS = "pockets_unknown"

Labelled = tuple[int, tuple[float, float, float, float]]


@dataclass(frozen=True, slots=True)
class Balls:
    """The balls and pockets of a picture: ``boxes`` float32 (N, 4) xyxy in pixels, ``labels`` int64 (N,) into the classes.

    ``pockets`` says whether pockets are labelled at all; where they are not, none can be said to be wrong.
    """

    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]
    pockets: bool = True

    @property
    def diameter(self) -> float | None:
        """Median longer side of the balls in pixels, None where there are none."""
        boxes = self.boxes[self.labels != POCKET_INDEX]
        return float(np.median((boxes[:, 2:] - boxes[:, :2]).max(1))) if len(boxes) else None


@dataclass(frozen=True, slots=True)
class Still:
    """One labelled picture on disk: ``boxes`` float32 (N, 4) xyxy relative to the picture, 0..1."""

    image: Path
    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]
    pockets: bool = True

    @property
    def clip(self) -> str:
        """Id of the clip that the picture was taken from."""
        return self.image.stem.rpartition("_")[0]

    def read(self) -> tuple[Image, Balls]:
        """Return the picture, uint8 RGB (H, W, 3), and its balls.

        Raises:
            InputError: the file does not decode.
        """
        bgr = cv2.imread(str(self.image))
        if bgr is None:
            raise InputError(
                f"{self.image}: not a readable picture; delete the folder of stills and start again"
            )
        height, width = bgr.shape[:2]
        scale = np.array([width, height, width, height], np.float32)
        return np.ascontiguousarray(bgr[..., ::-1], np.uint8), Balls(
            self.boxes * scale, self.labels, self.pockets
        )


def add_clips(data: Path, stills: Path, *, per_clip: int, seed: int = 0) -> int:
    """Extract stills of every complete clip in ``data`` that is not in ``stills`` yet; return how many clips came new.

    A clip whose JSON is absent or half-written is left for the next call, so a renderer may still be at work.
    """
    (stills / "images").mkdir(parents=True, exist_ok=True)
    (stills / "labels").mkdir(parents=True, exist_ok=True)
    known = {path.stem.rpartition("_")[0] for path in (stills / "labels").glob("*.txt")}
    fresh = [path for path in sorted(data.glob("*.json")) if path.stem not in known]
    return sum(_add_clip(path, stills, per_clip=per_clip, seed=seed) for path in fresh)


def _add_clip(path: Path, stills: Path, *, per_clip: int, seed: int) -> bool:
    """Extract some frames of one clip; False when it is not complete."""
    try:
        truth = json.loads(path.read_text())
        count = min(per_clip, len(truth["masks"]))
    except (ValueError, KeyError, TypeError):
        return False
    chosen = sorted(random.Random(f"{seed} {path.stem}").sample(range(len(truth["masks"])), count))
    try:
        if "pockets" not in truth:
            (stills / UNKNOWN_POCKETS).mkdir(exist_ok=True)
            (stills / UNKNOWN_POCKETS / path.stem).touch()
        for frame, rgb in _frames(path.with_suffix(".mp4"), chosen):
            labelled = [*ball_boxes(truth, frame), *pocket_boxes(truth, frame, rgb.shape)]
            _write(stills, f"{path.stem}_{frame:05d}", rgb, labelled)
    except InputError:  # the video is gone or not yet whole
        return False
    return True


def _frames(path: Path, chosen: Sequence[int]) -> Iterator[tuple[int, Image]]:
    """Yield the chosen frames, in order.

    Raises:
        VideoError: the file does not decode or ends before the last chosen frame.
    """
    for index, rgb in enumerate(decode(path, stop=max(chosen, default=-1) + 1)):
        if index in chosen:
            yield index, rgb


def ball_boxes(truth: Mapping[str, Any], frame: int) -> list[Labelled]:
    """Return (class, box) of every ball of the frame of which enough is seen to be found by sight.

    Dropped are slivers: less than 24 pixels, a side under 4, or under 15 % of the area that balls have in this frame.
    """
    labels = _kinds(truth)
    masks = truth["masks"][frame]
    areas = [rle.area(_mask(mask)) for mask in masks]
    least = max(SMALLEST_AREA, SMALLEST_SHARE * float(np.median(areas))) if areas else 0
    return [
        (labels[mask["track"]], tuple(mask["box"]))
        for mask, area in zip(masks, areas, strict=True)
        if area >= least and min(_sides(mask["box"])) >= SMALLEST_SIDE
    ]


def _kinds(truth: Mapping[str, Any]) -> dict[int, int]:
    """Return the class of every track."""
    game = truth.get("profile")
    return {
        item["track"]: CLASSES.index(
            kind_of(item["label"], int(item.get("number") or 0), game=game)
        )
        for item in truth["objects"]
    }


def pocket_boxes(truth: Mapping[str, Any], frame: int, shape: tuple[int, ...]) -> list[Labelled]:
    """Return (class, box) of every pocket that is seen, clipped to a picture of ``shape`` (height, width).

    Pockets of which less than half is inside the picture are left out; so are all where the truth has none.
    """
    given = truth.get("pockets") or []
    seen = []
    for pocket in given[frame] if given else []:
        x, y, radius = pocket["x"], pocket["y"], pocket["radius"]
        box = pocket.get("box") or (x - radius, y - radius, x + radius, y + radius)
        x0, x1 = (min(max(value, 0.0), shape[1]) for value in (box[0], box[2]))
        y0, y1 = (min(max(value, 0.0), shape[0]) for value in (box[1], box[3]))
        inside = max(0.0, x1 - x0) * max(0.0, y1 - y0)
        if pocket["visible"] and inside > LEAST_POCKET * (box[2] - box[0]) * (box[3] - box[1]):
            seen.append((POCKET_INDEX, (x0, y0, x1, y1)))
    return seen


def _mask(mask: Mapping[str, Any]) -> RLE:
    """Return the run lengths of one entry."""
    counts = mask["counts"]
    height, width = mask["size"]
    return RLE((height, width), counts.encode() if isinstance(counts, str) else counts)


def _sides(box: Sequence[float]) -> tuple[float, float]:
    """Return width and height of a box."""
    return box[2] - box[0], box[3] - box[1]


def _write(
    stills: Path,
    name: str,
    rgb: Image,
    balls: Sequence[Labelled],
) -> None:
    """Write one still: first the picture, then the labels that make it count."""
    height, width = rgb.shape[:2]
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    scale = still_scale(rgb.shape, [box for label, box in balls if label != POCKET_INDEX])
    size = round(width * scale), round(height * scale)
    small = rgb if scale == 1 else cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(stills / "images" / f"{name}.jpg"), small[..., ::-1], quality)
    lines = [
        f"{label} {(x0 + x1) / 2 / width:.6f} {(y0 + y1) / 2 / height:.6f} "
        f"{(x1 - x0) / width:.6f} {(y1 - y0) / height:.6f}"
        for label, (x0, y0, x1, y1) in balls
    ]
    (stills / "labels" / f"{name}.txt").write_text("\n".join(lines))


def still_scale(shape: tuple[int, ...], balls: Sequence[Sequence[float]]) -> float:
    """Return how much a still is shrunk: pictures over 1280 pixels to that, but balls keep 16 pixels where they can.

    Large pictures are slow to read and show balls larger than any detector is given them.
    """
    long = max(shape[:2])
    sides = [max(_sides(box)) for box in balls]
    wanted = ENOUGH_PIXELS / float(np.median(sides)) if sides else 0.0
    return min(1.0, LARGEST_STILL / long, max(USUAL_STILL / long, wanted))


def read_stills(folder: Path) -> list[Still]:
    """Return every still of a folder, in the order of names."""
    unknown = {path.name for path in (folder / UNKNOWN_POCKETS).glob("*")}
    return [
        _read_still(folder, path, pockets=path.stem.rpartition("_")[0] not in unknown)
        for path in sorted((folder / "labels").glob("*.txt"))
    ]


def _read_still(folder: Path, labels: Path, *, pockets: bool) -> Still:
    """Return one still from its file of labels."""
    rows = np.array([line.split() for line in labels.read_text().splitlines()], np.float64).reshape(
        -1, 5
    )
    centre, half = rows[:, 1:3], rows[:, 3:5] / 2
    boxes = np.concatenate([centre - half, centre + half], 1)
    return Still(
        folder / "images" / f"{labels.stem}.jpg",
        boxes.astype(np.float32),
        rows[:, 0].astype(np.int64),
        pockets,
    )
