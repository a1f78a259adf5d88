"""Which found track serves which true one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.errors import InputError
from engine.evaluation.matching import compare, match, match_by_number, strays
from engine.types import FrameMasks, TrackMask


def test_tracks_are_matched_by_overlap_whatever_their_numbers(film) -> None:
    true = film({1: [10, 10, 10], 2: [50, 50, 50]})
    found = film({7: [51, 51, 51], 9: [10, 11, 10]})
    assert match(compare(true, found)) == {1: 9, 2: 7}


def test_a_ball_that_two_tracks_follow_in_turn_is_served_by_the_longer_one(film) -> None:
    true = film({1: [10] * 5})
    found = film({4: [10, 10, None, None, None], 5: [None, None, 10, 10, 10]})
    compared = compare(true, found)
    assert match(compared) == {1: 5}
    assert strays(compared, match(compared)) == (4,)


def test_overlap_counts_over_the_whole_clip_not_in_single_frames(film) -> None:
    true = film({1: [10, 12, 14, 16], 2: [60, 60, 60, 60]})
    swapped_once = film({1: [10, 12, 14, 60], 2: [60, 60, 60, 16]})
    assert match(compare(true, swapped_once)) == {1: 1, 2: 2}


def test_what_overlaps_nothing_is_matched_with_nothing(film) -> None:
    compared = compare(film({1: [10]}), film({1: [100]}))
    assert match(compared) == {}
    assert strays(compared, {}) == (1,)


def test_prompted_tracks_are_matched_by_their_numbers_even_where_they_went_astray(film) -> None:
    compared = compare(film({1: [10], 2: [50]}), film({1: [50], 3: [10]}))
    assert match_by_number(compared) == {1: 1}


def test_only_frames_with_truth_are_compared_and_missing_ones_show_nothing(film) -> None:
    true = [row for row in film({1: [10] * 6}) if row.frame % 5 == 0]
    compared = compare(true, film({1: [10] * 3}))
    assert [one.frame for one in compared] == [0, 5]
    assert [len(one.found.masks) for one in compared] == [1, 0]
    assert compared[0].iou.tolist() == [[1.0]]


def test_masks_of_another_video_are_refused(film) -> None:
    other = FrameMasks(0, (TrackMask(1, rle.encode(np.ones((4, 4), bool))),))
    with pytest.raises(InputError, match="of the same video"):
        compare(film({1: [10]}), [other])


def test_truth_with_a_frame_twice_is_refused() -> None:
    with pytest.raises(InputError, match="twice"):
        compare([FrameMasks(3), FrameMasks(3)], [])


@given(order=st.permutations([1, 2, 3, 4]))
def test_renumbering_tracks_changes_the_names_of_matches_only(order: list[int]) -> None:
    def squares(numbers: list[int]) -> FrameMasks:
        masks = [
            rle.encode(np.ones((5, 5), bool), origin=(10 * n, 0), size=(9, 60)) for n in range(4)
        ]
        return FrameMasks(0, tuple(map(TrackMask, numbers, masks)))

    compared = compare([squares([1, 2, 3, 4])], [squares(order)])
    assert match(compared) == dict(zip([1, 2, 3, 4], order, strict=True))
