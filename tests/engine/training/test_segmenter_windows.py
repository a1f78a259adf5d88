"""Sequences follow one ball in windows whose masks lie exactly on its pixels."""

import random
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.datasets import read_dataset
from engine.training import segmenter_look, segmenter_windows
from engine.training.segmenter_films import Film, films, read_film
from engine.training.segmenter_windows import BOX, CLICKS, MASK, Sequence, sequence

SIDE = 96


def made(
    discs: Path, count: int, *, frames: int = 3, kind: int = BOX, seed: int = 4
) -> list[Sequence]:
    dice = random.Random(seed)
    supply = films((discs,), length=8, least=frames, dice=dice)
    found: list[Sequence] = []
    for film in islice(supply, count):
        for track in film.tracks:
            one = sequence(film, track, frames=frames, kind=kind, side=SIDE, context=3.5, dice=dice)
            found += [one] if one else []
    return found[:count]


@pytest.fixture(scope="module")
def many(discs: Path) -> list[Sequence]:
    return made(discs, 150)


@pytest.fixture(scope="module")
def film(discs: Path) -> Film:
    return read_film(read_dataset(discs)[0], start=0, length=8)


def test_shapes_and_kinds_are_those_promised(many: list[Sequence]) -> None:
    for one in many:
        assert one.pictures.shape == (3, 3, SIDE, SIDE)
        assert one.masks.shape == (3, SIDE, SIDE)
        assert {str(one.pictures.dtype), str(one.masks.dtype)} == {"uint8"}
        assert set(np.unique(one.masks)) <= {0, 1, 2}
        assert {str(one.box.dtype), str(one.click.dtype)} == {"float32"}


def test_the_same_dice_give_the_same_sequence_and_others_another(film: Film) -> None:
    def once(seed: int) -> Sequence | None:
        return sequence(film, 1, frames=4, kind=CLICKS, side=SIDE, context=3.5, dice=random.Random(seed))  # fmt: skip

    first, again, other = once(1), once(1), once(2)
    assert first is not None
    assert again is not None
    assert other is not None
    np.testing.assert_array_equal(first.pictures, again.pictures)
    assert not np.array_equal(first.pictures, other.pictures)


def test_the_first_frame_always_shows_the_ball_and_its_box_is_tight(many: list[Sequence]) -> None:
    for one in many:
        rows, columns = np.nonzero(one.masks[0] == 1)
        assert one.box.tolist() == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


def test_labelled_pixels_differ_from_the_cloth_around_them(many: list[Sequence]) -> None:
    differs = []
    for one in many[:60]:
        ball, cloth = one.masks[0] == 1, one.masks[0] == 0
        inside, outside = (one.pictures[0][:, chosen].mean(1) for chosen in (ball, cloth))
        differs.append(np.abs(inside - outside).max())
    assert np.median(differs) > 60
    assert min(differs) > 15


def test_ages_count_from_the_first_frame_whichever_way_time_runs(many: list[Sequence]) -> None:
    for one in many:
        assert one.ages[0] == 0
        assert (np.diff(one.ages) > 0).all()


def test_a_fifth_of_the_later_frames_are_without_the_ball_some_with_another_instead(
    many: list[Sequence],
) -> None:
    later = np.concatenate([one.masks[1:].reshape(2, -1) for one in many])
    missing = (later == 1).sum(1) == 0
    assert 0.08 < missing.mean() < 0.35
    assert (missing & ((later == 2).sum(1) > 100)).any()


def test_a_third_of_the_sequences_show_a_second_ball_from_the_beginning(
    many: list[Sequence],
) -> None:
    beside = np.mean([(one.masks[0] == 2).sum() > 50 for one in many])
    assert 0.15 < beside < 0.5


def test_the_window_of_a_click_has_the_click_in_its_middle_and_is_of_a_guessed_size(
    discs: Path,
) -> None:
    clicked = made(discs, 80, kind=CLICKS)
    sizes = []
    for one in clicked:
        assert np.abs(one.click - SIDE / 2).max() < 2.5
        x, y = one.click.astype(int)
        assert one.masks[0][y - 2 : y + 3, x - 2 : x + 3].any()
        sizes.append((one.box[2:] - one.box[:2]).max())
    assert max(sizes) > 1.6 * min(sizes)


