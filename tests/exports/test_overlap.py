"""Every pixel has one owner: the mask with the higher score, then the lower track."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from engine import rle
from engine.errors import ExportError
from engine.types import Clip, FrameMasks, Track, TrackMask
from exports.masks import ClipMasks
from exports.notes import Notes
from exports.overlap import painted, separate, separated

SIZE = (7, 9)
SHAPES = st.lists(
    st.tuples(arrays(np.bool_, SIZE), st.sampled_from([0.1, 0.5, 0.5, 1.0])), max_size=6
)


def row_of(shapes: list[tuple[NDArray[np.bool_], float]]) -> FrameMasks:
    seen = [(n, shape, score) for n, (shape, score) in enumerate(shapes, 1) if shape.any()]
    return FrameMasks(0, tuple(TrackMask(n, rle.encode(m), score) for n, m, score in seen))


def owners(row: FrameMasks) -> NDArray[np.uint8]:
    """Return the owner of every pixel, worked out one mask at a time over the whole picture."""
    canvas = np.zeros(SIZE, np.uint8)
    for mask in sorted(row.masks, key=lambda mask: (mask.score, -mask.track)):
        canvas[rle.decode(mask.rle)] = mask.track
    return canvas


def clip_of(*rows: FrameMasks, tracks: int = 6) -> ClipMasks:
    clip = Clip("game", "cafe", "x.mp4", 0, len(rows), SIZE[1], SIZE[0], Fraction(30))
    return ClipMasks(clip, rows, tuple(Track(n, "solid") for n in range(1, tracks + 1)))


def block(*, rows: slice, columns: slice) -> NDArray[np.bool_]:
    mask = np.zeros(SIZE, np.bool_)
    mask[rows, columns] = True
    return mask


@given(SHAPES)
def test_painting_what_was_separated_shows_the_owner_of_every_pixel(
    shapes: list[tuple[NDArray[np.bool_], float]],
) -> None:
    row = row_of(shapes)
    apart = separate(row, {})
    numbers = {mask.track: mask.track for mask in row.masks}
    assert np.array_equal(painted(apart, numbers, SIZE), owners(row))


@given(SHAPES)
def test_pixels_lost_are_all_that_is_missing(
    shapes: list[tuple[NDArray[np.bool_], float]],
) -> None:
    row, lost = row_of(shapes), dict[int, int]()
    apart = separate(row, lost).by_track()
    for mask in row.masks:
        left = rle.area(apart[mask.track].rle) if mask.track in apart else 0
        assert rle.area(mask.rle) - left == lost.get(mask.track, 0)
    assert all(rle.area(mask.rle) for mask in apart.values())


@given(SHAPES)
def test_separating_twice_changes_nothing(shapes: list[tuple[NDArray[np.bool_], float]]) -> None:
    once = separate(row_of(shapes), {})
    lost: dict[int, int] = {}
    assert separate(once, lost) == once
    assert lost == {}


def test_the_higher_score_has_the_pixel_then_the_lower_track() -> None:
    wide, narrow = block(rows=slice(0, 4), columns=slice(0, 9)), block(rows=slice(0, 7), columns=slice(3, 5))  # fmt: skip
    behind = separate(row_of([(wide, 0.5), (narrow, 0.9)]), {})
    assert [rle.area(mask.rle) for mask in behind.masks] == [36 - 8, 14]
    tied = separate(row_of([(wide, 0.5), (narrow, 0.5)]), {})
    assert [rle.area(mask.rle) for mask in tied.masks] == [36, 14 - 8]


def test_masks_that_only_touch_keep_their_very_bytes() -> None:
    left, right = block(rows=slice(0, 7), columns=slice(0, 4)), block(rows=slice(0, 7), columns=slice(4, 9))  # fmt: skip
    row = row_of([(left, 0.5), (right, 0.9)])
    apart = separate(row, {})
    assert all(a.rle is b.rle for a, b in zip(apart.masks, row.masks, strict=True))


def test_what_is_lost_is_noted_for_the_whole_clip_and_a_track_that_loses_all_is_left_out() -> None:
    ball, cover = block(rows=slice(2, 4), columns=slice(2, 4)), block(rows=slice(0, 5), columns=slice(0, 5))  # fmt: skip
    row, notes = row_of([(ball, 0.5), (cover, 0.9)]), Notes()
    masks = separated(clip_of(row, row, tracks=2), notes)
    assert masks.tracks == (Track(2, "solid"),)
    assert notes.lines == [
        "game: track 1 loses 8 pixels to balls in front of it",
        "game: track 1 is behind others wherever it is: left out",
    ]


def test_a_mask_of_another_size_is_not_painted() -> None:
    row = FrameMasks(0, (TrackMask(1, rle.encode(np.ones((3, 3), np.bool_))),))
    with pytest.raises(ExportError, match=r"a mask of \(3, 3\) on pictures of \(7, 9\)"):
        painted(row, {1: 1}, SIZE)


def test_254_numbers_fit_into_a_picture() -> None:
    size = (16, 16)
    pixels = np.arange(1, 255)
    masks = []
    for number in pixels:
        mask = np.zeros(size, np.bool_)
        mask.flat[number] = True
        masks.append(TrackMask(int(number), rle.encode(mask)))
    shown = painted(FrameMasks(0, tuple(masks)), {int(n): int(n) for n in pixels}, size)
    assert np.array_equal(shown.ravel()[1:255], pixels)


def test_what_is_left_of_a_mask_counts_as_any_other_that_is_too_small() -> None:
    front = block(rows=slice(0, 4), columns=slice(0, 4))
    behind = block(rows=slice(0, 4), columns=slice(3, 6))  # 12 pixels, of which 8 are seen
    row = row_of([(front, 0.9), (behind, 0.5)])
    for least, tracks in ((8, [1, 2]), (9, [1])):
        lost: dict[int, int] = {}
        assert [mask.track for mask in separate(row, lost, min_area=least).masks] == tracks
        assert lost == {2: 4}
