"""Many masks at once give what one after another gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine import rle
from engine.errors import InputError
from engine.rle_crops import EMPTY, Crop, crops, uncropped
from engine.types import RLE

sizes = st.tuples(st.integers(1, 30), st.integers(1, 30))
masks = sizes.flatmap(lambda size: hnp.arrays(np.bool_, size))


def alone(mask: RLE) -> Crop:
    box = rle.bbox(mask)
    if box is None:
        return EMPTY
    x0, y0, x1, y1 = (int(side) for side in box)
    part = rle.encode(rle.decode_crop(mask, (x0, y0, x1, y1)))
    return Crop(x0, y0, x1 - x0, y1 - y0, part.counts.decode())


@given(st.lists(masks, max_size=6))
def test_each_is_cut_as_if_it_were_alone(many: list[np.ndarray]) -> None:
    packed = [rle.encode(mask) for mask in many]
    assert crops(packed) == [alone(mask) for mask in packed]


@given(masks, st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_where_a_mask_lies_does_not_change_how_it_is_packed(
    mask: np.ndarray, left: int, top: int, right: int, bottom: int
) -> None:
    whole = np.pad(mask, ((top, bottom), (left, right)))
    (there,) = crops([rle.encode(whole)])
    (here,) = crops([rle.encode(mask)])
    assert (there.w, there.h, there.counts) == (here.w, here.h, here.counts)


@given(masks.filter(np.any))
def test_a_crop_goes_back_to_where_it_was(mask: np.ndarray) -> None:
    packed = rle.encode(mask)
    assert uncropped(crops([packed])[0], packed.size) == packed


@pytest.mark.parametrize(
    "runs", [[2, 3, 0, 4, 3], [0, 0, 3, 2, 7], [2, 0, 10], [3, 4, 5, 0], [1, 2, 0, 0, 0, 3, 6]]
)
def test_runs_of_no_length_that_others_write_make_no_difference(runs: list[int]) -> None:
    differences = [run - (runs[k - 2] if k > 2 else 0) for k, run in enumerate(runs)]
    text = rle.characters(np.array(differences))[0]
    mask = RLE((4, 3), text)
    assert crops([mask]) == [alone(rle.encode(rle.decode(mask)))]


@pytest.mark.parametrize("counts", [b"", b"P", b"\x00", b"\x7f1"])
def test_what_is_no_string_of_runs_is_refused(counts: bytes) -> None:
    with pytest.raises(InputError, match="not a COCO run-length string"):
        crops([rle.encode(np.ones((2, 2), bool)), RLE((2, 2), counts)])


def test_no_masks_give_no_crops() -> None:
    assert crops([]) == []
