"""SA-V as its example file has it, read back by pycocotools and by the rules of its loader."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco

from engine import rle
from engine.errors import ExportError
from engine.media import decode
from engine.ports import ExportItem
from engine.types import TrackMask
from exports.registry import exporter
from exports.verify import verify

Silent = Callable[[str, int, int], None]


@pytest.fixture
def sav(item: ExportItem, tmp_path: Path, silent: Silent) -> Path:
    return exporter("sav")([item], tmp_path / "sav", progress=silent).out


def read(folder: Path, kind: str, name: str = "game-1") -> dict[str, Any]:
    return json.loads((folder / f"{name}_{kind}.json").read_text())


def test_the_layout_is_that_of_sa_v(sav: Path) -> None:
    names = sorted(path.relative_to(sav).as_posix() for path in sav.rglob("*") if path.is_file())
    assert names == sorted(
        [
            "README.md",
            "card/areas.svg",
            "card/balls.svg",
            "card/classes.svg",
            "card/game-1.jpg",
            "card/seconds.svg",
            "engine.json",
            "engine_train.toml",
            "game-1.mp4",
            "game-1_auto.json",
            "game-1_manual.json",
            "manifest.json",
            "sam2_train.yaml",
            "train.txt",
        ]
        + [f"JPEGImages/game-1/{k:05d}.jpg" for k in range(12)]
    )
    assert (sav / "train.txt").read_text() == "game-1\n"


def test_the_keys_and_types_are_those_of_the_example(sav: Path) -> None:
    manual, auto = read(sav, "manual"), read(sav, "auto")
    assert list(manual) == list(auto)
    assert len(manual) == 20
    assert "fps" not in manual
    assert manual["video_frame_count"] == 12.0
    assert isinstance(manual["video_frame_count"], float)
    assert manual["video_duration"] == 0.4
    assert manual["masklet_type"] == ["manual"] * 3
    assert auto["masklet_type"] == ["auto"] * 3
    assert manual["masklet_stability_score"] == [None] * 3
    assert np.shape(auto["masklet_stability_score"]) == (12, 3)
    assert [type(f) for f in manual["masklet_first_appeared_frame"]] == [float] * 3
    assert [type(f) for f in auto["masklet_first_appeared_frame"]] == [int] * 3


def test_pycocotools_reads_back_every_mask(sav: Path, item: ExportItem) -> None:
    rows = read(sav, "manual")["masklet"]
    for row, frame in zip(rows, item.frames(), strict=True):
        seen = frame.by_track()
        for number, track in enumerate([1, 2, 3]):
            expected = rle.decode(seen[track].rle) if track in seen else np.zeros((64, 96), bool)
            np.testing.assert_array_equal(coco.decode(row[number]).astype(bool), expected)


def test_a_ball_that_is_not_visible_is_zeros_and_never_null(sav: Path) -> None:
    row = read(sav, "manual")["masklet"][0]
    assert len(row) == 3
    assert coco.area(row[1]) == 0


def test_derived_fields_tell_when_a_ball_came_and_went(sav: Path) -> None:
    content = read(sav, "auto")
    assert content["masklet_first_appeared_frame"] == [0, 3, 0]
    assert content["masklet_visibility_changes"] == [0, 0, 2]
    assert content["masklet_size_bucket"] == ["small"] * 3
    assert content["masklet_frame_count"] == [12] * 3


def test_frames_a_person_edited_are_counted_in_the_manual_file_alone(sav: Path) -> None:
    assert read(sav, "manual")["masklet_edited_frame_count"] == [2, 0, 0]
    assert read(sav, "auto")["masklet_edited_frame_count"] == [0, 0, 0]


def test_video_and_pictures_show_the_same_frames(sav: Path) -> None:
    film = list(decode(sav / "game-1.mp4"))
    assert len(film) == 12
    for number, shown in enumerate(film):
        with Image.open(sav / f"JPEGImages/game-1/{number:05d}.jpg") as still:
            difference = np.abs(np.asarray(still).astype(int) - shown).mean()
        assert difference < 4  # a neighbour differs by 10


def test_specks_and_balls_never_seen_are_named(
    item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    notes = exporter("sav", min_area=20)([item], tmp_path / "sav", progress=silent).notes
    assert any("track 4 is smaller than 20 pixels on 1 frames" in note for note in notes)
    assert any("track 4 is visible nowhere" in note for note in notes)


def test_short_clips_are_left_out_by_name(
    make_item: Callable[..., ExportItem], tmp_path: Path, silent: Silent
) -> None:
    items = [make_item(), make_item("short", frames=7, video="cafe")]
    report = exporter("sav")(items, tmp_path / "sav", progress=silent)
    assert report.clips == 1
    assert any(note.startswith("short: 7 annotated frames") for note in report.notes)
    with pytest.raises(ExportError, match="short: 7 annotated frames"):
        exporter("sav")(items[1:], tmp_path / "none", progress=silent)
    assert not (tmp_path / "none").exists()


def test_clips_without_a_ball_are_left_out_by_name(
    make_item: Callable[..., ExportItem], tmp_path: Path, silent: Silent
) -> None:
    items = [make_item(), make_item("bare", masks=lambda _: ())]
    report = exporter("sav")(items, tmp_path / "sav", progress=silent)
    assert report.clips == 1
    assert any(note.startswith("bare: no ball on any frame") for note in report.notes)


def test_one_recording_is_never_in_two_splits(
    make_item: Callable[..., ExportItem], tmp_path: Path, silent: Silent
) -> None:
    items = [make_item("a"), make_item("b", split="val")]
    with pytest.raises(ExportError, match="of the same recording"):
        exporter("sav")(items, tmp_path / "sav", progress=silent)


def test_a_mask_of_another_size_is_refused(
    make_item: Callable[..., ExportItem], tmp_path: Path, silent: Silent
) -> None:
    wrong = make_item(masks=lambda _: (TrackMask(1, rle.encode(np.ones((96, 64), bool))),))
    with pytest.raises(ExportError, match=r"mask of \(96, 64\)"):
        exporter("sav")([wrong], tmp_path / "sav", progress=silent)


def test_ntsc_durations_are_exact(
    make_item: Callable[..., ExportItem], tmp_path: Path, silent: Silent
) -> None:
    exporter("sav")([make_item(rate=Fraction(30000, 1001))], tmp_path / "sav", progress=silent)
    assert read(tmp_path / "sav", "manual")["video_duration"] == 12 * 1001 / 30000
    assert verify(tmp_path / "sav").failures == ()
