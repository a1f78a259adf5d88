"""A dataset reads back as the pictures and masks it was made of, whichever layout it lies in."""

import json
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.datasets import LabelledClip, read_dataset, stretch
from engine.errors import SelectionError
from engine.types import RLE, FrameMasks

LAYOUTS = ("rendered", "sav", "sav-val", "frames", "davis", "davis-480p", "mose")
Truth = Callable[[int], FrameMasks]
each_layout = pytest.mark.parametrize("layout", LAYOUTS)


def only(datasets: dict[str, Path], layout: str) -> LabelledClip:
    (clip,) = read_dataset(datasets[layout], split="train")
    return clip


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory, golden) -> LabelledClip:
    """Return a clip of 300 frames, which is several groups of pictures."""
    folder = tmp_path_factory.mktemp("long")
    golden.video(folder / "long.mp4", 300)
    said = {"width": 96, "height": 64, "rate": [30000, 1001], "masks": [[]] * 300}
    (folder / "long.json").write_text(json.dumps(said))
    return read_dataset(folder)[0]


def masks_of(row: FrameMasks) -> dict[int, RLE]:
    return {mask.track: mask.rle for mask in row.masks}


@each_layout
def test_masks_come_back_to_the_pixel_with_their_tracks(
    datasets: dict[str, Path], layout: str, truth: Truth
) -> None:
    rows = list(only(datasets, layout).frames())
    assert [row.frame for row in rows] == list(range(10))
    assert [masks_of(row) for row in rows] == [masks_of(truth(row.frame)) for row in rows]


@each_layout
def test_pictures_are_those_of_their_frames(datasets: dict[str, Path], layout: str) -> None:
    shades = [float(picture.mean()) for picture in only(datasets, layout).pictures()]
    np.testing.assert_allclose(shades, [30 + 10 * frame for frame in range(10)], atol=3)


@each_layout
def test_the_clip_says_size_rate_recording_and_classes(
    datasets: dict[str, Path], layout: str
) -> None:
    one = only(datasets, layout)
    assert (one.clip.width, one.clip.height, one.clip.frames) == (96, 64, 10)
    assert one.clip.rate == Fraction(30000, 1001)
    assert one.clip.id == "game-1"
    assert one.clip.video == ("game-1" if layout == "rendered" else "aa")
    assert dict(one.labels) == {3: "cue", 7: "stripe"}
    assert one.labelled == tuple(range(10))


@each_layout
def test_every_pass_begins_anew(datasets: dict[str, Path], layout: str) -> None:
    one = only(datasets, layout)
    first, second = one.pictures(), one.pictures()
    np.testing.assert_array_equal(next(first), next(second))
    assert next(one.frames()) == next(one.frames())


@each_layout
@pytest.mark.parametrize(("start", "stop"), [(0, 10), (3, 7), (9, 10), (4, 4)])
def test_a_stretch_is_that_part_of_both_passes(
    datasets: dict[str, Path], layout: str, start: int, stop: int
) -> None:
    one = only(datasets, layout)
    pictures, rows = stretch(one, start, stop)
    whole = list(one.pictures())[start:stop]
    assert [row.frame for row in rows] == list(range(start, stop))
    for found, expected in zip(pictures, whole, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_clip_that_cannot_seek_is_read_from_its_beginning(datasets: dict[str, Path]) -> None:
    one = only(datasets, "rendered")
    plain = LabelledClip(one.clip, one.labels, one.labelled, one.pictures, one.frames)
    pictures, rows = stretch(plain, 2, 5)
    assert [round(float(picture.mean()), -1) for picture in pictures] == [50, 60, 70]
    assert [row.frame for row in rows] == [2, 3, 4]


@pytest.mark.parametrize("start", [0, 1, 13, 118, 250, 299])
def test_a_look_into_a_long_video_shows_what_counting_from_its_first_frame_shows(
    long: LabelledClip, start: int
) -> None:
    assert long.seek is not None
    shades = [float(picture.mean()) for picture in long.seek(start, min(300, start + 3))[0]]
    expected = [float(picture.mean()) for picture in long.pictures()][start : start + 3]
    assert shades == expected


@pytest.mark.parametrize("layout", LAYOUTS)
def test_beyond_the_end_there_is_nothing(datasets: dict[str, Path], layout: str) -> None:
    pictures, rows = stretch(only(datasets, layout), 12, 20)
    assert (list(pictures), list(rows)) == ([], [])


@each_layout
def test_splits_are_kept_apart(datasets: dict[str, Path], layout: str) -> None:
    both = read_dataset(datasets[layout])
    assert [(one.clip.id, one.clip.split) for one in both] == [
        ("game-1", "train"),
        ("game-2", "val"),
    ]
    (held_out,) = read_dataset(datasets[layout], split="val")
    assert held_out.clip.id == "game-2"


@each_layout
def test_a_split_that_is_not_there_is_named_with_those_that_are(
    datasets: dict[str, Path], layout: str
) -> None:
    with pytest.raises(SelectionError, match=r"split = 'test'.*train, val"):
        read_dataset(datasets[layout], split="test")


def test_a_folder_of_rendered_clips_is_a_dataset_by_itself(datasets: dict[str, Path]) -> None:
    (one,) = read_dataset(datasets["rendered"] / "val")
    assert one.clip.id == "game-2"


def test_a_clip_that_is_being_rendered_just_now_is_not_there_yet(
    datasets: dict[str, Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(datasets["rendered"] / "val", tmp_path / "val"))
    for path in list(folder.iterdir()):
        shutil.copy(path, path.with_name(f".next{path.suffix}"))
    (folder / ".next.json").write_text("")
    assert len(read_dataset(folder)) == 1


def test_a_folder_without_clips_says_what_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text("{}")
    with pytest.raises(SelectionError, match="Annotations"):
        read_dataset(tmp_path)
