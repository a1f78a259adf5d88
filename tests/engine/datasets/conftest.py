"""One small world, and a writer for each layout that knows nothing of the product but its video writer."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image as Pillow
from pycocotools import mask as coco_masks

from engine import rle
from engine.datasets import LabelledClip
from engine.media import VideoWriter
from engine.types import RLE, FrameMasks, Image, TrackMask

WIDE, HIGH, FRAMES = 96, 64, 10
RATE = Fraction(30000, 1001)
LABELS = {3: "cue", 7: "stripe"}
PALETTE = bytes(range(256)) * 3


def disc(x: float, y: float, radius: float = 8):
    rows, columns = np.mgrid[:HIGH, :WIDE]
    return (columns - x) ** 2 + (rows - y) ** 2 < radius**2


def arrays_of(frame: int):
    """Return a ball that moves, and one that comes late and is away on frames 5 and 6: bool (H, W) by track."""
    seen = {3: disc(20 + 2 * frame, 20)}
    if frame >= 2 and frame not in (5, 6):
        seen[7] = disc(70, 44)
    return seen


def truth_of(frame: int) -> FrameMasks:
    masks = [
        TrackMask(t, RLE((HIGH, WIDE), coco(m)["counts"])) for t, m in arrays_of(frame).items()
    ]
    return FrameMasks(frame, tuple(masks))


def picture_of(frame: int, size: tuple[int, int] = (HIGH, WIDE)) -> Image:
    """Return a picture that is ten levels brighter with each frame."""
    return np.full((*size, 3), (30 + 10 * frame) % 256, np.uint8)


def coco(mask):
    """Return the run lengths of a mask, bool (H, W), as pycocotools writes them; counts are bytes."""
    return coco_masks.encode(np.asfortranarray(mask.astype(np.uint8)))


def coco_json(mask):
    said = coco(mask)
    return {"size": said["size"], "counts": said["counts"].decode()}


def pictures(folder: Path, numbers=range(FRAMES), *, name="{:05d}.jpg", size=(HIGH, WIDE)) -> None:
    """Write one JPEG for each number; the k-th is as bright as frame k."""
    folder.mkdir(parents=True, exist_ok=True)
    for frame, number in enumerate(numbers):
        Pillow.fromarray(picture_of(frame, size)).save(folder / name.format(number), quality=95)


def video(path: Path, frames: int = FRAMES) -> None:
    with VideoWriter(path, width=WIDE, height=HIGH, rate=RATE, crf=2) as writer:
        for frame in range(frames):
            writer.write(picture_of(frame))


def palette(folder: Path, rows, *, name="{:05d}.png") -> None:
    """Write one palette PNG for each frame of ``rows``: {frame: {number: bool (H, W)}}."""
    folder.mkdir(parents=True, exist_ok=True)
    for frame, masks in rows.items():
        numbers = np.zeros(next(iter(masks.values())).shape if masks else (HIGH, WIDE), np.uint8)
        for number, mask in masks.items():
            numbers[mask] = number
        picture = Pillow.fromarray(numbers, mode="P")
        picture.putpalette(PALETTE)
        picture.save(folder / name.format(frame))


def objects(folder: Path, rows, *, numbers, mode="P") -> None:
    """Write one PNG for each object and frame, blank ones too; ``numbers``: {track: name of its folder}."""
    for track, number in numbers.items():
        (folder / number).mkdir(parents=True, exist_ok=True)
        for frame, masks in rows.items():
            mask = masks.get(track, np.zeros((HIGH, WIDE), bool))
            if mode == "1":
                picture = Pillow.fromarray(mask)
            else:
                picture = Pillow.fromarray(mask.astype(np.uint8) * (255 if mode == "L" else 1))
                picture = picture.convert(mode) if mode != "P" else picture
            picture.save(folder / number / f"{frame:05d}.png")


def masklets(root: Path, name: str, *, kind="manual", step=1, tracks=(3, 7), rows=None, **fields):
    """Write an annotation file of SA-V."""
    rows = rows or [arrays_of(frame) for frame in range(0, FRAMES, step)]
    size = next(iter(rows[0].values())).shape
    nothing = np.zeros(size, bool)
    said = {
        "video_id": name,
        "video_duration": float(FRAMES / RATE),
        "video_frame_count": float(FRAMES),
        "video_height": float(size[0]),
        "video_width": float(size[1]),
        "masklet": [[coco_json(row.get(t, nothing)) for t in tracks] for row in rows],
        "masklet_id": list(range(len(tracks))),
        "masklet_stability_score": [None] * len(tracks),
        **fields,
    }
    (root / f"{name}_{kind}.json").write_text(json.dumps(said))
    return said


def side_file(root: Path, objects, *, names=("game-1", "game-2"), key="objects", **facts) -> None:
    """Write engine.json: ``objects`` is {number: track}."""
    clips = {
        name: {
            "recording": recording,
            "rate": [30000, 1001],
            key: {str(n): {"track": t, "label": LABELS[t]} for n, t in objects.items()},
            **facts,
        }
        for name, recording in zip(names, ("aa", "bb"), strict=False)
    }
    (root / "engine.json").write_text(json.dumps({"writer": "billiards-engine", "clips": clips}))


def rendered(root: Path, name: str) -> None:
    root.mkdir(parents=True)
    video(root / f"{name}.mp4")
    masks = [
        [{"track": t, **coco_json(m)} for t, m in arrays_of(frame).items()]
        for frame in range(FRAMES)
    ]
    said = {"id": name, "width": WIDE, "height": HIGH, "rate": [30000, 1001], "masks": masks}
    said["objects"] = [{"track": t, "label": label} for t, label in LABELS.items()]
    (root / f"{name}.json").write_text(json.dumps(said))


def lists(folder: Path, **names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for split, name in names.items():
        (folder / f"{split}.txt").write_text(name + "\n")


def _rendered(root: Path) -> None:
    rendered(root / "train", "game-1")
    rendered(root / "val", "game-2")


def _sav(root: Path) -> None:
    for name in ("game-1", "game-2"):
        pictures(root / "JPEGImages" / name)
        video(root / f"{name}.mp4")
        masklets(root, name)
    lists(root, train="game-1", val="game-2")
    side_file(root, {0: 3, 1: 7}, key="masklets")


def _sav_val(root: Path) -> None:
    for name in ("game-1", "game-2"):
        pictures(root / "JPEGImages_30fps" / name)
        rows = {frame: arrays_of(frame) for frame in range(FRAMES)}
        objects(root / "Annotations_30fps" / name, rows, numbers={3: "000", 7: "001"})
    lists(root, train="game-1", sav_val="game-2")
    side_file(root, {0: 3, 1: 7})


def _frames(root: Path) -> None:
    for name in ("game-1", "game-2"):
        pictures(root / "JPEGImages" / name)
        rows = {frame: arrays_of(frame) for frame in range(FRAMES)}
        objects(root / "Annotations" / name, rows, numbers={3: "000", 7: "001"}, mode="1")
    lists(root, train="game-1", val="game-2")
    side_file(root, {0: 3, 1: 7})


def _palettes(root: Path, *, level: str, kind: str = "Annotations") -> None:
    for name in ("game-1", "game-2"):
        pictures(root / "JPEGImages" / level / name)
        rows = {
            frame: {{7: 1, 3: 2}[t]: mask for t, mask in arrays_of(frame).items()}
            for frame in range(FRAMES)
        }
        palette(root / kind / level / name, rows)
    side_file(root, {1: 7, 2: 3})


def _davis(root: Path) -> None:
    _palettes(root, level="Full-Resolution")
    lists(root / "ImageSets" / "2017", train="game-1", val="game-2")


def _davis_480p(root: Path) -> None:
    _palettes(root, level="480p", kind="Annotations_unsupervised")
    lists(root / "ImageSets" / "2019", train="game-1", val="game-2")


def _mose(root: Path) -> None:
    _palettes(root, level="")
    lists(root, train="game-1", val="game-2")


LAYOUTS = {
    "rendered": _rendered,
    "sav": _sav,
    "sav-val": _sav_val,
    "frames": _frames,
    "davis": _davis,
    "davis-480p": _davis_480p,
    "mose": _mose,
}


@pytest.fixture(scope="session")
def datasets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the folder of each layout, with a clip to train on and one to validate on; not to be changed."""
    root = tmp_path_factory.mktemp("datasets")
    for name, write in LAYOUTS.items():
        (root / name).mkdir()
        write(root / name)
    return {name: root / name for name in LAYOUTS}


@pytest.fixture
def truth() -> Callable[[int], FrameMasks]:
    return truth_of


@pytest.fixture(scope="session")
def golden() -> SimpleNamespace:
    """Return the writers by name."""
    return SimpleNamespace(
        arrays_of=arrays_of, coco=coco, coco_json=coco_json, disc=disc, lists=lists, masklets=masklets,
        objects=objects, palette=palette, picture_of=picture_of, pictures=pictures, rendered=rendered,
        side_file=side_file, truth_of=truth_of, video=video, labels=LABELS, size=(HIGH, WIDE), frames=FRAMES,
    )  # fmt: skip


def _arrays(labelled: LabelledClip):
    return {
        row.frame: {mask.track: rle.decode(mask.rle) for mask in row.masks}
        for row in labelled.frames()
    }


@pytest.fixture(scope="session")
def decoded() -> Callable:
    """Return what turns a clip into {frame: {track: bool (H, W)}}."""
    return _arrays
