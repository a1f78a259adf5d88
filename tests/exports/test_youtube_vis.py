"""YouTube-VIS as TrackEval reads it: truth against itself is perfect, and the numbers of masks are those that were given."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco

from engine import rle
from engine.errors import ExportError
from engine.ports import ExportItem
from exports.registry import exporter

Silent = Callable[[str, int, int], None]
Make = Callable[..., ExportItem]


@pytest.fixture
def items(make_item: Make) -> list[ExportItem]:
    return [make_item("one"), make_item("two", frames=9, video="cafe")]


@pytest.fixture
def vis(items: list[ExportItem], tmp_path: Path, silent: Silent) -> Path:
    return exporter("youtube-vis")(items, tmp_path / "vis", progress=silent).out


def index(folder: Path, split: str = "train") -> dict[str, Any]:
    return json.loads((folder / f"{split}.json").read_text())


def test_every_object_has_an_entry_for_every_picture_and_null_where_it_is_not_visible(
    vis: Path,
) -> None:
    third = next(one for one in index(vis)["annotations"] if one["track_id"] == 3)
    for key in ("segmentations", "areas", "bboxes"):
        absent = [frame for frame, said in enumerate(third[key]) if said is None]
        assert absent == [4, 5, 6]
        assert len(third[key]) == third["length"] == 12


def test_masks_areas_and_boxes_are_those_of_the_clip(vis: Path, items: list[ExportItem]) -> None:
    rows = [row.by_track() for row in items[1].frames()]
    for said in (one for one in index(vis)["annotations"] if one["video_id"] == 2):
        for frame, plain in enumerate(said["segmentations"]):
            if plain is None:
                continue
            truth = rle.decode(rows[frame][said["track_id"]].rle)
            found = coco.decode(coco.frPyObjects(plain, *plain["size"]))
            np.testing.assert_array_equal(found, truth)
            (y, x), area = (axis.min() for axis in np.nonzero(truth)), said["areas"][frame]
            assert area == truth.sum()
            assert said["bboxes"][frame][:2] == [x, y]


def test_videos_name_their_pictures_in_order(vis: Path) -> None:
    for said, length in zip(index(vis)["videos"], (12, 9), strict=True):
        assert said["length"] == len(said["file_names"]) == length
        assert said["file_names"] == sorted(said["file_names"])
        assert all((vis / "JPEGImages" / name).is_file() for name in said["file_names"])


def test_splits_have_an_index_each_and_share_ids_and_categories(
    make_item: Make, tmp_path: Path, silent: Silent
) -> None:
    items = [make_item("a"), make_item("b", video="cafe", split="val")]
    out = exporter("youtube-vis")(items, tmp_path / "vis", progress=silent).out
    train, val = index(out), index(out, "val")
    assert [one["id"] for one in train["annotations"]] == [1, 2, 3]
    assert [one["id"] for one in val["annotations"]] == [4, 5, 6]
    assert val["videos"][0]["id"] == 2
    assert train["categories"] == val["categories"]


def test_a_clip_without_a_ball_is_left_out_by_name(
    make_item: Make, tmp_path: Path, silent: Silent
) -> None:
    empty = make_item("empty", video="cafe", masks=lambda _: ())
    report = exporter("youtube-vis")([make_item(), empty], tmp_path / "v", progress=silent)
    assert "empty: no ball on any frame: left out" in report.notes
    assert not (report.out / "JPEGImages/empty").exists()
    with pytest.raises(ExportError, match="no ball on any frame"):
        exporter("youtube-vis")([empty], tmp_path / "w", progress=silent)


def as_results(said: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the truth as a tracker writes it: run lengths packed, with scores."""
    return [
        {
            "video_id": one["video_id"],
            "category_id": one["category_id"],
            "score": 0.9,
            "segmentations": [
                plain and _packed(coco.frPyObjects(plain, *plain["size"]))
                for plain in one["segmentations"]
            ],
        }
        for one in said["annotations"]
    ]


def _packed(said: dict[str, Any]) -> dict[str, Any]:
    return {"size": said["size"], "counts": said["counts"].decode()}


def test_trackeval_scores_the_truth_against_itself_as_perfect(vis: Path, tmp_path: Path) -> None:
    trackeval = pytest.importorskip("trackeval")
    truth, tracker = tmp_path / "youtube_vis_train", tmp_path / "t/youtube_vis_train/self/data"
    truth.mkdir()
    tracker.mkdir(parents=True)
    (truth / "train.json").write_bytes((vis / "train.json").read_bytes())
    (tracker / "results.json").write_text(json.dumps(as_results(index(vis))))
    quiet = {"PRINT_CONFIG": False}
    dataset = trackeval.datasets.YouTubeVIS(
        {
            "GT_FOLDER": f"{tmp_path}/",
            "TRACKERS_FOLDER": f"{tmp_path}/t/",
            "SPLIT_TO_EVAL": "train",
            **quiet,
        }
    )
    assert dataset.seq_list == ["one", "two"]
    judge = trackeval.Evaluator(
        {"PRINT_RESULTS": False, "TIME_PROGRESS": False, "PLOT_CURVES": False}
        | {"OUTPUT_SUMMARY": False, "OUTPUT_DETAILED": False, **quiet}
    )
    area = {"USE_TIME_RANGES": False, **quiet}  # as in TrackEval's own script for YouTube-VIS
    metrics = [trackeval.metrics.HOTA(quiet), trackeval.metrics.TrackMAP(area)]
    results, _ = judge.evaluate([dataset], metrics)
    of_all = results["YouTubeVIS"]["self"]["COMBINED_SEQ"]
    for kind in ("cue", "solid", "stripe"):
        assert of_all[kind]["HOTA"]["HOTA"].min() == pytest.approx(1)
        assert of_all[kind]["TrackMAP"]["AP_all"].min() == pytest.approx(1)
