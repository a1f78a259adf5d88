"""No pixel is of two balls: colours decide whose it is, and between balls of one colour the distance."""

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.adapters.sam2.colours import colours_of
from engine.adapters.sam2.contest import Claim, settle, trim

HIGH, WIDE, R = 100, 140, 12
RED, WHITE, CLOTH = (200, 30, 40), (235, 230, 215), (40, 130, 200)


def disc(x, y, radius=R):
    picture = np.zeros((HIGH, WIDE), np.uint8)
    cv2.circle(picture, (x, y), radius, 1, -1)
    return picture.astype(bool)


def scene(*balls):
    """Return a picture of balls (x, y, colour), later ones in front, and what is seen of each."""
    rgb = np.full((HIGH, WIDE, 3), CLOTH, np.uint8)
    owner = np.zeros((HIGH, WIDE), int)
    for number, (x, y, colour) in enumerate(balls, 1):
        rgb[disc(x, y)] = colour
        owner[disc(x, y)] = number
    return rgb, [owner == number for number in range(1, len(balls) + 1)]


def claim(mask, x, y, rgb, seen):
    return Claim(rle.encode(mask), (x - R, y - R, x + R, y + R), colours_of(rgb, rle.encode(seen)))


def test_masks_that_do_not_meet_stay_as_they_are():
    rgb, (a, b) = scene((30, 50, RED), (90, 50, WHITE))
    assert settle(rgb, {1: claim(a, 30, 50, rgb, a), 2: claim(b, 90, 50, rgb, b)}) == {}


def test_a_mask_that_has_swallowed_its_neighbour_gives_it_back():
    rgb, (a, b) = scene((50, 50, RED), (66, 50, WHITE))
    claims = {1: claim(a | b, 50, 50, rgb, a), 2: claim(b, 66, 50, rgb, b)}
    settled = settle(rgb, claims)
    assert set(settled) == {1}
    assert rle.iou(settled[1], rle.encode(a)) > 0.9


def test_a_mask_gives_back_a_neighbour_whose_own_mask_has_lost_those_pixels():
    rgb, (a, b) = scene((50, 50, RED), (66, 50, WHITE))
    lost = b & disc(72, 50)
    settled = settle(rgb, {1: claim(a | b, 50, 50, rgb, a), 2: claim(lost, 66, 50, rgb, b)})
    assert rle.iou(settled[1], rle.encode(a)) > 0.9
    assert 2 not in settled


def test_a_ball_that_lies_in_front_of_another_keeps_what_it_hides():
    rgb, (a, b) = scene((50, 50, RED), (62, 50, WHITE))
    assert settle(rgb, {1: claim(a, 50, 50, rgb, a), 2: claim(b, 62, 50, rgb, b)}) == {}


def test_balls_of_one_colour_part_half_way_between_them():
    rgb, (a, b) = scene((50, 50, RED), (72, 50, RED))
    both = a | b
    claims = {1: claim(both, 50, 50, rgb, a), 2: claim(both, 72, 50, rgb, b)}
    settled = settle(rgb, claims)
    assert rle.iou(settled[1], rle.encode(disc(50, 50))) > 0.9
    assert rle.iou(settled[2], rle.encode(disc(72, 50))) > 0.9


def test_what_a_person_asked_for_gives_up_nothing():
    rgb, (a, b) = scene((50, 50, RED), (66, 50, WHITE))
    claims = {1: claim(a | b, 50, 50, rgb, a), 2: claim(b, 66, 50, rgb, b)}
    settled = settle(rgb, claims, firm={1, 2})
    assert settled == {}


def test_a_ball_whose_mask_lies_wholly_on_another_keeps_nothing_of_it():
    rgb, (_, b) = scene((50, 50, RED), (52, 50, WHITE))
    alone, (a,) = scene((50, 50, RED))
    red = colours_of(alone, rle.encode(a))
    thief = Claim(rle.encode(b), (38, 38, 62, 62), red)
    settled = settle(rgb, {1: thief, 2: claim(b, 52, 50, rgb, b)})
    assert rle.area(settled[1]) == 0
    assert 2 not in settled


@given(st.integers(14, 30), st.integers(-8, 8), st.booleans())
def test_afterwards_no_pixel_is_claimed_twice(apart, down, alike):
    rgb, (a, b) = scene((45, 50, RED), (45 + apart, 50 + down, RED if alike else WHITE))
    wide = disc(45, 50, R + 4), disc(45 + apart, 50 + down, R + 4)
    claims = {
        1: claim(wide[0], 45, 50, rgb, a),
        2: claim(wide[1], 45 + apart, 50 + down, rgb, b),
    }
    before = {track: one.mask for track, one in claims.items()}
    after = before | settle(rgb, claims)
    shared = rle.intersection(after[1], after[2])
    least = min(map(rle.area, before.values()))
    assert shared == 0 or shared < 0.04 * least
    assert all(rle.subtract(after[t], before[t]) == rle.empty((HIGH, WIDE)) for t in (1, 2))


def test_a_mask_that_runs_into_a_ball_nobody_asked_for_is_trimmed_to_its_own():
    rgb, (a, b) = scene((50, 50, WHITE), (73, 50, RED))
    white = colours_of(rgb, rle.encode(a))
    left = trim(rgb, rle.encode(a | b), white, thickness=2 * R)
    assert left is not None
    assert rle.iou(left, rle.encode(a)) > 0.9


def test_a_mask_of_its_balls_size_is_not_trimmed_whatever_it_shows():
    rgb, (a,) = scene((50, 50, WHITE))
    alone, (b,) = scene((50, 50, RED))
    red = colours_of(alone, rle.encode(b))
    assert trim(rgb, rle.encode(a), red, thickness=2 * R) is None


def test_a_smear_of_one_colour_is_not_trimmed():
    rgb, (a,) = scene((50, 50, WHITE))
    white = colours_of(rgb, rle.encode(a))
    long = np.zeros((HIGH, WIDE), np.uint8)
    cv2.line(long, (40, 50), (75, 50), 1, 2 * R)
    rgb[long.astype(bool)] = WHITE
    assert trim(rgb, rle.encode(long.astype(bool)), white, thickness=2 * R) is None
