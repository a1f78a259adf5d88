"""One small world in every layout: rendered, and exported by the product's own exporters."""

import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine import rle
from engine.media import VideoWriter
from engine.ports import ExportItem
from engine.types import RLE, Clip, FrameBatch, FrameMasks, Image, Kind, Revision, Track, TrackMask
from exports.registry import exporter

WIDE, HIGH, FRAMES = 96, 64, 10
LABELS = {3: "cue", 7: "stripe"}


def disc(x: float, y: float, radius: float = 8) -> RLE:
    rows, columns = np.mgrid[:HIGH, :WIDE]
    return rle.encode((columns - x) ** 2 + (rows - y) ** 2 < radius**2)


def truth_of(frame: int) -> FrameMasks:
    """Return a ball that moves, and one that comes late and is away on frames 5 and 6."""
    seen = [TrackMask(3, disc(20 + 2 * frame, 20))]
    if frame >= 2 and frame not in (5, 6):
        seen.append(TrackMask(7, disc(70, 44)))
    return FrameMasks(frame, tuple(seen))


def picture_of(frame: int) -> Image:
    """Return a picture that is ten levels brighter with each frame."""
    return np.full((HIGH, WIDE, 3), 30 + 10 * frame, np.uint8)


def item(name: str, *, split: str, recording: str) -> ExportItem:
    clip = Clip(name, recording, "none.mp4", 0, FRAMES, WIDE, HIGH, Fraction(30000, 1001), split)
    tracks = tuple(Track(track, label) for track, label in LABELS.items())

    def batches() -> Iterator[FrameBatch]:
        for frame in range(FRAMES):
            yield FrameBatch(frame, picture_of(frame)[None])

    return ExportItem(
        clip,
        Revision(name, None, Kind.AUTO, "test", tracks, {}, 1),
        lambda: (truth_of(frame) for frame in range(FRAMES)),
        batches,
    )


def _silent(_clip: str, _done: int, _total: int) -> None:
    """Show nothing."""


def _render(folder: Path, name: str) -> None:
    folder.mkdir(exist_ok=True)
    with VideoWriter(
        folder / f"{name}.mp4", width=WIDE, height=HIGH, rate=Fraction(30000, 1001), crf=2
    ) as video:
        for frame in range(FRAMES):
            video.write(picture_of(frame))
    masks = [
        [
            {"track": mask.track, **rle.to_coco(mask.rle), "box": rle.bbox(mask.rle)}
            for mask in truth_of(frame).masks
        ]
        for frame in range(FRAMES)
    ]
    truth = {
        "id": name,
        "width": WIDE,
        "height": HIGH,
        "rate": [30000, 1001],
        "frames": FRAMES,
        "objects": [{"track": t, "label": label, "number": 0} for t, label in LABELS.items()],
        "masks": masks,
    }
    (folder / f"{name}.json").write_text(json.dumps(truth))


@pytest.fixture(scope="session")
def datasets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the folder of each layout, with a clip to train on and one to validate on."""
    root = tmp_path_factory.mktemp("datasets")
    items = [
        item("game-1", split="train", recording="aa"),
        item("game-2", split="val", recording="bb"),
    ]
    exporter("sav")(items, root / "sav", progress=_silent)
    exporter("davis")(items, root / "davis", progress=_silent)
    (root / "rendered").mkdir()
    _render(root / "rendered" / "train", "game-1")
    _render(root / "rendered" / "val", "game-2")
    return {name: root / name for name in ("rendered", "sav", "davis")}


@pytest.fixture
def truth() -> Callable[[int], FrameMasks]:
    return truth_of
