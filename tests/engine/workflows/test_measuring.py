"""Numbers to choose by: quality is a mean over masks, and the longest visible tracks come first."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.types import FrameMasks, TrackMask
from engine.workflows.measuring import longest, quality


def mask(track: int, pixels: int = 4, *, score: float = 1.0, stability: float = 1.0) -> TrackMask:
    drawn = np.zeros((8, 8), bool)
    drawn.flat[:pixels] = True
    return TrackMask(track, rle.encode(drawn), score, stability)


def test_quality_is_the_mean_over_masks_not_over_frames() -> None:
    rows = [
        FrameMasks(0, (mask(1, score=0.5, stability=0.5), mask(2))),
        FrameMasks(1),
        FrameMasks(2, (mask(1),)),
    ]
    assert quality(rows) == pytest.approx((0.25 + 1 + 1) / 3)


def test_no_mask_is_no_quality() -> None:
    assert quality([FrameMasks(0)]) == 0.0
    assert quality([]) == 0.0


def test_what_a_person_drew_is_as_good_as_can_be() -> None:
    assert quality([FrameMasks(0, (mask(1), mask(2)))]) == 1.0


def test_the_tracks_visible_longest_are_kept_and_the_others_counted() -> None:
    rows = [FrameMasks(0, (mask(1), mask(2), mask(3))), FrameMasks(1, (mask(2),)), FrameMasks(2, (mask(2), mask(3)))]  # fmt: skip
    assert longest(rows, 1) == (frozenset({2}), {1: 1, 3: 2})
    assert longest(rows, 2) == (frozenset({2, 3}), {1: 1})
    assert longest(rows, 3) == (frozenset({1, 2, 3}), {})


def test_of_equals_the_larger_is_kept_and_then_the_lower_number() -> None:
    assert longest([FrameMasks(0, (mask(1, 3), mask(2, 5)))], 1) == (frozenset({2}), {1: 1})
    assert longest([FrameMasks(0, (mask(4, 3), mask(2, 3)))], 1) == (frozenset({2}), {4: 1})


@given(
    st.lists(st.dictionaries(st.integers(1, 9), st.integers(1, 64), max_size=9), max_size=6),
    st.integers(1, 9),
)
def test_nothing_that_is_left_out_was_visible_longer_than_what_is_kept(
    table: list[dict[int, int]], most: int
) -> None:
    rows = [
        FrameMasks(frame, tuple(mask(track, pixels) for track, pixels in row.items()))
        for frame, row in enumerate(table)
    ]
    kept, others = longest(rows, most)
    seen = {track: sum(track in row for row in table) for row in table for track in row}
    assert kept | others.keys() == seen.keys()
    assert not kept & others.keys()
    assert len(kept) == min(most, len(seen))
    assert all(others[track] == seen[track] for track in others)
    assert all(seen[one] >= seen[other] for one in kept for other in others)
