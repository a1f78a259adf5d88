"""Plain frames: JPEGs and a PNG for each object, with nothing that overlaps or leaves lost."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine import rle
from engine.datasets import read_dataset
from engine.errors import ExportError
from engine.ports import ExportItem
from engine.types import TrackMask
from exports.registry import exporter

MakeItem = Callable[..., ExportItem]
Silent = Callable[[str, int, int], None]


@pytest.fixture
def frames(item: ExportItem, tmp_path: Path, silent: Silent) -> Path:
    return exporter("frames")([item], tmp_path / "frames", progress=silent).out


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_layout_is_pictures_and_a_folder_for_each_object(frames: Path) -> None:
    assert names(frames / "JPEGImages/game-1") == [f"{k:05d}.jpg" for k in range(12)]
    assert names(frames / "Annotations/game-1") == ["000", "001", "002"]
    for thing in ("000", "001", "002"):
        assert names(frames / "Annotations/game-1" / thing) == [f"{k:05d}.png" for k in range(12)]
    assert (frames / "train.txt").read_text() == "game-1\n"


def test_a_table_says_which_object_is_which_ball(frames: Path) -> None:
    assert (frames / "objects.csv").read_text().splitlines() == [
        "clip,object,track,class",
        "game-1,000,1,cue",
        "game-1,001,2,solid",
        "game-1,002,3,stripe",
    ]


def test_overlapping_balls_keep_all_their_pixels(frames: Path, item: ExportItem) -> None:
    for row in item.frames():
        for mask in row.masks:
            if mask.track == 4:  # a speck
                continue
            path = frames / f"Annotations/game-1/{mask.track - 1:03d}/{row.frame:05d}.png"
            with Image.open(path) as opened:
                np.testing.assert_array_equal(np.asarray(opened) > 0, rle.decode(mask.rle))


def test_our_own_reader_gives_back_every_mask_with_its_track(
    frames: Path, item: ExportItem
) -> None:
    (clip,) = read_dataset(frames)
    assert clip.labels == {1: "cue", 2: "solid", 3: "stripe"}
    for row, truth in zip(clip.frames(), item.frames(), strict=True):
        expected = {mask.track: mask.rle for mask in truth.masks if mask.track != 4}
        assert {mask.track: mask.rle for mask in row.masks} == expected


def test_a_step_thins_pictures_and_masks_alike(
    item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    thinned = replace(item, step=4)
    folder = exporter("frames")([thinned], tmp_path / "frames", progress=silent).out
    assert names(folder / "JPEGImages/game-1") == ["00000.jpg", "00001.jpg", "00002.jpg"]
    assert names(folder / "Annotations/game-1/000") == ["00000.png", "00001.png", "00002.png"]
    (clip,) = read_dataset(folder)
    assert clip.clip.rate == Fraction(30, 4)
    truth = {row.frame: row.by_track()[1].rle for row in item.frames()}
    assert [row.by_track()[1].rle for row in clip.frames()] == [truth[k] for k in (0, 4, 8)]


def test_a_ball_of_one_pixel_is_kept_where_specks_are_asked_for(
    make_item: MakeItem, tmp_path: Path, silent: Silent
) -> None:
    dot = np.zeros((64, 96), bool)
    dot[63, 95] = True
    item = make_item(masks=lambda k: (TrackMask(1, rle.encode(dot)),) if k == 7 else ())
    folder = exporter("frames", min_area=1)([item], tmp_path / "frames", progress=silent).out
    with Image.open(folder / "Annotations/game-1/000/00007.png") as opened:
        assert np.argwhere(np.asarray(opened)).tolist() == [[63, 95]]


def test_a_clip_without_balls_is_named_and_left_out(
    make_item: MakeItem, tmp_path: Path, silent: Silent
) -> None:
    items = [make_item(), make_item("bare", video="cafe", masks=lambda _: ())]
    report = exporter("frames")(items, tmp_path / "frames", progress=silent)
    assert report.clips == 1
    assert "bare: no ball on any frame: left out" in report.notes
    assert names(report.out / "Annotations") == names(report.out / "JPEGImages") == ["game-1"]
    with pytest.raises(ExportError, match="no ball on any frame"):
        exporter("frames")(items[1:], tmp_path / "none", progress=silent)


def test_a_short_clip_is_written_and_noted_as_no_use_to_sam_2s_trainer(
    make_item: MakeItem, tmp_path: Path, silent: Silent
) -> None:
    report = exporter("frames")([make_item(frames=5)], tmp_path / "frames", progress=silent)
    assert report.clips == 1
    assert any("5 annotated frames, SAM 2's trainer samples 8" in note for note in report.notes)
    assert not (report.out / "sam2_train.yaml").exists()
    assert (report.out / "engine_train.toml").exists()
