"""MOSE: palette PNGs right below the clip, one number for each ball, one owner for each pixel."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine import rle
from engine.datasets import read_dataset
from engine.errors import ExportError
from engine.ports import ExportItem
from engine.types import TrackMask
from exports.overlap import separate
from exports.palette import voc_palette
from exports.registry import exporter

MakeItem = Callable[..., ExportItem]
Silent = Callable[[str, int, int], None]


@pytest.fixture
def mose(item: ExportItem, tmp_path: Path, silent: Silent) -> Path:
    return exporter("mose")([item], tmp_path / "mose", progress=silent).out


def annotation(folder: Path, frame: int) -> np.ndarray:
    with Image.open(folder / f"Annotations/game-1/{frame:05d}.png") as opened:
        assert (opened.mode, bytes(opened.getpalette() or b"")) == ("P", voc_palette())
        return np.asarray(opened)


def test_pictures_and_annotations_lie_right_below_the_clip(mose: Path) -> None:
    for folder, suffix in (("JPEGImages", "jpg"), ("Annotations", "png")):
        found = sorted(path.name for path in (mose / folder / "game-1").iterdir())
        assert found == [f"{k:05d}.{suffix}" for k in range(12)]
    assert (mose / "train.txt").read_text() == "game-1\n"


def test_a_ball_that_comes_late_has_a_lower_number_than_those_of_the_first_frame(
    mose: Path,
) -> None:
    assert set(np.unique(annotation(mose, 0))) == {0, 2, 3}
    assert set(np.unique(annotation(mose, 3))) == {0, 1, 2, 3}
    objects = json.loads((mose / "engine.json").read_text())["clips"]["game-1"]["objects"]
    assert [objects[n]["track"] for n in ("1", "2", "3")] == [2, 1, 3]


def test_a_pixel_in_two_masks_belongs_to_the_surer_one_and_the_loss_is_told(
    item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    report = exporter("mose")([item], tmp_path / "mose", progress=silent)
    row = next(item.frames()).by_track()
    inside = rle.decode(row[1].rle) & rle.decode(row[3].rle)
    assert inside.any()
    assert set(annotation(report.out, 0)[inside]) == {2}  # track 1 scores 0.9, track 3 0.7
    assert any("track 3 loses" in note for note in report.notes)


def test_our_own_reader_gives_back_what_no_other_ball_hides(mose: Path, item: ExportItem) -> None:
    (clip,) = read_dataset(mose)
    assert clip.labels == {1: "cue", 2: "solid", 3: "stripe"}
    for row, truth in zip(clip.frames(), item.frames(), strict=True):
        expected = {m.track: m.rle for m in separate(truth, {}).masks if m.track != 4}
        assert {mask.track: mask.rle for mask in row.masks} == expected


@pytest.mark.parametrize(
    ("frames", "seen", "reason"),
    [
        (7, range(12), "7 annotated frames, SAM 2's trainer samples 8"),
        (12, (), "no ball on any frame"),
        (12, (5, 11), "no ball on a frame that 7 annotated ones follow"),
    ],
)
def test_a_clip_that_no_sample_can_be_drawn_from_is_named_and_left_out(
    frames: int,
    seen: tuple[int, ...],
    reason: str,
    make_item: MakeItem,
    tmp_path: Path,
    silent: Silent,
) -> None:
    ball = next(make_item().frames()).masks[0]
    item = make_item(frames=frames, masks=lambda k: (ball,) if k in seen else ())
    with pytest.raises(ExportError, match=reason):
        exporter("mose")([item], tmp_path / "mose", progress=silent)


def crowd(count: int) -> Callable[[int], tuple[TrackMask, ...]]:
    """Balls of one pixel, side by side."""
    dots = []
    for track in range(1, count + 1):
        mask = np.zeros((64, 96), bool)
        mask[track // 96, track % 96] = True
        dots.append(TrackMask(track, rle.encode(mask)))
    return lambda _: tuple(dots)


def test_a_palette_holds_254_balls_and_no_more(
    make_item: MakeItem, tmp_path: Path, silent: Silent
) -> None:
    write = exporter("mose", min_area=1)
    full = write([make_item(frames=8, masks=crowd(254))], tmp_path / "full", progress=silent).out
    assert annotation(full, 7).max() == 254
    with pytest.raises(ExportError, match="255 balls, a palette holds 254"):
        write([make_item(frames=8, masks=crowd(255))], tmp_path / "over", progress=silent)
