"""What is pasted changes pixels and labels alike: hidden pixels are no ball, a double is another ball."""

import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.training import segmenter_paste as paste
from engine.training.segmenter_films import Ball
from engine.training.segmenter_paste import OTHER, OWN, Canvas, Paint, Thing
from engine.types import Image

CLOTH, RED, BLUE = (30, 110, 60), (220, 40, 40), (40, 60, 220)
VIEW = (20, 10, 90, 80)
SPOT = (44.0, 34.0, 66.0, 56.0)
MIDDLE = 35  # of the window, where the ball lies


def disc(x: float, y: float, radius: float = 11) -> Ball:
    rows, columns = np.mgrid[:100, :140] + 0.5
    mask = rle.encode((columns - x) ** 2 + (rows - y) ** 2 < radius**2)
    return Ball(mask, rle.bbox(mask) or (0, 0, 0, 0), rle.area(mask))


BALLS = {7: disc(55, 45), 3: disc(80, 60)}


@pytest.fixture
def picture() -> Image:
    rgb = np.full((100, 140, 3), CLOTH, np.uint8)
    for ball, colour in ((BALLS[7], RED), (BALLS[3], BLUE)):
        rgb[rle.decode(ball.mask)] = colour
    return rgb


@pytest.fixture
def on(picture: Image) -> Canvas:
    return paste.canvas(picture, BALLS, 7, VIEW)


def colours(on: Canvas, where: int) -> list[int]:
    return [round(value) for value in on.pixels[on.labels == where].mean(0)]


def test_a_canvas_shows_the_window_with_the_ball_and_the_others(on: Canvas) -> None:
    assert on.pixels.shape == (70, 70, 3)
    assert (on.labels == OWN).sum() == BALLS[7].area
    assert (on.labels == OTHER).sum() == rle.area(BALLS[3].mask) - int(
        rle.decode(BALLS[3].mask)[:, 90:].sum()
    )
    assert colours(on, OWN) == list(RED)
    assert colours(on, OTHER) == list(BLUE)


def test_a_canvas_may_reach_beyond_the_picture(picture: Image) -> None:
    beyond = paste.canvas(picture, BALLS, 7, (-30, -30, 60, 60))
    assert beyond.labels[:30].sum() == 0
    assert colours(beyond, OWN) == list(RED)


@given(st.integers(0, 10_000))
def test_a_thing_that_hides_leaves_hardly_a_ball_and_one_that_brushes_leaves_some(
    seed: int,
) -> None:
    rgb = np.full((100, 140, 3), CLOTH, np.uint8)
    rgb[rle.decode(BALLS[7].mask)] = RED
    for hiding in (True, False):
        on = paste.canvas(rgb, {7: BALLS[7]}, 7, VIEW)
        before = on.labels.copy()
        thing = Thing.draw(random.Random(seed), hiding=hiding)
        paste.cover(on, SPOT, thing, step=0, rgb=rgb)
        assert set(np.unique(on.labels)) <= {0, OWN}
        assert not (on.labels > before).any()
        unchanged = (on.pixels == rgb[10:80, 20:90]).all(2)
        if thing.patch is None:
            assert not (unchanged & (before == OWN) & (on.labels == 0)).any()


def test_hiding_things_hide_most_balls_wholly() -> None:
    rgb = np.full((100, 140, 3), CLOTH, np.uint8)
    left = []
    for seed in range(100):
        on = paste.canvas(rgb, {7: BALLS[7]}, 7, VIEW)
        paste.cover(on, SPOT, Thing.draw(random.Random(seed), hiding=True), step=0, rgb=rgb)
        left.append((on.labels == OWN).sum() / BALLS[7].area)
    assert np.mean([part < 0.05 for part in left]) > 0.6
    assert np.median(left) == 0


def test_a_ball_that_is_taken_away_leaves_cloth(on: Canvas) -> None:
    paste.take_away(on, SPOT, reach=0.2)
    assert not (on.labels == OWN).any()
    assert (on.labels == OTHER).any()
    here = on.pixels[MIDDLE - 9 : MIDDLE + 9, MIDDLE - 9 : MIDDLE + 9].reshape(-1, 3).mean(0)
    np.testing.assert_allclose(here, CLOTH, atol=6)
    assert colours(on, OTHER) == list(BLUE)


def test_taking_away_what_is_not_there_changes_nothing(picture: Image) -> None:
    on = paste.canvas(picture, {}, 7, VIEW)
    before = on.pixels.copy()
    paste.take_away(on, SPOT, reach=0.2)
    np.testing.assert_array_equal(on.pixels, before)


