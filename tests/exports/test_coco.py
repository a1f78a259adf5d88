"""COCO as pycocotools reads it: every mask to the pixel, identities kept, and truth against itself is perfect."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from engine import rle
from engine.ports import ExportItem
from exports.registry import exporter

Silent = Callable[[str, int, int], None]
Make = Callable[..., ExportItem]


@pytest.fixture
def items(make_item: Make) -> list[ExportItem]:
    """Return two clips for training and one for validation."""
    one, two = (
        make_item("one"),
        replace(make_item("two", frames=9, video="cafe"), licence="CC-BY-4.0"),
    )
    return [one, make_item("three", video="beef", split="val"), two]


@pytest.fixture(params=["frame", "video"])
def coco(
    request: pytest.FixtureRequest, items: list[ExportItem], tmp_path: Path, silent: Silent
) -> Path:
    return exporter("coco", layout=request.param)(items, tmp_path / "coco", progress=silent).out


def index(folder: Path, split: str = "train") -> dict[str, Any]:
    return json.loads((folder / f"annotations/instances_{split}.json").read_text())


def test_pycocotools_returns_every_mask_to_the_pixel(coco: Path, items: list[ExportItem]) -> None:
    read = COCO(coco / "annotations/instances_train.json")
    for number, item in ((1, items[0]), (3, items[2])):
        images = [one for one in read.dataset["images"] if one["video_id"] == number]
        assert [one["frame_id"] for one in images] == list(range(item.clip.frames))
        for image, row in zip(images, item.frames(), strict=True):
            found = {a["track_id"]: a for a in read.loadAnns(read.getAnnIds(imgIds=image["id"]))}
            truth = {mask.track: mask.rle for mask in row.masks if rle.area(mask.rle) >= 20}
            assert found.keys() == truth.keys()
            for track, mask in truth.items():
                np.testing.assert_array_equal(read.annToMask(found[track]), rle.decode(mask))


def test_areas_and_boxes_are_those_of_the_pixels(coco: Path) -> None:
    read = COCO(coco / "annotations/instances_train.json")
    for said in read.dataset["annotations"]:
        rows, columns = np.nonzero(read.annToMask(said))
        x, y = columns.min(), rows.min()
        assert said["area"] == len(rows)
        assert said["bbox"] == [x, y, columns.max() - x + 1, rows.max() - y + 1]


@pytest.mark.parametrize("kind", ["segm", "bbox"])
def test_truth_against_itself_has_an_average_precision_of_1(coco: Path, kind: str) -> None:
    truth = COCO(coco / "annotations/instances_train.json")
    said = [dict(one, score=0.9) for one in truth.dataset["annotations"]]
    judge = COCOeval(truth, truth.loadRes(said), kind)
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    assert judge.stats[0] == 1.0  # AP at all thresholds, all areas
    assert judge.stats[8] == 1.0  # recall with 100 detections


def test_ids_are_unique_through_all_splits_and_none_is_0(coco: Path) -> None:
    train, val = index(coco), index(coco, "val")
    for key in ("images", "annotations", "videos"):
        ids = [one["id"] for said in (train, val) for one in said[key]]
        assert len(set(ids)) == len(ids)
        assert min(ids) == 1
    assert train["categories"] == val["categories"]


def test_categories_follow_the_vocabulary_from_1(coco: Path) -> None:
    named = [(one["id"], one["name"]) for one in index(coco)["categories"]]
    assert named == [(1, "cue"), (2, "solid"), (3, "stripe")]


def test_every_picture_is_where_its_index_says(coco: Path) -> None:
    for split in ("train", "val"):
        for image in index(coco, split)["images"]:
            with Image.open(coco / f"images/{split}" / image["file_name"]) as opened:
                assert opened.size == (image["width"], image["height"])


def test_a_known_licence_is_named_and_an_unknown_one_is_not(coco: Path) -> None:
    said = index(coco)
    assert [one["name"] for one in said["licenses"]] == ["CC-BY-4.0"]
    assert {image["video_id"] for image in said["images"] if "license" in image} == {3}


def test_balls_are_told_apart_in_videos_through_all_clips(
    items: list[ExportItem], tmp_path: Path, silent: Silent
) -> None:
    out = exporter("coco", layout="video")(items, tmp_path / "v", progress=silent).out
    said = [one for split in ("train", "val") for one in index(out, split)["annotations"]]
    owners = {one["instance_id"]: (one["video_id"], one["track_id"]) for one in said}
    assert len(set(owners.values())) == len(owners) == 9
    assert {one["track_id"] for one in said} == {1, 2, 3}
    assert index(out)["images"][0]["file_name"] == "one/00000.jpg"


def test_pictures_of_the_frame_layout_are_side_by_side_and_have_no_instances(
    items: list[ExportItem], tmp_path: Path, silent: Silent
) -> None:
    out = exporter("coco")(items, tmp_path / "f", progress=silent).out
    assert index(out)["images"][0]["file_name"] == "one_00000.jpg"
    assert "instance_id" not in index(out)["annotations"][0]
    names = sorted(path.name for path in (out / "images/train").iterdir())
    assert len(names) == 12 + 9
    assert names[0] == "one_00000.jpg"


def test_a_clip_without_a_ball_is_pictures_of_none(
    make_item: Make, tmp_path: Path, silent: Silent
) -> None:
    items = [make_item("full"), make_item("empty", video="cafe", masks=lambda _: ())]
    report = exporter("coco")(items, tmp_path / "c", progress=silent)
    said = index(report.out)
    assert report.clips == 2
    assert len(said["images"]) == 24
    assert {one["video_id"] for one in said["annotations"]} == {1}


def test_a_thinned_clip_has_its_own_frame_numbers_and_rate(
    item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    out = exporter("coco", layout="video")(
        [replace(item, step=5)], tmp_path / "c", progress=silent
    ).out
    said = index(out)
    assert (said["videos"][0]["fps"], said["videos"][0]["length"]) == (6.0, 3)
    assert [one["frame_id"] for one in said["images"]] == [0, 1, 2]
    tenth = {m.track: m.rle for m in list(item.frames())[10].masks}
    last = {a["track_id"]: a["segmentation"] for a in said["annotations"] if a["frame_id"] == 2}
    assert last == {track: rle.to_coco(mask) for track, mask in tenth.items()}
