"""HOTA, MOTA, IDF1, switches and ends on films whose figures the definitions settle by hand."""

import builtins
from math import sqrt

import numpy as np
import pytest

from engine.errors import SettingsError
from engine.evaluation.ends import Ends, ends_of, judge_ends
from engine.evaluation.extras import need
from engine.evaluation.identity import judge_identity, sequence
from engine.evaluation.matching import compare, match


def identity(true, found):
    return judge_identity({"clip": compare(true, found)})


def test_a_perfect_annotation_is_worth_one_everywhere(film) -> None:
    true = film({3: [10, 12, 14], 8: [50, 50, None]})
    got = identity(true, film({1: [50, 50, None], 2: [10, 12, 14]}))
    assert (got.hota, got.det_a, got.ass_a, got.mota, got.idf1) == pytest.approx((1,) * 5)
    assert (got.switches, got.fragments) == (0, 0)


def test_two_balls_that_change_names_half_way_are_two_switches(film) -> None:
    true = film({1: [10] * 8, 2: [50] * 8})
    got = identity(true, film({1: [10] * 4 + [50] * 4, 2: [50] * 4 + [10] * 4}))
    assert got.switches == 2
    assert got.det_a == pytest.approx(1)
    assert got.ass_a == pytest.approx(1 / 3)  # 4 common frames of 8 + 8 - 4
    assert got.hota == pytest.approx(sqrt(1 / 3))
    assert got.mota == pytest.approx(1 - 2 / 16)
    assert got.idf1 == pytest.approx(0.5)


def test_a_ball_missed_in_one_of_four_frames_is_one_fragment_and_no_switch(film) -> None:
    true = film({1: [10] * 4, 2: [50] * 4})
    got = identity(true, film({5: [10, None, 10, 10], 6: [50] * 4}))
    assert (got.switches, got.fragments) == (0, 1)
    assert got.mota == pytest.approx(7 / 8)
    assert got.idf1 == pytest.approx(2 * 7 / (7 + 8))
    assert got.det_a == pytest.approx(7 / 8)


def test_false_masks_cost_mota_and_may_make_it_negative(film) -> None:
    got = identity(film({1: [10]}), film({1: [60], 2: [100], 3: [150]}))
    assert got.mota == pytest.approx(-3)


def test_nothing_found_is_worth_nothing(film) -> None:
    got = identity(film({1: [10, 10]}), [])
    assert (got.hota, got.det_a, got.mota, got.idf1) == (0, 0, 0, 0)


def test_equal_numbers_in_two_clips_are_two_balls(film) -> None:
    first = compare(film({1: [10] * 4}), film({1: [10] * 4}))
    second = compare(film({1: [50] * 4}), film({2: [50] * 4}))
    got = judge_identity({"a": first, "b": second})
    assert (got.switches, got.idf1, got.hota) == (0, pytest.approx(1), pytest.approx(1))


def test_track_eval_gets_numbers_from_zero_without_gaps(film) -> None:
    table = sequence(compare(film({4: [10, None], 9: [50, 50]}), film({7: [10, 10]})))
    assert [row.tolist() for row in table["gt_ids"]] == [[0, 1], [1]]
    assert [row.tolist() for row in table["tracker_ids"]] == [[0], [0]]
    assert [one.shape for one in table["similarity_scores"]] == [(2, 1), (1, 1)]
    counts = ("num_timesteps", "num_gt_ids", "num_tracker_ids", "num_gt_dets", "num_tracker_dets")
    assert [table[key] for key in counts] == [2, 2, 1, 3, 2]


def test_a_missing_library_is_named_with_the_command_that_installs_it(monkeypatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest, **more):
        if name.startswith("absent_library"):
            raise ModuleNotFoundError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SettingsError, match=r"pip install 'billiards-engine\[evaluate\]'"):
        need("absent_library.metrics")


def test_a_track_ends_where_it_is_gone_for_good(film) -> None:
    rows = film({1: [10, None, 10, None], 2: [50] * 4, 3: [90, None, None, None]})
    assert ends_of(rows) == {1: 3, 3: 1}


def test_an_end_is_met_when_it_is_found_a_few_frames_off_and_not_when_far(film) -> None:
    def ends(frames: int) -> Ends:
        found = film({4: [10] * frames + [None] * (20 - frames)})
        compared = compare(film({1: [10] * 8 + [None] * 12}), found)
        return judge_ends(compared, match(compared))

    assert ends(8) == ends(3) == ends(13) == Ends(1, 1, 1)
    assert ends(2) == ends(14) == Ends(1, 1, 0)
    assert ends(20) == Ends(1, 0, 0)


def test_a_stray_track_that_vanishes_is_a_false_end(film) -> None:
    compared = compare(
        film({1: [10] * 4, 2: [50, None, None, None]}),
        film({1: [10] * 4, 2: [50, None, None, None], 3: [90, 90, None, None]}),
    )
    got = judge_ends(compared, match(compared))
    assert (got.precision, got.recall) == (0.5, 1)


def test_without_ends_there_is_no_precision_and_counts_add_up() -> None:
    assert np.isnan(Ends(0, 0, 0).precision)
    assert np.isnan(Ends(0, 0, 0).recall)
    assert Ends(1, 2, 1) + Ends(3, 0, 0) == Ends(4, 2, 1)
