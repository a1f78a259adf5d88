"""Whole pictures show all balls of a film at once, squashed as they are in use, masks exactly on their pixels."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.datasets import read_dataset
from engine.training import segmenter_frames
from engine.training.segmenter_batches import Recipe, batches, collate
from engine.training.segmenter_films import Ball, Film, read_film
from engine.training.segmenter_frames import frame_sequences, share_pictures, squashed
from engine.training.segmenter_windows import Sequence

SIDE = 96


@pytest.fixture(scope="module")
def film(discs: Path) -> Film:
    return read_film(read_dataset(discs)[0], start=0, length=8)


def cut(film: Film, *, seed: int = 1, most: int = 8, frames: int = 3) -> list[Sequence]:
    dice = random.Random(seed)
    return frame_sequences(film, frames=frames, side=SIDE, most=most, dice=dice)


def test_every_ball_of_a_film_is_followed_in_the_same_pictures(film: Film) -> None:
    one, other = cut(film)
    assert one.pictures is other.pictures
    assert one.pictures.shape == (3, 3, SIDE, SIDE)
    assert one.masks.shape == (3, SIDE, SIDE)
    np.testing.assert_array_equal(one.masks == 1, other.masks == 2)


def test_masks_lie_on_the_colour_of_their_ball(film: Film) -> None:
    for one in cut(film):
        inside, outside = (one.pictures[0][:, one.masks[0] == n].mean(1) for n in (1, 0))
        assert np.abs(inside - outside).max() > 50


def test_the_box_is_tight_and_the_click_on_the_ball(film: Film) -> None:
    for seed in range(20):
        for one in cut(film, seed=seed):
            rows, columns = np.nonzero(one.masks[0] == 1)
            assert one.box.tolist() == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]  # fmt: skip
            x, y = one.click.astype(int)
            assert one.masks[0][y, x] == 1


def test_pictures_are_mirrored_at_most_sideways(film: Film) -> None:
    tops = set()
    for seed in range(20):
        for one in cut(film, seed=seed, frames=2):
            tops.add(bool(one.box[1] < SIDE / 2))
    assert tops == {True, False}  # one disc lies above the middle, the other below: never turned
    assert all({int(one.box[1] < SIDE / 2) for one in cut(film, seed=s)} == {0, 1} for s in range(9))  # fmt: skip


def test_no_more_balls_than_asked_for_and_none_that_is_too_small(film: Film) -> None:
    assert len(cut(film, most=1)) == 1
    speck = rle.encode(np.pad(np.ones((2, 2), bool), ((0, 126), (0, 190))))
    tiny = Film(film.pictures, film.numbers, [{1: Ball(speck, (0, 0, 2, 2), 4)}] * 8)
    assert cut(tiny) == []


def test_a_picture_is_squashed_to_a_square_as_sam_2_does() -> None:
    rgb = np.zeros((40, 80, 3), np.uint8)
    rgb[:, 40:] = 255
    small = squashed(rgb, 20)
    assert (small.shape, small.dtype) == ((3, 20, 20), torch.uint8)
    assert small[:, :, :8].max() < 10
    assert small[:, :, 12:].min() > 245


@given(st.integers(10, 60), st.integers(10, 60), st.integers(8, 64), st.integers(0, 99))
def test_a_squashed_mask_says_what_lies_at_the_middle_of_each_pixel(
    high: int, wide: int, side: int, seed: int
) -> None:
    mask = np.random.default_rng(seed).random((high, wide)) < 0.5
    mask[high // 2, wide // 2] = True
    coded = rle.encode(mask)
    labels = np.zeros((side, side), np.uint8)
    box = rle.bbox(coded)
    assert box is not None
    segmenter_frames._sample(Ball(coded, box, rle.area(coded)), labels, 1)
    ys, xs = (((np.arange(side) + 0.5) * size / side).astype(int) for size in (high, wide))
    np.testing.assert_array_equal(labels == 1, mask[np.ix_(ys, xs)])


def test_pictures_that_are_shared_are_stacked_once(film: Film) -> None:
    items = [*cut(film, seed=1), *cut(film, seed=2)]
    pictures, owners = share_pictures(items)
    assert pictures.shape[0] == 2
    assert owners.tolist() == [0, 0, 1, 1]
    assert collate(items).pictures.shape[0] == 2


def test_batches_of_frames_and_of_both_views_come_as_asked(discs: Path) -> None:
    frames = Recipe((discs,), SIDE, 3.5, batch=2, frames=2, long=0.0, views="frame")
    stream = batches(frames, "a")
    assert {len(next(stream).pictures) for _ in range(4)} == {1}
    both = Recipe((discs,), SIDE, 3.5, batch=2, frames=2, long=0.0, views="both")
    mixed = batches(both, "a")
    assert {len(next(mixed).pictures) for _ in range(12)} == {1, 2}
