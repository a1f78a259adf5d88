"""How two versions of a clip agree: J as others compute it, on frames where either shows a ball."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from engine import rle
from engine.errors import InputError
from engine.evaluation.agreement import agree
from engine.evaluation.judging import figures, judge
from engine.types import FrameMasks, TrackMask

SIZE = (48, 120)
COLUMN = st.one_of(st.none(), st.integers(0, 100))


def ball(x: int, track: int) -> TrackMask:
    square = np.ones((8, 8), bool)
    return TrackMask(track, rle.encode(square, origin=(x, 9 * track), size=SIZE))


@st.composite
def films(draw: st.DrawFn, columns: st.SearchStrategy[int | None] = COLUMN) -> list[FrameMasks]:
    """Draw six frames of up to four balls, each in a row of its own."""
    rows = draw(st.lists(st.lists(columns, min_size=4, max_size=4), min_size=6, max_size=6))
    return [
        FrameMasks(frame, tuple(ball(x, t) for t, x in enumerate(row, 1) if x is not None))
        for frame, row in enumerate(rows)
    ]


def test_j_of_a_ball_is_the_mean_over_frames_on_which_either_shows_it(film) -> None:
    true = film({1: [10, 10, 10, None, None]})
    found = film({1: [10, 15, None, 10, None]})
    agreement = agree(true, found).agreement
    assert agreement.by_track == {1: pytest.approx((1 + 1 / 3 + 0 + 0) / 4)}
    assert agreement.j == pytest.approx(agreement.by_track[1])
    assert agreement.frames == {0: 1.0, 1: pytest.approx(1 / 3), 2: 0.0, 3: 0.0}


def test_tracks_agree_whatever_their_numbers(film) -> None:
    agreement = agree(film({1: [10] * 3, 2: [50] * 3}), film({7: [50] * 3, 9: [10] * 3})).agreement
    assert (agreement.j, agreement.served, agreement.extra) == (1.0, {1: 9, 2: 7}, ())


def test_a_ball_that_models_missed_counts_as_nothing(film) -> None:
    agreement = agree(film({1: [10] * 2, 2: [50] * 2}), film({1: [10] * 2})).agreement
    assert agreement.by_track == {1: 1.0, 2: 0.0}
    assert agreement.j == 0.5


def test_a_stray_track_spoils_its_frames_and_not_the_balls(film) -> None:
    judged = agree(film({1: [10] * 2}), film({1: [10] * 2, 5: [90, None]}))
    assert (judged.agreement.j, judged.agreement.extra) == (1.0, (5,))
    assert judged.agreement.frames == {0: 0.5, 1: 1.0}
    assert judged.drawn == {0: {1: 1.0, 5: 0.0}, 1: {1: 1.0}}


def test_each_mask_of_both_sides_has_its_own_j(film) -> None:
    judged = agree(film({1: [10, 10], 2: [50, None]}), film({8: [10, None], 9: [55, 50]}))
    assert judged.true == {0: {1: 1.0, 2: pytest.approx(1 / 3)}, 1: {1: 0.0}}
    assert judged.drawn == {0: {8: 1.0, 9: pytest.approx(1 / 3)}, 1: {9: 0.0, -1: 0.0}}


@pytest.mark.parametrize(("drawn", "j"), [({}, 1.0), ({3: [10, 10]}, 0.0)])
def test_where_there_is_no_ball_drawing_none_agrees_and_drawing_one_does_not(film, drawn, j) -> None:  # fmt: skip
    agreement = agree([FrameMasks(0), FrameMasks(1)], film(drawn)).agreement
    assert (agreement.j, agreement.by_track) == (j, {})
    assert set(agreement.frames.values()) <= {0.0}


def test_frames_that_only_one_side_has_count(film) -> None:
    agreement = agree(film({1: [10] * 4}), film({1: [10] * 2})).agreement
    assert agreement.frames == {0: 1.0, 1: 1.0, 2: 0.0, 3: 0.0}
    assert agree(film({1: [10] * 2}), film({1: [10] * 4})).agreement.frames == agreement.frames


def test_the_record_says_which_revisions_were_compared(film) -> None:
    agreement = agree(film({1: [10]}), film({1: [10]}), revisions=(9, 4)).agreement
    assert (agreement.true, agreement.drawn) == (9, 4)


def test_pictures_of_different_size_are_refused(film) -> None:
    other = FrameMasks(0, (TrackMask(1, rle.encode(np.ones((4, 4), bool))),))
    with pytest.raises(InputError, match="of the same video"):
        agree(film({1: [10]}), [other])


@given(films())
def test_a_film_agrees_with_itself(film: list[FrameMasks]) -> None:
    judged = agree(film, film)
    assert judged.agreement.j == 1.0
    assert all(j == 1.0 for frame in judged.true.values() for j in frame.values())
    assert judged.true == judged.drawn


@given(films(), films())
def test_neither_side_is_favoured(one: list[FrameMasks], other: list[FrameMasks]) -> None:
    there, back = agree(one, other), agree(other, one)
    assert there.true == _masks_alone(back.drawn)
    assert _masks_alone(there.drawn) == back.true
    assert there.agreement.served == {t: b for b, t in back.agreement.served.items()}


@given(films(), films())
def test_every_overlap_is_what_pycocotools_says_of_the_two_masks(
    true: list[FrameMasks], found: list[FrameMasks]
) -> None:
    judged = agree(true, found)
    for ours, theirs in zip(true, found, strict=True):
        there = theirs.by_track()
        for mask in ours.masks:
            other = there.get(judged.agreement.served.get(mask.track, 0))
            wanted = 0.0 if other is None else _iou(mask, other)
            assert judged.true[ours.frame][mask.track] == pytest.approx(wanted)


@settings(max_examples=10, deadline=None)
@given(films(st.integers(0, 100)), films(st.integers(0, 100)))
def test_where_all_balls_are_always_visible_j_is_that_of_davis(
    true: list[FrameMasks], found: list[FrameMasks]
) -> None:
    labels = dict.fromkeys(range(1, 5), "ball")
    official = figures([judge("film", true=true, found=found, labels=labels)])
    agreement = agree(true, found).agreement
    assert agreement.j == pytest.approx(official.j.mean)


@given(films(), films())
def test_the_mean_over_balls_is_j_and_everything_is_a_share(
    true: list[FrameMasks], found: list[FrameMasks]
) -> None:
    agreement = agree(true, found).agreement
    if agreement.by_track:
        assert agreement.j == pytest.approx(np.mean(list(agreement.by_track.values())))
    every = [agreement.j, *agreement.by_track.values(), *agreement.frames.values()]
    assert all(0 <= value <= 1 for value in every)
    shown = {row.frame for row in (*true, *found) if row.masks}
    assert set(agreement.frames) == shown


@given(films(), films())
def test_the_j_of_a_frame_is_the_mean_of_what_is_drawn_there_and_of_what_is_missing(
    true: list[FrameMasks], found: list[FrameMasks]
) -> None:
    judged = agree(true, found)
    there = {row.frame: row.by_track() for row in found}
    for frame, j in judged.agreement.frames.items():
        assert j == pytest.approx(np.mean(list(judged.drawn[frame].values())))
        missing = {-ball for ball in judged.true[frame] if judged.agreement.served.get(ball) not in there[frame]}  # fmt: skip
        assert judged.drawn[frame].keys() == there[frame].keys() | missing


def _masks_alone(overlap: Mapping[int, Mapping[int, float]]) -> dict[int, dict[int, float]]:
    """Return the figures of masks, without those of balls that are missing."""
    return {frame: {t: j for t, j in row.items() if t > 0} for frame, row in overlap.items()}


def _iou(one: TrackMask, other: TrackMask) -> float:
    return float(coco.iou([rle.to_coco(one.rle)], [rle.to_coco(other.rle)], [0])[0, 0])
