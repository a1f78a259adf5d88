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
from engine.errors import InputError
from engine.media import decode
from engine.models.yolo import CLASSES
from engine.types import RLE, Image

SMALLEST_AREA = 24
SMALLEST_SIDE = 4.0
SMALLEST_SHARE = 0.15
JPEG_QUALITY = 95


@dataclass(frozen=True, slots=True)
class Balls:
    """The balls of a picture: ``boxes`` float32 (N, 4) xyxy in pixels, ``labels`` int64 (N,) into the classes."""

    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Still:
    """One labelled picture on disk: ``boxes`` float32 (N, 4) xyxy relative to the picture, 0..1."""

    image: Path
    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]

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
            self.boxes * scale, self.labels
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
        for frame, rgb in _frames(path.with_suffix(".mp4"), chosen):
            _write(stills, f"{path.stem}_{frame:05d}", rgb, ball_boxes(truth, frame))
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


def ball_boxes(
    truth: Mapping[str, Any], frame: int
) -> list[tuple[int, tuple[float, float, float, float]]]:
    """Return (class, box) of every ball of the frame of which enough is seen to be found by sight.

    Dropped are slivers: less than 24 pixels, a side under 4, or under 15 % of the area that balls have in this frame.
    """
    labels = {item["track"]: CLASSES.index(item["label"]) for item in truth["objects"]}
    masks = truth["masks"][frame]
    areas = [rle.area(_mask(mask)) for mask in masks]
    least = max(SMALLEST_AREA, SMALLEST_SHARE * float(np.median(areas))) if areas else 0
    return [
        (labels[mask["track"]], tuple(mask["box"]))
        for mask, area in zip(masks, areas, strict=True)
        if area >= least and min(_sides(mask["box"])) >= SMALLEST_SIDE
    ]


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
    balls: Sequence[tuple[int, tuple[float, float, float, float]]],
) -> None:
    """Write one still: first the picture, then the labels that make it count."""
    height, width = rgb.shape[:2]
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    cv2.imwrite(str(stills / "images" / f"{name}.jpg"), rgb[..., ::-1], quality)
    lines = [
        f"{label} {(x0 + x1) / 2 / width:.6f} {(y0 + y1) / 2 / height:.6f} "
        f"{(x1 - x0) / width:.6f} {(y1 - y0) / height:.6f}"
        for label, (x0, y0, x1, y1) in balls
    ]
    (stills / "labels" / f"{name}.txt").write_text("\n".join(lines))


def read_stills(folder: Path) -> list[Still]:
    """Return every still of a folder, in the order of names."""
    return [_read_still(folder, path) for path in sorted((folder / "labels").glob("*.txt"))]


def _read_still(folder: Path, labels: Path) -> Still:
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
    )
