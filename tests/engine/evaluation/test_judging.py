"""All figures of a clip together, and of several clips."""

import numpy as np
import pytest

from engine.errors import InputError
from engine.evaluation.judging import figures, judge
from engine.evaluation.matching import match_by_number
from engine.types import FrameMasks


def test_a_perfect_clip_has_perfect_figures(film) -> None:
    true = film({1: [10, 12, 14], 2: [50, 50, None]})
    got = figures([judge("a", true=true, found=true, labels={1: "cue", 2: "eight"})])
    assert (got.frames, got.objects, got.strays) == (3, 2, 0)
    assert (got.j.mean, got.f.mean, got.j_and_f, got.sharp) == (1, 1, 1, 1)
    assert got.by_label == {"cue": 1, "eight": 1}
    assert (got.boxes.ap, got.masks.ap, got.identity.hota) == pytest.approx((1, 1, 1))
    assert (got.centre_mean, got.centre_p95) == (0, 0)
    assert (got.ends.precision, got.ends.recall) == (1, 1)


def test_the_total_counts_each_object_once_however_long_its_clip_is(film) -> None:
    good, bad = film({1: [10] * 9}), film({1: [10]})
    clips = [
        judge("long", true=good, found=good, labels={1: "cue"}),
        judge("short", true=bad, found=[], labels={1: "cue"}),
    ]
    assert figures(clips).j.mean == 0.5
    assert figures(clips).by_label == {"cue": 0.5}


def test_frames_without_truth_are_not_judged(film) -> None:
    true = film({1: [10] * 10})[::5]
    got = figures([judge("a", true=true, found=film({1: [10] * 10}), labels={})])
    assert (got.frames, got.j.mean) == (2, 1)


def test_nothing_found_is_worth_nothing_and_has_no_centre_error(film) -> None:
    got = figures([judge("a", true=film({1: [10]}), found=[], labels={})])
    assert (got.j.mean, got.boxes.ap, got.identity.hota) == (0, 0, 0)
    assert np.isnan(got.centre_mean)


def test_tracks_that_were_prompted_can_be_held_to_their_balls(film) -> None:
    true, swapped = film({1: [10], 2: [50]}), film({1: [50], 2: [10]})
    free = judge("a", true=true, found=swapped, labels={})
    held = judge("a", true=true, found=swapped, labels={}, matcher=match_by_number)
    assert figures([free]).j.mean == 1
    assert figures([held]).j.mean == 0


def test_truth_without_any_mask_is_refused() -> None:
    with pytest.raises(InputError, match="clip empty: its truth holds no mask in 1 labelled"):
        judge("empty", true=[FrameMasks(0)], found=[], labels={})
