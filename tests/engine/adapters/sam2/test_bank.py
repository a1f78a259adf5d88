"""What a track remembers, and for how long."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.sam2.bank import Bank, Entry, Reach, add, newest, recall

REACH = Reach(spatial=7, pointers=16, conditioning=4)


def _entry(frame):
    return Entry(frame, torch.full((2, 1, 1), float(frame)), torch.full((4,), float(frame)))


def _filled(frames, *, conditioned=(), reach=REACH):
    bank = Bank()
    for frame in frames:
        bank = add(bank, _entry(frame), conditioned=frame in conditioned, reach=reach)
    return bank


def test_a_frame_attends_to_the_prompted_frame_and_the_six_before_it():
    bank = _filled(range(20), conditioned={0})
    seen = recall(bank, 20, backward=False, reach=REACH)
    assert [int(f.flatten()[0]) for f in seen.features] == [0, 14, 15, 16, 17, 18, 19]


def test_the_prompted_frame_has_the_place_of_the_oldest_and_the_last_frame_place_zero():
    seen = recall(_filled(range(20), conditioned={0}), 20, backward=False, reach=REACH)
    assert seen.places == (6, 5, 4, 3, 2, 1, 0)


def test_pointers_reach_back_further_than_features_and_tell_their_age():
    seen = recall(_filled(range(30), conditioned={0}), 30, backward=False, reach=REACH)
    frames = [int(p[0]) for p in seen.pointers]
    assert frames[0] == 0
    assert sorted(frames[1:]) == list(range(15, 30))
    assert seen.ages[0] == pytest.approx(30 / 15)
    assert seen.ages[frames.index(29)] == pytest.approx(1 / 15)


def test_of_many_prompted_frames_the_newest_four_condition():
    bank = _filled(range(10), conditioned={0, 2, 4, 6, 8})
    assert [entry.frame for entry in bank.conditioning] == [2, 4, 6, 8]


def test_a_prompted_frame_that_is_pushed_out_is_a_recent_one_as_long_as_it_is_near():
    bank = _filled(range(6), conditioned={0, 1, 2, 3, 4})
    assert 0 in {entry.frame for entry in bank.recent}


def test_backward_the_frames_behind_are_those_after():
    bank = Bank()
    for frame in range(20, 10, -1):
        bank = add(bank, _entry(frame), conditioned=frame == 20, reach=REACH)
    seen = recall(bank, 10, backward=True, reach=REACH)
    assert [int(f.flatten()[0]) for f in seen.features] == [20, 16, 15, 14, 13, 12, 11]


def test_the_newest_entry_is_the_last_frame_taken_in_either_direction():
    assert newest(_filled([3], conditioned={3})).frame == 3
    assert newest(_filled(range(5), conditioned={0})).frame == 4
    assert newest(_filled(range(5), conditioned={0, 4})).frame == 4
    assert newest(_filled(range(9, 3, -1), conditioned={9})).frame == 4
    assert newest(_filled(range(9, 3, -1), conditioned={9, 4})).frame == 4


@given(st.integers(1, 300), st.sets(st.integers(0, 299), max_size=40))
def test_a_memory_never_grows_beyond_its_reach(length, prompted):
    bank = _filled(range(length), conditioned=prompted | {0})
    assert len(bank.conditioning) <= REACH.conditioning
    assert len(bank.recent) <= REACH.pointers
    with_features = [entry for entry in bank.recent if entry.features is not None]
    assert len(with_features) <= REACH.spatial
