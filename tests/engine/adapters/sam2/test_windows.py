"""Balls in windows of their own, drawn by the bundled network: what happens to them on a table, case by case."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from engine import geometry, rle
from engine.adapters.sam2 import open_segmenter
from engine.types import Clip, Point, Prompt

pytestmark = pytest.mark.slow

HIGH, WIDE, RADIUS = 240, 400, 11
CLOTH, SLEEVE, HOLE = (35, 120, 165), (60, 50, 70), (12, 12, 14)
RED, WHITE, YELLOW = (190, 30, 40), (235, 230, 210), (225, 180, 40)


@pytest.fixture(scope="module")
def segmenter():
    torch.set_num_threads(1)
    return open_segmenter(model="nano", device="cpu")


def _cover(x, y, radius):
    """Return how much of each pixel a disc covers, float (H, W, 1)."""
    rows, columns = np.mgrid[:HIGH, :WIDE] + 0.5
    return np.clip(radius + 0.5 - np.hypot(columns - x, rows - y), 0, 1)[..., None]


def _ball(rgb, x, y, colour):
    """Draw a lit ball with its shadow."""
    rows, columns = np.mgrid[:HIGH, :WIDE] + 0.5
    shadow = np.exp(-(((columns - x - 2) / 12) ** 2) - ((rows - y - 5) / 11) ** 2)
    rgb = rgb * (1 - 0.45 * shadow[..., None])
    height = np.sqrt(np.clip(1 - ((columns - x) ** 2 + (rows - y) ** 2) / RADIUS**2, 0, 1))
    gleam = np.exp(-(((columns - x + 3) / 2) ** 2) - ((rows - y + 4) / 2) ** 2)
    skin = np.array(colour) * (0.45 + 0.6 * height[..., None]) + 120 * gleam[..., None]
    cover = _cover(x, y, RADIUS)
    return rgb * (1 - cover) + skin * cover


def _film(places, *, arm=(), hole=None):
    """Return pictures: ``places`` per frame lists (x, y, colour), far ones first; ``arm`` the frames with an arm at its x."""
    rng = np.random.default_rng(5)
    cloth = np.array(CLOTH) + rng.normal(0, 3, (HIGH, WIDE, 1))
    shown = []
    for frame, balls in enumerate(places):
        rgb = cloth.copy()
        if hole:
            rgb = rgb * (1 - _cover(*hole, 19)) + np.array(HOLE) * _cover(*hole, 19)
        for x, y, colour in balls:
            rgb = _ball(rgb, x, y, colour)
        if frame in dict(arm):
            middle = dict(arm)[frame]
            rgb[:, middle - 26 : middle + 26] = SLEEVE
        rgb = rgb + rng.normal(0, 1.5, rgb.shape)
        shown.append(np.clip(rgb, 0, 255).astype(np.uint8))
    return shown


def _clip(pictures):
    return Clip("film", "video", "media.mp4", 0, len(pictures), WIDE, HIGH, Fraction(30))


def _box(x, y):
    return x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS


def _follow(segmenter, pictures, prompts):
    with segmenter.open(_clip(pictures)) as session:
        return [
            session.step(k, rgb, prompts if k == 0 else ()).by_track()
            for k, rgb in enumerate(pictures)
        ]


def _on(row, track, x, y):
    """Return whether a track's mask lies on the ball at (x, y)."""
    if track not in row:
        return False
    box = rle.bbox(row[track].rle)
    return box is not None and geometry.iou(box, _box(x, y)) > 0.6


def test_a_box_draws_the_ball_and_nothing_else(segmenter):
    row = _follow(segmenter, _film([[(200, 120, RED)]]), [Prompt(0, 1, box=_box(200, 120))])[0]
    true = rle.encode(_cover(200, 120, RADIUS)[..., 0] >= 0.5)
    assert rle.iou(row[1].rle, true) > 0.85


@pytest.mark.parametrize("guess", [10.0, 24.0, 44.0])
def test_a_click_finds_the_size_of_the_ball_itself(guess):
    torch.set_num_threads(1)
    segmenter = open_segmenter(model="nano", device="cpu", default_ball_px=guess)
    click = Prompt(0, 1, points=(Point(202.0, 121.0),))
    row = _follow(segmenter, _film([[(200, 120, RED)]]), [click])[0]
    assert _on(row, 1, 200, 120)


def test_a_ball_at_rest_keeps_its_mask_to_the_pixel(segmenter):
    places = [[(200, 120, RED), (60 + 6 * k, 60, WHITE)] for k in range(12)]
    rows = _follow(segmenter, _film(places), [Prompt(0, 1, box=_box(200, 120))])
    masks = {row[1].rle.counts for row in rows[4:]}
    assert len(masks) == 1


def test_a_ball_that_rolls_out_of_its_first_window_is_followed(segmenter):
    places = [[(60 + 9 * k, 120, YELLOW)] for k in range(25)]
    rows = _follow(segmenter, _film(places), [Prompt(0, 1, box=_box(60, 120))])
    assert all(_on(row, 1, 60 + 9 * k, 120) for k, row in enumerate(rows))


def test_a_struck_ball_that_leaves_its_window_between_two_frames_is_found(segmenter):
    ways = [80] * 4 + [80 + 62 * (k + 1) for k in range(4)]
    places = [[(x, 120, WHITE), (200, 40, RED)] for x in ways]
    prompts = [Prompt(0, 1, box=_box(80, 120)), Prompt(0, 2, box=_box(200, 40))]
    rows = _follow(segmenter, _film(places), prompts)
    assert _on(rows[-1], 1, ways[-1], 120)
    assert all(_on(row, 2, 200, 40) for row in rows)


