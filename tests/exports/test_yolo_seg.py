"""YOLO segmentation as ultralytics reads it: no label is corrupt, and polygons hold the masks."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from engine import rle
from engine.ports import ExportItem
from engine.types import FrameMasks, TrackMask
from exports.polygons import filled
from exports.registry import exporter

Silent = Callable[[str, int, int], None]
Make = Callable[..., ExportItem]
SIZE = (64, 96)


@pytest.fixture
def items(make_item: Make) -> list[ExportItem]:
    empty = make_item("empty", frames=3, video="beef", masks=lambda _: ())
    return [make_item("one"), empty, make_item("two", frames=9, video="cafe", split="val")]


@pytest.fixture
def yolo(items: list[ExportItem], tmp_path: Path, silent: Silent) -> Path:
    return exporter("yolo-seg")(items, tmp_path / "yolo", progress=silent).out


def rows(path: Path) -> list[tuple[int, np.ndarray]]:
    found = [line.split() for line in path.read_text().splitlines()]
    return [(int(row[0]), np.array(row[1:], float).reshape(-1, 2)) for row in found]


def ring(_frame: int) -> tuple[TrackMask, ...]:
    """A ring, and apart from it a corner: a hole and two parts."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    away = (x - 40) ** 2 + (y - 30) ** 2
    return (TrackMask(1, rle.encode((away < 400) & (away > 60) | (x > 90) & (y > 50))),)


def test_polygons_hold_the_masks_to_the_pixel(yolo: Path, items: list[ExportItem]) -> None:
    for row in items[0].frames():
        truth = [rle.decode(mask.rle) for mask in row.masks if rle.area(mask.rle) >= 20]
        found = rows(yolo / f"labels/train/one_{row.frame:05d}.txt")
        assert len(found) == len(truth)
        for (_, shares), mask in zip(found, truth, strict=True):
            np.testing.assert_array_equal(filled(shares * (96, 64), SIZE), mask)


def test_parts_and_holes_are_one_polygon_and_what_it_keeps_is_noted(
    make_item: Make, tmp_path: Path, silent: Silent
) -> None:
    report = exporter("yolo-seg")([make_item(masks=ring)], tmp_path / "y", progress=silent)
    ((_, shares),) = rows(report.out / "labels/train/game-1_00000.txt")
    np.testing.assert_array_equal(filled(shares * (96, 64), SIZE), rle.decode(ring(0)[0].rle))
    assert "game-1: polygons keep 1.0000 of their masks (IoU), 1.0000 at worst" in report.notes


def test_classes_are_those_of_the_dataset_in_the_order_of_the_vocabulary(yolo: Path) -> None:
    said = yaml.safe_load((yolo / "data.yaml").read_text())
    assert said["names"] == {0: "cue", 1: "solid", 2: "stripe"}
    assert (said["train"], said["val"]) == ("images/train", "images/val")
    assert "path" not in said  # else ultralytics would look for it below the working directory
    assert [kind for kind, _ in rows(yolo / "labels/train/one_00003.txt")] == [0, 1, 2]


def test_a_picture_without_a_ball_has_an_empty_text(yolo: Path) -> None:
    for frame in range(3):
        assert (yolo / f"labels/train/empty_{frame:05d}.txt").read_bytes() == b""
        assert (yolo / f"images/train/empty_{frame:05d}.jpg").is_file()


def test_a_mask_that_two_balls_of_a_class_share_is_written_once_and_noted(
    make_item: Make, tmp_path: Path, silent: Silent
) -> None:
    def masks(_frame: int) -> tuple[TrackMask, ...]:
        dot = rle.encode(np.ones((9, 9), bool), origin=(5, 5), size=SIZE)
        return tuple(TrackMask(track, dot) for track in (1, 2, 5, 6))  # cue, solid, ball, ball

    report = exporter("yolo-seg")([make_item(masks=masks)], tmp_path / "y", progress=silent)
    assert len(rows(report.out / "labels/train/game-1_00000.txt")) == 3
    assert any(
        note.startswith("game-1: track 6 has the mask of another one of its class on 12 frames")
        for note in report.notes
    )


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_trainers_find_both_splits_even_where_there_is_one(
    split: str, make_item: Make, tmp_path: Path, silent: Silent
) -> None:
    out = exporter("yolo-seg")([make_item(split=split)], tmp_path / "y", progress=silent).out
    said = yaml.safe_load((out / "data.yaml").read_text())
    assert (said["train"], said["val"]) == (f"images/{split}",) * 2
    assert said.get(split) == f"images/{split}"


@pytest.mark.slow
def test_ultralytics_finds_the_dataset_from_anywhere_and_no_label_is_corrupt(
    yolo: Path, items: list[ExportItem], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    utils = pytest.importorskip("ultralytics.data.utils")
    data = pytest.importorskip("ultralytics.data")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(utils, "check_font", lambda *_: None)  # it would download one
    said = utils.check_det_dataset(yolo / "data.yaml", autodownload=False)
    assert said["names"] == {0: "cue", 1: "solid", 2: "stripe"}
    for split, pictures in (("train", 15), ("val", 9)):
        read = data.YOLODataset(img_path=said[split], data=said, task="segment", augment=False)
        assert len(read.labels) == pictures
        _assert_equal(read.labels, [row for item in items for row in item.frames()])


def _assert_equal(labels: list[dict[str, np.ndarray]], truth: list[FrameMasks]) -> None:
    """Compare boxes and polygons of ultralytics with the masks, picture by picture."""
    for label in labels:
        clip, _, frame = Path(str(label["im_file"])).stem.rpartition("_")
        start = {"one": 0, "empty": 12, "two": 15}[clip]
        masks = [m.rle for m in truth[start + int(frame)].masks if rle.area(m.rle) >= 20]
        assert len(label["segments"]) == len(label["bboxes"]) == len(masks)
        for segment, (x, y, wide, high), mask in zip(
            label["segments"], label["bboxes"], masks, strict=True
        ):
            np.testing.assert_array_equal(filled(segment * (96, 64), SIZE), rle.decode(mask))
            box = np.array([x - wide / 2, y - high / 2, x + wide / 2, y + high / 2])
            np.testing.assert_allclose(box * (96, 64, 96, 64), rle.bbox(mask), atol=1e-3)
