"""Balls known by their colours."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.adapters.sam2.colours import Palette, colours_of, likeness, mix, strangers

CLOTH = (40, 120, 180)
RED, WHITE, GREEN, BLACK = (200, 30, 40), (240, 235, 215), (20, 110, 60), (18, 18, 20)


def _picture(*balls):
    """Return a picture and the masks of discs (x, colour) at height 30; noise as video has it."""
    rng = np.random.default_rng(1)
    rgb = np.full((60, 160, 3), CLOTH, np.int16)
    rows, columns = np.mgrid[:60, :160]
    masks = []
    for x, colour in balls:
        inside = (columns - x) ** 2 + (rows - 30) ** 2 <= 81
        shade = 1 - 0.4 * np.hypot(columns - x, rows - 30)[inside, None] / 9
        rgb[inside] = np.array(colour) * shade
        masks.append(rle.encode(inside))
    return np.clip(rgb + rng.integers(-6, 7, rgb.shape), 0, 255).astype(np.uint8), masks


def test_a_ball_is_like_itself_in_other_light():
    rgb, (mask,) = _picture((40, RED))
    dim = (rgb * 0.8).astype(np.uint8)
    assert likeness(colours_of(rgb, mask), colours_of(dim, mask)) > 0.7


@pytest.mark.parametrize(
    ("one", "other"), [(RED, WHITE), (RED, GREEN), (WHITE, BLACK), (GREEN, WHITE)]
)
def test_balls_of_different_colours_have_little_in_common(one, other):
    rgb, masks = _picture((40, one), (100, other))
    a, b = (colours_of(rgb, mask) for mask in masks)
    assert likeness(a, b) < 0.35


def test_an_empty_mask_is_like_nothing():
    rgb, (mask,) = _picture((40, RED))
    assert likeness(colours_of(rgb, rle.empty((60, 160))), colours_of(rgb, mask)) == 0.0


@given(st.lists(st.integers(0, 255), min_size=300, max_size=300))
def test_colours_have_length_one_and_likeness_stays_within_its_range(values):
    rgb = np.array(values, np.uint8).reshape(10, 10, 3)
    colours = colours_of(rgb, rle.encode(np.ones((10, 10), bool)))
    assert np.linalg.norm(colours) == pytest.approx(1, abs=1e-5)
    assert -1e-6 <= likeness(colours, colours) <= 1 + 1e-5


def _known(*balls):
    rgb, masks = _picture(*balls)
    return {
        track: (rle.bbox(mask), colours_of(rgb, mask)) for track, mask in enumerate(masks, start=1)
    }


def test_masks_on_their_own_balls_are_no_strangers():
    known = _known((40, RED), (60, WHITE))
    assert strangers(known, known) == set()


def test_a_mask_that_jumped_to_its_neighbour_is_a_stranger():
    known = _known((40, WHITE), (60, RED))
    seen = {1: known[2], 2: known[2]}
    assert strangers(seen, known) == {1}


def test_two_that_swapped_are_both_strangers():
    known = _known((40, WHITE), (60, RED))
    assert strangers({1: known[2], 2: known[1]}, known) == {1, 2}


def test_between_balls_of_one_colour_nothing_is_decided():
    known = _known((40, RED), (60, RED))
    assert strangers({1: known[2], 2: known[1]}, known) == set()


def test_a_mask_that_shows_nothing_its_ball_ever_showed_is_a_stranger():
    known = _known((40, RED))
    pocket, (mask,) = _picture((40, (210, 208, 200)))
    assert strangers({1: (rle.bbox(mask), colours_of(pocket, mask))}, known) == {1}


def test_a_ball_far_away_is_no_rival():
    known = _known((20, WHITE), (140, (215, 90, 60)))
    seen_rgb, (mask, _) = _picture((20, (225, 160, 120)), (140, RED))
    seen = {1: (rle.bbox(mask), colours_of(seen_rgb, mask))}
    near = {1: known[1], 2: (known[1][0], colours_of(seen_rgb, mask))}
    assert strangers(seen, known) == set()
    assert strangers(seen, near) == {1}


def test_a_track_without_a_past_is_believed():
    known = _known((40, RED))
    assert strangers({9: known[1]}, known) == set()


def test_a_prompt_makes_colours_known_afresh():
    known = _known((40, RED), (100, WHITE))
    assert np.array_equal(mix(known[1][1], known[2][1], afresh=True), known[2][1])


def test_what_is_half_hidden_does_not_change_what_is_known():
    known = _known((40, RED), (100, WHITE))
    assert np.array_equal(mix(known[1][1], known[2][1], afresh=False), known[1][1])


def test_slow_changes_of_light_are_followed():
    rgb, (mask,) = _picture((40, RED))
    known = colours_of(rgb, mask)
    dim = colours_of((rgb * 0.75).astype(np.uint8), mask)
    before = likeness(known, dim)
    for _ in range(10):
        known = mix(known, dim, afresh=False)
    assert likeness(known, dim) > before


def test_the_cloth_that_shows_at_a_rim_is_not_a_colour_of_the_ball():
    rgb = np.full((60, 60, 3), (30, 130, 40), np.uint8)
    rows, columns = np.mgrid[:60, :60] - 29.5
    far = np.hypot(rows, columns)
    rgb[far < 8] = (235, 230, 215)
    white = colours_of(rgb, rle.encode(far < 8))
    with_rim = colours_of(rgb, rle.encode(far < 9.5))  # a third of it is cloth
    assert likeness(white, with_rim) > 0.95


def test_a_palette_says_what_the_picture_shows_under_each_mask():
    rgb = np.random.default_rng(2).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    masks = [rle.encode(np.ones((9, 9), bool), origin=(x, 20), size=(60, 80)) for x in (5, 40)]
    palette = Palette(rgb)
    for mask in (*masks, *masks):
        assert np.array_equal(palette.of(mask), colours_of(rgb, mask))


def test_a_palette_looks_at_a_mask_once_and_not_at_all_where_nothing_has_changed():
    rgb = np.full((60, 80, 3), 50, np.uint8)
    mask, other = (
        rle.encode(np.ones((9, 9), bool), origin=(x, 20), size=(60, 80)) for x in (5, 40)
    )
    palette, known = Palette(rgb), np.eye(1, 216, dtype=np.float32)[0]
    palette.note(other, known)
    assert palette.of(other) is known
    assert palette.of(mask) is palette.of(mask)
