"""DAVIS 2017 as its official class and evaluation read it."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine import rle
from engine.errors import ExportError
from engine.ports import ExportItem
from engine.types import TrackMask
from exports.palette import voc_palette
from exports.registry import exporter

Silent = Callable[[str, int, int], None]


@pytest.fixture
def davis(item: ExportItem, tmp_path: Path, silent: Silent) -> Path:
    return exporter("davis")([item], tmp_path / "davis", progress=silent).out


def annotation(folder: Path, frame: int, clip: str = "game-1") -> np.ndarray:
    with Image.open(folder / f"Annotations/Full-Resolution/{clip}/{frame:05d}.png") as opened:
        return np.asarray(opened)


def numbers(folder: Path) -> dict[str, dict[str, object]]:
    return json.loads((folder / "engine.json").read_text())["clips"]["game-1"]["objects"]


def test_the_palette_begins_as_the_voc_colour_map() -> None:
    assert list(voc_palette()[:15]) == [0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0, 0, 0, 128]
    assert list(voc_palette()[-3:]) == [224, 224, 192]


def test_every_frame_has_a_picture_and_an_annotation(davis: Path) -> None:
    for folder, suffix in (("JPEGImages", "jpg"), ("Annotations", "png")):
        names = sorted(path.name for path in (davis / folder / "Full-Resolution/game-1").iterdir())
        assert names == [f"{k:05d}.{suffix}" for k in range(12)]
    assert (davis / "ImageSets/2017/train.txt").read_text() == "game-1\n"


def test_annotations_are_eight_bit_palette_pictures(davis: Path) -> None:
    path = davis / "Annotations/Full-Resolution/game-1/00000.png"
    header = path.read_bytes()[:33]
    assert header[24:26] == bytes([8, 3])  # bit depth, colour type
    with Image.open(path) as opened:
        assert bytes(opened.getpalette() or b"") == voc_palette()


def test_the_largest_number_is_on_the_first_frame_and_late_balls_are_lower(davis: Path) -> None:
    tracks = {number: ball["track"] for number, ball in numbers(davis).items()}
    assert tracks == {"1": 2, "2": 1, "3": 3}
    assert annotation(davis, 0).max() == 3


def test_pixels_are_those_of_the_masks_where_nothing_overlaps(
    davis: Path, item: ExportItem
) -> None:
    frame = list(item.frames())[8].by_track()
    np.testing.assert_array_equal(annotation(davis, 8) == 1, rle.decode(frame[2].rle))


def test_the_surer_ball_wins_a_pixel_and_the_loss_is_reported(
    item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    report = exporter("davis")([item], tmp_path / "d", progress=silent)
    frame = next(iter(item.frames())).by_track()
    both = rle.decode(frame[1].rle) & rle.decode(frame[3].rle)
    assert both.any()
    assert (annotation(tmp_path / "d", 0)[both] == 2).all()
    assert any("track 3 loses" in note for note in report.notes)


def test_a_clip_without_a_ball_on_its_first_frame_is_left_out_by_name(
    make_item: Callable[..., ExportItem], tmp_path: Path, silent: Silent
) -> None:
    late = make_item(
        "late",
        video="cafe",
        masks=lambda k: () if k < 2 else (TrackMask(1, rle.encode(np.ones((64, 96), bool))),),
    )
    report = exporter("davis")([make_item(), late], tmp_path / "d", progress=silent)
    assert report.clips == 1
    assert any(note.startswith("late: no ball on its first frame") for note in report.notes)


def test_254_balls_fit_and_255_do_not(
    make_item: Callable[..., ExportItem], tmp_path: Path, silent: Silent
) -> None:
    def many(count: int) -> Callable[[int], tuple[TrackMask, ...]]:
        def masks(_frame: int) -> tuple[TrackMask, ...]:
            dot = np.ones((2, 2), bool)
            return tuple(
                TrackMask(n + 1, rle.encode(dot, origin=(n % 40 * 2, n // 40 * 2), size=(64, 96)))
                for n in range(count)
            )

        return masks

    report = exporter("davis", min_area=1)(
        [make_item(masks=many(254))], tmp_path / "d", progress=silent
    )
    assert report.clips == 1
    assert annotation(tmp_path / "d", 0).max() == 254
    with pytest.raises(ExportError, match="255 balls"):
        exporter("davis", min_area=1)([make_item(masks=many(255))], tmp_path / "e", progress=silent)


def test_classes_are_told_as_semantics(davis: Path) -> None:
    named = json.loads((davis / "davis_semantics.json").read_text())
    assert named == {"game-1": {"1": "solid", "2": "cue", "3": "stripe"}}
    assert set(json.loads((davis / "categories.json").read_text())) == {"cue", "solid", "stripe"}
