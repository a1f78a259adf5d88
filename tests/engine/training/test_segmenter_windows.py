"""Sequences follow one ball in windows whose masks lie exactly on its pixels."""

import random
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.training import segmenter_windows
from engine.training.segmenter_windows import SIDE, Sequence, sequences


@pytest.fixture(scope="module")
def many(discs: Path) -> list[Sequence]:
    return list(islice(sequences(discs, frames=3, seed=4, context=3.5), 150))


def test_shapes_and_kinds_are_those_promised(many: list[Sequence]) -> None:
    for made in many:
        assert made.pictures.shape == (3, 3, SIDE, SIDE)
        assert made.masks.shape == (3, SIDE, SIDE)
        assert (made.pictures.dtype, made.masks.dtype) == (np.uint8, np.uint8)
        assert set(np.unique(made.masks)) <= {0, 1, 2}


def test_the_same_seed_gives_the_same_sequences_and_another_seed_others(discs: Path) -> None:
    first, again, other = (
        next(sequences(discs, frames=3, seed=seed, context=3.5)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.pictures, again.pictures)
    assert not np.array_equal(first.pictures, other.pictures)


def test_the_first_frame_always_shows_the_ball_and_its_box_is_tight(many: list[Sequence]) -> None:
    for made in many:
        rows, columns = np.nonzero(made.masks[0] == 1)
        assert made.box.tolist() == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


def test_labelled_pixels_have_the_balls_colour_and_not_the_cloths(many: list[Sequence]) -> None:
    for made in many[:50]:
        ball, cloth = made.masks[0] == 1, made.masks[0] == 0
        inside, outside = (made.pictures[0][:, chosen].mean(1) for chosen in (ball, cloth))
        assert np.abs(inside - outside).max() > 40
        pixels = made.pictures[0][:, ball].astype(int)
        middle = np.median(pixels, axis=1, keepdims=True)
        assert (
            np.median(np.abs(pixels - middle), axis=1).max() < 20
        )  # one colour, but for the soft rim


def test_ages_count_from_the_first_frame_whichever_way_time_runs(many: list[Sequence]) -> None:
    for made in many:
        assert made.ages[0] == 0
        assert (np.diff(made.ages) > 0).all()


def test_now_and_then_the_ball_is_missing_and_now_and_then_another_ball_is_there_instead(
    many: list[Sequence],
) -> None:
    later = np.concatenate([made.masks[1:].reshape(2, -1) for made in many])
    missing = (later == 1).sum(1) == 0
    assert 0.02 < missing.mean() < 0.4
    assert (missing & ((later == 2).sum(1) > 0)).any()


@given(st.integers(-40, 190), st.integers(-40, 120), st.integers(12, 120))
def test_a_mask_in_the_window_is_the_mask_at_the_middle_of_each_window_pixel(
    left: int, top: int, side: int
) -> None:
    y, x = np.mgrid[:128, :192] + 0.5
    mask = (x - 90) ** 2 + (y - 60) ** 2 < 30**2
    seen = segmenter_windows._seen(
        rle.to_coco(rle.encode(mask)), (left, top, left + side, top + side)
    )
    padded = np.pad(mask, 200)
    places = (np.arange(SIDE) + 0.5) * side / SIDE
    rows, columns = (
        np.floor(top + places).astype(int) + 200,
        np.floor(left + places).astype(int) + 200,
    )
    np.testing.assert_array_equal(seen, padded[rows[:, None], columns])


@given(st.integers(0, 1000))
def test_a_look_turns_pictures_and_masks_alike(seed: int) -> None:
    look = segmenter_windows._Look(random.Random(seed))
    spot = np.zeros((9, 9), np.uint8)
    spot[2, 6] = 200
    turned = look.at(np.stack([spot] * 3))[0]
    assert np.unravel_index(turned.argmax(), (9, 9)) == np.unravel_index(
        look.turn(spot).argmax(), (9, 9)
    )
