"""One PNG for each object: the same pixels in every reader, and no object without a picture."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from engine import rle
from engine.errors import ExportError
from engine.ports import ExportItem
from engine.types import RLE, FrameMasks, Track
from exports.files import Files
from exports.masks import ClipMasks, read_masks
from exports.notes import Notes
from exports.object_pngs import MOST_OBJECTS, object_png, objects_of, too_many, write_objects

MASKS = arrays.arrays(bool, st.tuples(st.integers(1, 40), st.integers(1, 40)))


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


@pytest.fixture
def masks(item: ExportItem) -> ClipMasks:
    return read_masks(item, min_area=20, sparse=True, notes=Notes())


@given(MASKS)
def test_every_reader_gets_the_object_by_asking_for_more_than_zero(mask: np.ndarray) -> None:
    data = object_png(rle.encode(mask))
    np.testing.assert_array_equal(np.asarray(opened(data)), mask.astype(np.uint8))
    for mode in ("L", "P", "1"):
        np.testing.assert_array_equal(np.asarray(opened(data).convert(mode)) > 0, mask)
    grey = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    np.testing.assert_array_equal(grey > 0, mask)
    colour = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    np.testing.assert_array_equal(colour.any(axis=2), mask)


def test_it_is_a_palette_picture_of_one_bit_a_pixel() -> None:
    data = object_png(rle.encode(np.eye(9, dtype=bool)))
    assert data[24:26] == bytes([1, 3])  # bit depth, colour type
    assert opened(data).mode == "P"


def test_the_same_mask_gives_the_same_bytes() -> None:
    mask = rle.encode(np.eye(33, 20, dtype=bool))
    assert object_png(mask) == object_png(RLE(mask.size, mask.counts))


def test_every_object_has_a_picture_on_every_annotated_frame_blank_where_it_is_away(
    masks: ClipMasks, tmp_path: Path
) -> None:
    files = Files(tmp_path, tmp_path)
    write_objects(masks, files, "Masks/game")
    assert sorted(files.made) == [
        f"Masks/game/{n:03d}/{k:05d}.png" for n in range(3) for k in range(12)
    ]
    blank = (tmp_path / "Masks/game/001/00000.png").read_bytes()
    assert not np.asarray(opened(blank)).any()


def test_pictures_carry_the_numbers_of_annotated_frames(masks: ClipMasks, tmp_path: Path) -> None:
    files = Files(tmp_path, tmp_path)
    write_objects(replace(masks, rows=masks.rows[::5], step=5), files, "m")
    assert sorted(path.name for path in (tmp_path / "m/000").iterdir()) == [
        "00000.png",
        "00005.png",
        "00010.png",
    ]


def test_a_mask_of_another_size_than_the_pictures_is_refused(
    masks: ClipMasks, tmp_path: Path
) -> None:
    wrong = replace(masks.rows[0].masks[0], rle=rle.empty((4, 4)))
    rows = (FrameMasks(0, (wrong,)), *masks.rows[1:])
    with pytest.raises(ExportError, match=r"track 1 has a mask of \(4, 4\), expected \(64, 96\)"):
        write_objects(replace(masks, rows=rows), Files(tmp_path, tmp_path), "m")


def test_objects_are_named_by_track_and_class(masks: ClipMasks) -> None:
    assert objects_of(masks) == {
        "0": {"track": 1, "label": "cue"},
        "1": {"track": 2, "label": "solid"},
        "2": {"track": 3, "label": "stripe"},
    }


def test_three_digits_name_a_thousand_objects_and_no_more(masks: ClipMasks) -> None:
    crowd = tuple(Track(n, "ball") for n in range(1, MOST_OBJECTS + 2))
    assert too_many(replace(masks, tracks=crowd[:-1])) == ""
    assert "1001 balls" in too_many(replace(masks, tracks=crowd))
    assert too_many(replace(masks, tracks=())) == "no ball on any frame"