def test_balls_that_touch_and_part_keep_their_numbers(segmenter):
    """The white one rolls up to the red one and stops; the red one rolls on."""
    white = [100 + 8 * k for k in range(10)] + [178] * 12
    red = [200] * 10 + [200 + 8 * k for k in range(12)]
    places = [[(r, 120, RED), (w, 120, WHITE)] for w, r in zip(white, red, strict=True)]
    prompts = [Prompt(0, 1, box=_box(100, 120)), Prompt(0, 2, box=_box(200, 120))]
    rows = _follow(segmenter, _film(places), prompts)
    assert _on(rows[-1], 1, white[-1], 120)
    assert _on(rows[-1], 2, red[-1], 120)


def test_a_ball_in_front_takes_the_pixels_of_the_one_behind_and_gives_them_back(segmenter):
    near = [130 + 6 * k for k in range(24)]
    places = [[(200, 116, YELLOW), (x, 130, RED)] for x in near]
    prompts = [Prompt(0, 1, box=_box(200, 116)), Prompt(0, 2, box=_box(130, 130))]
    rows = _follow(segmenter, _film(places), prompts)
    assert _on(rows[-1], 1, 200, 116)
    assert _on(rows[-1], 2, near[-1], 130)
    middle = rows[12]  # the near one at x = 202 covers most of the far one
    assert 2 in middle
    if 1 in middle:
        assert rle.intersection(middle[1].rle, middle[2].rle) < 0.25 * rle.area(middle[2].rle)


def test_a_ball_behind_an_arm_is_absent_and_comes_back_as_itself(segmenter):
    arm = dict.fromkeys(range(6, 14), 200)
    places = [[(200, 120, RED), (90, 60, WHITE)] for _ in range(20)]
    prompts = [Prompt(0, 1, box=_box(200, 120)), Prompt(0, 2, box=_box(90, 60))]
    rows = _follow(segmenter, _film(places, arm=arm.items()), prompts)
    assert not any(1 in row for row in rows[7:14])
    assert all(_on(row, 2, 90, 60) for row in rows)
    assert _on(rows[-1], 1, 200, 120)


def test_a_ball_that_falls_into_a_pocket_is_absent_to_the_end(segmenter):
    ways = [100 + 10 * k for k in range(20)]
    places = [[(x, 120, RED)] if x < 292 else [] for x in ways] + [[]] * 10
    rows = _follow(segmenter, _film(places, hole=(300, 120)), [Prompt(0, 1, box=_box(100, 120))])
    assert _on(rows[15], 1, ways[15], 120)
    assert not any(1 in row for row in rows[-8:])


def test_a_ball_at_the_edge_of_the_picture_is_drawn_as_far_as_it_is_seen(segmenter):
    rows = _follow(segmenter, _film([[(3, 120, RED)]]), [Prompt(0, 1, box=(0, 109, 14, 131))])
    box = rle.bbox(rows[0][1].rle)
    assert box[0] == 0
    assert box[2] == pytest.approx(14, abs=2)


@pytest.mark.parametrize("stop", [3, 7])
def test_a_pass_that_is_taken_up_again_draws_the_same_masks(segmenter, stop):
    places = [[(80 + 12 * k, 120, WHITE), (200, 50, RED)] for k in range(10)]
    pictures = _film(places)
    prompts = [Prompt(0, 1, box=_box(80, 120)), Prompt(0, 2, box=_box(200, 50))]
    whole = _follow(segmenter, pictures, prompts)
    with segmenter.open(_clip(pictures)) as session:
        for k in range(stop):
            session.step(k, pictures[k], prompts if k == 0 else ())
        kept = session.snapshot()
    with segmenter.open(_clip(pictures), snapshot=kept) as session:
        rest = [session.step(k, pictures[k]).by_track() for k in range(stop, 10)]
    assert rest == whole[stop:]


def test_an_edge_below_nought_takes_in_the_rim_of_the_ball_and_no_more(segmenter):
    pictures = _film([[(60, 60, RED)]] * 3)
    prompts = [Prompt(0, 1, box=_box(60, 60))]
    wide = open_segmenter(model="nano", device="cpu", edge=segmenter.edge - 1.0)
    for tight, loose in zip(
        _follow(segmenter, pictures, prompts), _follow(wide, pictures, prompts), strict=True
    ):
        assert rle.area(tight[1].rle) < rle.area(loose[1].rle) < 1.25 * rle.area(tight[1].rle)
        assert rle.intersection(tight[1].rle, loose[1].rle) >= 0.99 * rle.area(tight[1].rle)


def test_pictures_shown_twice_as_in_film_on_television_do_not_slow_a_ball_down(segmenter):
    places = [(60 + 14 * (k - k // 3), 100) for k in range(15)]
    rows = _follow(
        segmenter,
        _film([[(x, y, WHITE)] for x, y in places]),
        [Prompt(0, 1, box=_box(*places[0]))],
    )
    assert sum(_on(row, 1, *spot) for row, spot in zip(rows, places, strict=True)) >= 13


def test_a_ball_that_passes_one_nobody_asked_for_stays_itself(segmenter):
    places = [(60 + 9 * k, 100) for k in range(20)]
    film = _film([[(150, 84, RED), (x, y, WHITE)] for x, y in places])
    rows = _follow(segmenter, film, [Prompt(0, 1, box=_box(*places[0]))])
    assert _on(rows[-1], 1, *places[-1])
