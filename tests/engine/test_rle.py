"""Run lengths are those of the COCO API, byte for byte; pycocotools is the judge."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco

from engine import rle
from engine.errors import InputError
from engine.types import RLE

sizes = st.tuples(st.integers(1, 40), st.integers(1, 40))
masks = sizes.flatmap(lambda size: hnp.arrays(np.bool_, size))
pairs = sizes.flatmap(lambda size: st.tuples(*[hnp.arrays(np.bool_, size)] * 2))


def judge(mask: np.ndarray) -> bytes:
    return coco.encode(np.asfortranarray(mask, np.uint8))["counts"]


@given(masks)
def test_the_bytes_are_those_of_pycocotools(mask: np.ndarray) -> None:
    assert rle.encode(mask).counts == judge(mask)


@given(masks)
def test_what_was_encoded_comes_back(mask: np.ndarray) -> None:
    np.testing.assert_array_equal(rle.decode(rle.encode(mask)), mask)


@given(masks)
def test_pycocotools_decodes_our_masks(mask: np.ndarray) -> None:
    np.testing.assert_array_equal(coco.decode(rle.to_coco(rle.encode(mask))).astype(bool), mask)


@given(masks, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_a_crop_encodes_to_the_same_bytes_as_the_whole_picture(
    mask: np.ndarray, left: int, top: int, right: int, bottom: int
) -> None:
    whole = np.pad(mask, ((top, bottom), (left, right)))
    assert rle.encode(mask, origin=(left, top), size=whole.shape).counts == judge(whole)


@given(masks, st.data())
def test_a_decoded_crop_is_a_part_of_the_decoded_picture(
    mask: np.ndarray, data: st.DataObject
) -> None:
    x0, x1 = sorted(data.draw(st.tuples(*[st.integers(0, mask.shape[1])] * 2)))
    y0, y1 = sorted(data.draw(st.tuples(*[st.integers(0, mask.shape[0])] * 2)))
    crop = rle.decode_crop(rle.encode(mask), (x0, y0, x1, y1))
    np.testing.assert_array_equal(crop, mask[y0:y1, x0:x1])


@given(masks)
def test_area_and_box_are_those_of_the_pixels(mask: np.ndarray) -> None:
    packed = rle.encode(mask)
    assert rle.area(packed) == mask.sum()
    rows, columns = np.nonzero(mask)
    expected = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) if len(rows) else None
    assert rle.bbox(packed) == expected


@given(pairs)
def test_set_operations_are_those_of_the_pixels(pair: tuple[np.ndarray, np.ndarray]) -> None:
    a, b = pair
    first, second = rle.encode(a), rle.encode(b)
    assert rle.intersection(first, second) == (a & b).sum()
    assert rle.merge([first, second]).counts == judge(a | b)
    assert rle.subtract(first, second).counts == judge(a & ~b)


@given(pairs)
def test_overlap_is_symmetric_and_complete_only_for_equals(
    pair: tuple[np.ndarray, np.ndarray],
) -> None:
    first, second = map(rle.encode, pair)
    assert rle.iou(first, second) == rle.iou(second, first)
    assert (rle.iou(first, second) == 1.0) == (pair[0] == pair[1]).all()


@given(masks)
def test_the_json_form_comes_back(mask: np.ndarray) -> None:
    packed = rle.encode(mask)
    assert rle.from_coco(rle.to_coco(packed)) == packed


@given(masks)
def test_plain_runs_are_those_that_pycocotools_packs(mask: np.ndarray) -> None:
    plain = {"size": list(mask.shape), "counts": rle.runs(rle.encode(mask))}
    packed = coco.frPyObjects(plain, *mask.shape)
    assert packed["counts"] == rle.encode(mask).counts


def test_a_4k_mask_keeps_its_long_runs() -> None:
    mask = np.zeros((2160, 3840), bool)
    mask[2000:2100, 3700:3800] = True
    assert rle.encode(mask).counts == judge(mask)
    assert rle.bbox(rle.encode(mask)) == (3700, 2000, 3800, 2100)


@pytest.mark.parametrize("size", [(1, 1), (848, 480), (1080, 1920)])
def test_an_empty_mask_is_one_run(size: tuple[int, int]) -> None:
    assert rle.empty(size).counts == judge(np.zeros(size, bool))
    assert rle.bbox(rle.empty(size)) is None


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (None, "expected"),
        ({"size": [4, 4], "counts": [3, 13]}, "expected"),
        ({"size": [4], "counts": "0"}, "expected"),
        ({"size": [4, 4], "counts": ""}, "not a COCO"),
        ({"size": [4, 4], "counts": "\x10"}, "not a COCO"),
        ({"size": [4, 4], "counts": "o"}, "not a COCO"),
        ({"size": [5, 4], "counts": "`0"}, "cover 16 pixels"),
    ],
)
def test_bad_json_is_refused_with_the_reason(raw: object, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        rle.from_coco(raw)


def test_a_swapped_size_of_a_mask_that_would_still_fill_the_picture_cannot_be_told_but_a_wrong_one_is() -> (
    None
):
    good = rle.to_coco(rle.encode(np.ones((3, 5), bool)))
    assert rle.from_coco(good | {"size": [5, 3]}).size == (5, 3)
    with pytest.raises(InputError, match="cover 15 pixels"):
        rle.from_coco(good | {"size": [5, 4]})


def test_masks_of_two_pictures_do_not_mix() -> None:
    with pytest.raises(InputError, match="different pictures"):
        rle.iou(rle.empty((3, 4)), rle.empty((4, 3)))


def test_a_mask_beyond_the_picture_is_refused() -> None:
    with pytest.raises(InputError, match="reaches beyond"):
        rle.encode(np.ones((3, 3), bool), origin=(2, 0), size=(4, 4))
    with pytest.raises(InputError, match="reaches beyond"):
        rle.decode_crop(rle.empty((4, 4)), (0, 0, 5, 4))


def test_only_planes_are_masks() -> None:
    with pytest.raises(InputError, match="shape"):
        rle.encode(np.ones((1, 3, 3), bool))
    with pytest.raises(InputError, match="at least one"):
        rle.merge([])


def test_foreign_zero_runs_are_read() -> None:
    assert (
        rle.area(
            RLE(
                (2, 3),
                coco.frPyObjects({"size": [2, 3], "counts": [1, 2, 0, 1, 2]}, 2, 3)["counts"],
            )
        )
        == 3
    )