def test_cloth_is_guessed_from_the_rim_where_balls_leave_none_to_copy() -> None:
    rgb = np.full((100, 140, 3), CLOTH, np.uint8)
    on = paste.canvas(rgb, {7: disc(55, 45, 30)}, 7, VIEW)
    on.pixels[on.labels == OWN] = RED
    paste.take_away(on, (25.0, 15.0, 85.0, 75.0), reach=0.05)
    assert np.abs(on.pixels[MIDDLE, MIDDLE].astype(int) - CLOTH).max() < 60


@pytest.mark.parametrize("over", [True, False])
def test_a_double_is_another_ball_in_front_or_behind(
    on: Canvas, picture: Image, *, over: bool
) -> None:
    double = paste.sprite(picture, BALLS[3])
    paste.add_double(on, double, 64, 45, over=over)
    whole = (on.labels == OWN).sum() == BALLS[7].area
    assert whole is not over
    added = (on.labels == OTHER)[MIDDLE - 3 : MIDDLE + 3, MIDDLE + 12 : MIDDLE + 18]
    assert added.all()
    assert on.pixels[MIDDLE, MIDDLE + 15].tolist() == list(BLUE)


def test_a_double_outside_of_the_window_is_not_seen(on: Canvas, picture: Image) -> None:
    before = on.labels.copy()
    paste.add_double(on, paste.sprite(picture, BALLS[3]), 200, 45, over=True)
    np.testing.assert_array_equal(on.labels, before)


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_paint_stays_on_the_ball_and_labels_stay_as_they_are(seed: int, step: int) -> None:
    rgb = np.full((100, 140, 3), CLOTH, np.uint8)
    rgb[rle.decode(BALLS[7].mask)] = RED
    on = paste.canvas(rgb, {7: BALLS[7]}, 7, VIEW)
    labels = on.labels.copy()
    paste.repaint(on, SPOT, Paint.draw(random.Random(seed)), step=step)
    np.testing.assert_array_equal(on.labels, labels)
    assert (on.pixels[labels == 0] == CLOTH).all()


def test_painted_balls_have_two_colours_as_a_rule() -> None:
    spread: list[float] = []
    for seed in range(60):
        rgb = np.full((100, 140, 3), CLOTH, np.uint8)
        rgb[rle.decode(BALLS[7].mask)] = RED
        on = paste.canvas(rgb, {7: BALLS[7]}, 7, VIEW)
        paste.repaint(on, SPOT, Paint.draw(random.Random(seed)), step=0)
        spread.append(float(on.pixels[on.labels == OWN].std(0).max()))
    assert np.mean([value > 30 for value in spread]) > 0.7


@pytest.mark.parametrize("harden", ["cover", "take_away", "repaint"])
def test_the_same_dice_make_the_same_pixels(picture: Image, harden: str) -> None:
    def once() -> Image:
        on = paste.canvas(picture, BALLS, 7, VIEW)
        work: dict[str, Callable[[], None]] = {
            "cover": lambda: paste.cover(
                on, SPOT, Thing.draw(random.Random(5), hiding=True), step=1, rgb=picture
            ),
            "take_away": lambda: paste.take_away(on, SPOT, reach=0.3),
            "repaint": lambda: paste.repaint(on, SPOT, Paint.draw(random.Random(5)), step=1),
        }
        work[harden]()
        return on.pixels

    np.testing.assert_array_equal(once(), once())
    assert not np.array_equal(once(), picture[10:80, 20:90])


@given(st.floats(-4, 8))
def test_a_wider_label_reaches_as_much_further_on_every_side(room: float) -> None:
    rows, columns = np.mgrid[:64, :64] - 31.5
    labels = (np.hypot(rows, columns) < 12).astype(np.uint8)
    area = int((paste.widened(labels, room) == OWN).sum())
    assert np.sqrt(area / np.pi) == pytest.approx(12 + room, abs=0.8)


def test_a_wider_label_takes_no_pixel_from_another_ball() -> None:
    labels = np.zeros((40, 40), np.uint8)
    labels[10:20, 10:20], labels[10:20, 22:30] = OWN, OTHER
    wide = paste.widened(labels, 5.0)
    assert (wide[labels == OTHER] == OTHER).all()
    assert wide[15, 21] == OWN


def test_a_closer_label_of_a_ball_that_is_hardly_seen_is_empty() -> None:
    labels = np.zeros((20, 20), np.uint8)
    labels[5:7, 5:15] = OWN
    assert not paste.widened(labels, -3.0).any()
