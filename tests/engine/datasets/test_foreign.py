"""Datasets that others wrote, sparse or damaged: read where they say enough, refused with a reason elsewhere."""

import json
import shutil
import tracemalloc
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.datasets import read_dataset
from engine.datasets.files import read_numbers
from engine.errors import InputError
from engine.media.still import palette_png


@pytest.fixture
def sav(datasets: dict[str, Path], tmp_path: Path) -> Path:
    """Return a copy of the SA-V dataset without our own side file, its first clip alone."""
    folder = tmp_path / "sav"
    shutil.copytree(datasets["sav"], folder)
    for path in [*folder.glob("game-2*"), folder / "engine.json"]:
        path.unlink()
    return folder


def change(path: Path, **entries: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **entries}))


def thinned(folder: Path, step: int) -> None:
    path = folder / "game-1_manual.json"
    change(path, masklet=json.loads(path.read_text())["masklet"][::step])


def test_without_our_side_file_tracks_count_from_one_and_the_rate_is_frames_over_seconds(
    sav: Path,
) -> None:
    (one,) = read_dataset(sav)
    assert dict(one.labels) == {1: "ball", 2: "ball"}
    assert one.clip.rate == Fraction(30000, 1001)
    assert one.clip.video == "game-1"


def test_every_fourth_annotated_frame_is_how_meta_annotates(sav: Path) -> None:
    thinned(sav, 4)
    (one,) = read_dataset(sav)
    assert one.labelled == (0, 4, 8)
    assert [row.frame for row in one.frames()] == [0, 4, 8]


def test_another_distance_is_found_where_only_one_fits(sav: Path) -> None:
    thinned(sav, 2)
    (one,) = read_dataset(sav)
    assert one.labelled == (0, 2, 4, 6, 8)


def test_a_distance_that_cannot_be_known_is_asked_for_and_taken_from_a_side_file(
    sav: Path,
) -> None:
    thinned(sav, 5)
    with pytest.raises(InputError, match=r'"clips": {"game-1": {"step": 5}}'):
        read_dataset(sav)
    (sav / "engine.json").write_text(json.dumps({"clips": {"game-1": {"ann_every": 5}}}))
    assert read_dataset(sav)[0].labelled == (0, 5)


def test_null_means_not_visible(sav: Path) -> None:
    path = sav / "game-1_manual.json"
    rows = json.loads(path.read_text())["masklet"]
    rows[3][0] = None
    change(path, masklet=rows)
    (one,) = read_dataset(sav)
    assert [len(row.masks) for row in one.frames()][3] == 1


def test_the_video_is_read_where_not_every_picture_lies_there(sav: Path) -> None:
    assert Path(read_dataset(sav)[0].clip.media).is_dir()
    (sav / "JPEGImages" / "game-1" / "00004.jpg").unlink()
    (one,) = read_dataset(sav)
    assert one.clip.media.endswith(".mp4")
    assert len(list(one.pictures())) == 10


def test_neither_video_nor_pictures_is_an_error_that_names_both(sav: Path) -> None:
    shutil.rmtree(sav / "JPEGImages")
    (sav / "game-1.mp4").unlink()
    with pytest.raises(InputError, match=r"game-1\.mp4.*JPEGImages"):
        read_dataset(sav)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("{", "not readable as JSON"), ("[]", "expected an object"), ("{}", "has no")],
)
def test_damaged_annotations_are_named(sav: Path, text: str, reason: str) -> None:
    (sav / "game-1_manual.json").write_text(text)
    with pytest.raises(InputError, match=f"game-1_manual.json.*{reason}"):
        read_dataset(sav)


def test_a_broken_mask_is_named_with_its_annotation(sav: Path) -> None:
    path = sav / "game-1_manual.json"
    rows = json.loads(path.read_text())["masklet"]
    rows[2][1]["size"] = [3, 3]
    change(path, masklet=rows)
    with pytest.raises(InputError, match="annotation 2"):
        list(read_dataset(sav)[0].frames())


def test_davis_without_our_side_file_takes_numbers_as_tracks_and_names_from_semantics(
    datasets: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "davis"
    shutil.copytree(datasets["davis"], folder)
    (folder / "engine.json").unlink()
    names = {"game-1": {"1": "stripe", "2": "cue"}}
    (folder / "davis_semantics.json").write_text(json.dumps(names))
    (one, _) = read_dataset(folder)
    assert set(one.labels.values()) == {"cue", "stripe"}
    assert {mask.track for row in one.frames() for mask in row.masks} == {1, 2}
    assert one.clip.rate == 24


def test_void_pixels_are_no_object(datasets: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "davis"
    shutil.copytree(datasets["davis"], folder)
    path = folder / "Annotations" / "Full-Resolution" / "game-1" / "00000.png"
    owners = read_numbers(path).astype(np.uint8)
    owners[:5] = 255
    path.unlink()
    path.write_bytes(palette_png(owners, bytes(range(256)) * 3))
    row = next(read_dataset(folder)[0].frames())
    assert [mask.track for mask in row.masks] == [3]


def test_colour_pictures_are_no_annotation(datasets: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "davis"
    shutil.copytree(datasets["davis"], folder)
    source = folder / "JPEGImages" / "Full-Resolution" / "game-1" / "00000.jpg"
    target = folder / "Annotations" / "Full-Resolution" / "game-1" / "00000.png"
    shutil.copy(source, target)
    with pytest.raises(InputError, match="palette"):
        next(read_dataset(folder)[0].frames())


def test_a_damaged_picture_is_named(datasets: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "davis"
    shutil.copytree(datasets["davis"], folder)
    path = folder / "JPEGImages" / "Full-Resolution" / "game-1" / "00003.jpg"
    path.write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"00003\.jpg"):
        list(read_dataset(folder)[0].pictures())


def test_a_rendered_mask_without_a_track_is_named(
    datasets: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "rendered"
    shutil.copytree(datasets["rendered"] / "train", folder)
    change(folder / "game-1.json", masks=[[{"size": [64, 96], "counts": "0"}]])
    with pytest.raises(InputError, match=r"game-1\.json.*track"):
        read_dataset(folder)


def test_reading_keeps_no_masks_and_no_pictures(datasets: dict[str, Path]) -> None:
    clips = [one for path in datasets.values() for one in read_dataset(path)]
    tracemalloc.start()
    try:
        for one in clips:
            for _ in one.frames():
                pass
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 100_000
