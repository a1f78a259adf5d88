"""Turns clips with true masks into a YOLO dataset of stills; knows nothing of networks.

A still is ``images/{clip}_{frame}.jpg`` with ``labels/{clip}_{frame}.txt``: one ball or pocket a line,
``class cx cy w h`` relative to the picture, the layout of YOLO datasets. Rendered clips say kinds and pockets;
of other datasets (SA-V, DAVIS) only that there is a ball is learnt.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.datasets import LabelledClip, read_dataset, stretch
from engine.errors import InputError
from engine.media import decode
from engine.training.detector_truth import (
    POCKET_INDEX,
    Labelled,
    ball_boxes,
    mask_boxes,
    pocket_boxes,
    sides,
)
from engine.types import Image

JPEG_QUALITY = 95
LARGEST_STILL = 1920
USUAL_STILL = 1280
ENOUGH_PIXELS = 16.0
UNKNOWN_POCKETS = "pockets_unknown"
HELD_OUT = 25
EXPORTED = ("Annotations", "*_manual.json", "*_auto.json")


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

    ``data`` is a folder of rendered clips, or one with the folder "train" of such, or an export; clips of the
    split "val" are left alone. A rendered clip whose JSON is absent or half-written is left for the next call, so a
    renderer may still be at work.

    Raises:
        InputError: a file of an exported dataset is damaged.
    """
    (stills / "images").mkdir(parents=True, exist_ok=True)
    (stills / "labels").mkdir(parents=True, exist_ok=True)
    known = {path.stem.rpartition("_")[0] for path in (stills / "labels").glob("*.txt")}
    if any(found for pattern in EXPORTED for found in data.glob(pattern)):
        clips = [one for one in read_dataset(data) if one.clip.split != "val"]
        fresh = [one for one in clips if one.clip.id not in known]
        return sum(_add_export(one, stills, per_clip=per_clip, seed=seed) for one in fresh)
    found = sorted([*data.glob("*.json"), *data.glob("train/*.json")])
    return sum(
        _add_rendered(path, stills, per_clip=per_clip, seed=seed)
        for path in found
        if path.stem not in known
    )


def _add_rendered(path: Path, stills: Path, *, per_clip: int, seed: int) -> bool:
    """Extract some frames of one rendered clip; False when it is not complete."""
    try:
        truth = json.loads(path.read_text())
        chosen = _choose(range(len(truth["masks"])), path.stem, per_clip=per_clip, seed=seed)
    except (ValueError, KeyError, TypeError):
        return False
    try:
        if "pockets" not in truth:
            _mark_unknown(stills, path.stem)
        for frame, rgb in _frames(path.with_suffix(".mp4"), chosen):
            labelled = [*ball_boxes(truth, frame), *pocket_boxes(truth, frame, rgb.shape)]
            _write(stills, f"{path.stem}_{frame:05d}", rgb, labelled)
    except InputError:  # the video is gone or not yet whole
        return False
    return True


def _add_export(labelled: LabelledClip, stills: Path, *, per_clip: int, seed: int) -> bool:
    """Extract some labelled frames of one exported clip; False when there are none."""
    name = labelled.clip.id
    _mark_unknown(stills, name)
    chosen = _choose(labelled.labelled, name, per_clip=per_clip, seed=seed)
    for frame in chosen:
        pictures, truth = stretch(labelled, frame, frame + 1)
        _write(stills, f"{name}_{frame:05d}", next(pictures), mask_boxes(next(truth)))
    return bool(chosen)


def _choose(frames: Sequence[int], name: str, *, per_clip: int, seed: int) -> list[int]:
    """Return some of a clip's frames, in order; which hangs on seed and name alone."""
    drawn = random.Random(f"{seed} {name}").sample(range(len(frames)), min(per_clip, len(frames)))
    return [frames[index] for index in sorted(drawn)]


def _mark_unknown(stills: Path, clip: str) -> None:
    """Remember that a clip's truth says nothing of pockets."""
    (stills / UNKNOWN_POCKETS).mkdir(exist_ok=True)
    (stills / UNKNOWN_POCKETS / clip).touch()


def _frames(path: Path, chosen: Sequence[int]) -> Iterator[tuple[int, Image]]:
    """Yield the chosen frames, in order.

    Raises:
        VideoError: the file does not decode or ends before the last chosen frame.
    """
    for index, rgb in enumerate(decode(path, stop=max(chosen, default=-1) + 1)):
        if index in chosen:
            yield index, rgb


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
    across = [max(sides(box)) for box in balls]
    wanted = ENOUGH_PIXELS / float(np.median(across)) if across else 0.0
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


def split(stills: Sequence[Still]) -> tuple[list[Still], list[Still]]:
    """Return stills to learn from and stills held out: those of about every 25th clip, at least of one.

    The choice hangs on a clip's name alone, so that no clip changes sides as others are added.
    """
    marks = {still.clip: crc32(still.clip.encode()) % HELD_OUT for still in stills}
    least = min(marks.values(), default=0)
    held = (
        {clip for clip, mark in marks.items() if mark == least}
        if len(set(marks.values())) > 1
        else set()
    )
    return [still for still in stills if still.clip not in held], [
        still for still in stills if still.clip in held
    ]
