"""A mask inside a document is the pixels of its box, to the pixel, and is built once for as long as it does not change."""

import io
import zlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from engine import rle
from engine.types import RLE, FrameMasks, Mask, TrackMask
from exports.board.masks import Inline, inlined

SIZES = st.tuples(st.integers(1, 12), st.integers(1, 12))
PICTURES = SIZES.flatmap(lambda size: arrays(np.bool_, size))


def row(frame: int, *masks: RLE) -> FrameMasks:
    return FrameMasks(frame, tuple(TrackMask(k + 1, one) for k, one in enumerate(masks)))


def one(mask: Mask) -> Inline:
    [(_, [(_, inline)])] = inlined([row(0, rle.encode(mask))])
    return inline


def pixels(inline: Inline) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.load(io.BytesIO(zlib.decompress(inline.pixels)))
    return found


def placed(inline: Inline, size: tuple[int, int]) -> Mask:
    """Put the pixels where the box says, as a reader does."""
    high, wide = size
    x, y, w, h = inline.box
    picture = np.zeros(size, bool)
    left, top = round(x * wide), round(y * high)
    picture[top : top + round(h * high), left : left + round(w * wide)] = pixels(inline)
    return picture


@given(PICTURES)
def test_every_mask_reads_back_pixel_by_pixel(mask: Mask) -> None:
    [(_, found)] = inlined([row(0, rle.encode(mask))])
    if not mask.any():
        assert found == []
        return
    [(_, inline)] = found
    assert pixels(inline).dtype == np.bool_
    assert np.array_equal(placed(inline, mask.shape), mask)


def test_one_pixel_and_the_whole_picture_are_masks_like_others() -> None:
    pixel = np.zeros((1080, 1920), bool)
    pixel[1079, 1919] = True
    assert pixels(one(pixel)).shape == (1, 1)
    assert one(pixel).box == [1919 / 1920, 1079 / 1080, 1 / 1920, 1 / 1080]
    assert one(~np.zeros((1080, 1920), bool)).box == [0, 0, 1, 1]
    assert pixels(one(~np.zeros((1080, 1920), bool))).all()


def test_the_bytes_are_those_that_numpy_writes() -> None:
    mask = np.tri(3, 5, 2, dtype=bool)
    file = io.BytesIO()
    np.save(file, mask, allow_pickle=False)
    assert zlib.decompress(one(mask).pixels) == file.getvalue()


def test_rows_come_with_their_masks_in_their_order_and_one_without_masks_stays() -> None:
    first, second = rle.encode(np.eye(4, dtype=bool)), rle.encode(np.tri(4, dtype=bool))
    rows = [row(0, first, second), row(3), row(4, second)]
    found = list(inlined(iter(rows)))
    assert [one for one, _ in found] == rows
    assert [[mask.track for mask, _ in both] for _, both in found] == [[1, 2], [], [1]]


def test_a_mask_without_pixels_is_left_out_beside_one_that_has_some() -> None:
    both = row(0, rle.empty((4, 4)), rle.encode(np.eye(4, dtype=bool)))
    [(_, found)] = inlined([both])
    assert [mask.track for mask, _ in found] == [2]


def test_a_ball_at_rest_is_built_once_however_long_it_lies() -> None:
    still = rle.encode(np.eye(4, dtype=bool))
    rows = [row(frame, RLE(still.size, bytes(bytearray(still.counts)))) for frame in range(300)]
    built = {id(inline) for _, both in inlined(rows) for _, inline in both}
    assert len(built) == 1


@given(st.lists(st.lists(st.integers(0, 3), max_size=3), max_size=200))
def test_what_was_built_before_changes_nothing(story: list[list[int]]) -> None:
    shapes = [rle.encode(np.arange(9).reshape(3, 3) % 4 == k) for k in range(4)]
    alone = [one(rle.decode(shape)) for shape in shapes]
    rows = [row(frame, *(shapes[k] for k in seen)) for frame, seen in enumerate(story)]
    assert [[inline for _, inline in both] for _, both in inlined(rows)] == [
        [alone[k] for k in seen] for seen in story
    ]


def test_rows_are_read_in_blocks_and_not_all_at_once() -> None:
    read = []

    def rows() -> object:
        for frame in range(1000):
            read.append(frame)
            yield row(frame)

    next(inlined(rows()))  # type: ignore[arg-type] # a generator of rows
    assert len(read) < 100