def test_the_window_of_a_mask_fits_the_ball(discs: Path) -> None:
    whole = [one for one in made(discs, 60, kind=MASK) if (one.masks[0] == 2).sum() == 0]
    sizes = [float((one.box[2:] - one.box[:2]).max()) for one in whole]
    assert np.median(sizes) == pytest.approx(SIDE / 3.5, abs=2)


@pytest.mark.parametrize(
    ("kind", "wider"), [(BOX, 2 * 0.1 / 3.5), (MASK, 2 * 0.1 / 3.5), (CLICKS, 0)]
)
def test_a_box_or_a_mask_shows_where_edges_are_drawn_and_a_click_does_not(
    discs: Path, monkeypatch: pytest.MonkeyPatch, kind: int, wider: float
) -> None:
    def widths(room: float) -> list[float]:
        monkeypatch.setattr(segmenter_windows, "ROOMY", (1.0, -room, room))
        return [float(one.box[2] - one.box[0]) for one in made(discs, 40, kind=kind)]

    grown = np.median(np.subtract(widths(0.1), widths(0.0)))
    assert grown == pytest.approx(wider * SIDE, abs=1.01)


def test_a_ball_of_which_closer_labels_leave_nothing_is_nothing_to_begin_with(
    film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segmenter_windows, "ROOMY", (1.0, 0.9, -0.9))
    assert sequence(film, 1, frames=3, kind=BOX, side=SIDE, context=3.5, dice=random.Random(1)) is None  # fmt: skip


def test_a_ball_of_a_few_pixels_is_nothing_to_begin_with(film: Film) -> None:
    small = [{1: replace(row[1], area=10)} for row in film.balls]
    shrunk = Film(film.pictures, film.numbers, small)
    assert sequence(shrunk, 1, frames=3, kind=BOX, side=SIDE, context=3.5, dice=random.Random(0)) is None  # fmt: skip


@given(st.integers(20, 200), st.integers(8, 128))
def test_shrunk_labels_say_what_lies_at_the_middle_of_each_pixel(size: int, side: int) -> None:
    labels = np.random.default_rng(size).integers(0, 3, (size, size), dtype=np.uint8)
    small = segmenter_windows._shrunk(labels, side)
    middles = np.floor((np.arange(side) + 0.5) * size / side).astype(int)
    np.testing.assert_array_equal(small, labels[np.ix_(middles, middles)])


@given(st.integers(0, 1000))
def test_a_look_turns_pictures_masks_and_places_alike(seed: int) -> None:
    look = segmenter_look.Look(random.Random(seed))
    spot = np.zeros((30, 30), np.uint8)
    spot[6:9, 18:21] = 200
    x, y = look.place(19.5, 7.5, 30)
    rows, columns = np.nonzero(look.turn(spot))
    assert (columns.mean() + 0.5, rows.mean() + 0.5) == pytest.approx((x, y))
    shades = look.at(np.stack([spot] * 3)).astype(int).sum(0)
    inside = shades[look.turn(spot) > 0].mean()
    assert inside > shades[look.turn(spot) == 0].mean() + 60


def test_smeared_colours_leave_the_light_where_it_was() -> None:
    picture = np.full((3, 64, 64), 90, np.uint8)
    picture[:, 20:44, 20:44] = np.array([190, 60, 60], np.uint8)[:, None, None]
    smeared = segmenter_look.smeared(picture, 7.0)
    grey = np.array([0.299, 0.587, 0.114])[:, None, None]
    assert np.abs((smeared * grey).sum(0) - (picture * grey).sum(0)).max() < 4
    red = (smeared[0].astype(int) - smeared[2])[32]
    assert red[32] > 100
    assert 15 < red[19] < 115  # just outside of the square it shows, just inside it is pale
