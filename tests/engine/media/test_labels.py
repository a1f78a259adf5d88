"""Names stand beside their masks, never over one, never over each other, never half outside."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.media.labels import label
from engine.types import FrameMasks, Image, TrackMask

SIZE = (120, 200)
GREY = np.full((*SIZE, 3), 90, np.uint8)
places = st.tuples(st.integers(0, SIZE[1] - 1), st.integers(0, SIZE[0] - 1))


def row(centres: list[tuple[int, int]]) -> FrameMasks:
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    discs = [(columns - x) ** 2 + (rows - y) ** 2 <= 36 for x, y in centres]
    return FrameMasks(0, tuple(TrackMask(k, rle.encode(one)) for k, one in enumerate(discs, 1)))


def written(picture: Image) -> Image:
    return (picture != GREY).any(axis=2)


def test_a_name_stands_above_its_ball():
    found = np.nonzero(written(label(GREY, row([(100, 60)]), {1: "cue"}, letters=12)))
    assert found[0].max() < 54
    assert abs(found[1].mean() - 100) < 4


def test_at_the_upper_edge_a_name_stands_below():
    assert np.nonzero(written(label(GREY, row([(100, 6)]), {1: "cue"}, letters=12)))[0].min() > 12


def test_at_the_side_a_name_is_slid_into_the_picture():
    found = np.nonzero(written(label(GREY, row([(2, 60)]), {1: "a long name"}, letters=12)))
    assert found[0].max() < 54
    assert np.ptp(found[1]) > 50


def test_a_track_without_a_name_has_none():
    assert not written(label(GREY, row([(100, 60)]), {}, letters=12)).any()


def test_a_ball_that_is_walled_in_goes_without_a_name():
    ring = [(100 + 13 * x, 60 + 13 * y) for x in (-2, -1, 0, 1, 2) for y in (-2, -1, 0, 1, 2)]
    middle = ring.index((100, 60)) + 1
    assert not written(label(GREY, row(ring), {middle: "red"}, letters=12)).any()


@given(centres=st.lists(places, min_size=1, max_size=12))
def test_no_name_covers_a_mask(centres: list[tuple[int, int]]):
    masks = row(centres)
    drawn = written(label(GREY, masks, dict.fromkeys(range(1, 13), "stripe"), letters=12))
    for mask in masks.masks:
        assert not (drawn & rle.decode(mask.rle)).any()


@given(centre=places)
def test_a_ball_alone_always_has_its_name_in_full(centre: tuple[int, int]):
    drawn = written(label(GREY, row([centre]), {1: "red"}, letters=12))
    whole = written(label(GREY, row([(100, 60)]), {1: "red"}, letters=12))
    assert drawn.any(axis=0).sum() >= whole.any(axis=0).sum() - 2
    assert drawn.any(axis=1).sum() >= whole.any(axis=1).sum() - 2
