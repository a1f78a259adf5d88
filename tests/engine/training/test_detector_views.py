"""Crops, turns and mosaics keep every ball exactly boxed."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.training.detector_data import Balls, Still
from engine.training.detector_views import View, crop, fit, mosaic, random_view, whole
from engine.types import Image

BALL = np.array([[100, 60, 124, 84], [180, 90, 200, 110]], np.float32)


def picture(boxes: np.ndarray[tuple[int, int], np.dtype[np.float32]] = BALL) -> Image:
    """Return 160 x 280 of grey with a white disc in each box."""
    y, x = np.mgrid[:160, :280] + 0.5
    rgb = np.full((160, 280, 3), 60, np.uint8)
    for x0, y0, x1, y1 in boxes:
        inside = ((x - (x0 + x1) / 2) / ((x1 - x0) / 2)) ** 2 + (
            (y - (y0 + y1) / 2) / ((y1 - y0) / 2)
        ) ** 2 < 1
        rgb[inside] = 255
    return rgb


@pytest.fixture
def still(tmp_path: Path) -> Still:
    cv2.imwrite(str(tmp_path / "a_0.jpg"), picture(), [cv2.IMWRITE_JPEG_QUALITY, 100])
    return Still(
        tmp_path / "a_0.jpg", BALL / np.array([280, 160, 280, 160], np.float32), np.array([1, 3])
    )


@given(seed=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_a_random_view_boxes_the_balls_it_shows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one = BALL[:1]
    view = random_view((160, 280, 3), Balls(one, np.array([1])), (128, 128), rng)
    shown = view.balls(Balls(one, np.array([1])))
    bright = view.picture(picture(one), 60).max(2) > 157
    if len(shown.boxes) and bright.any():
        rows, columns = np.flatnonzero(bright.any(1)), np.flatnonzero(bright.any(0))
        seen = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
        # of all 10,001 seeds the worst is 2.47: a ball that is cut by the rim where interpolation dims it
        assert np.abs(shown.boxes[0] - seen).max() <= 2.5


@given(seed=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_boxes_stay_inside_the_crop_and_labels_stay_with_them(seed: int) -> None:
    view = random_view(
        (160, 280, 3), Balls(BALL, np.array([1, 3])), (96, 64), np.random.default_rng(seed)
    )
    shown = view.balls(Balls(BALL, np.array([1, 3])))
    assert len(shown.boxes) == len(shown.labels) <= 2
    assert (shown.boxes >= 0).all()
    assert (shown.boxes <= [64, 96, 64, 96]).all()
    assert set(shown.labels) <= {1, 3}


def test_a_ball_that_is_mostly_cut_off_is_not_asked_for() -> None:
    ball = Balls(np.array([[10, 10, 30, 30]], np.float32), np.array([0]))

    def shifted(dx: float) -> int:
        return len(View(np.array([[1, 0, dx], [0, 1, 0.0]]), (64, 64)).balls(ball).labels)

    assert [shifted(0), shifted(-20), shifted(-25), shifted(-40)] == [1, 1, 0, 0]


def test_a_quarter_turn_swaps_the_sides_of_a_box() -> None:
    ball = Balls(np.array([[10, 20, 40, 30]], np.float32), np.array([0]))
    turned = View(np.array([[0, -1, 64], [1, 0, 0.0]]), (64, 64)).balls(ball)
    assert turned.boxes.tolist() == [[34, 10, 44, 40]]


def test_the_whole_picture_fits_at_the_top_left() -> None:
    view = fit((160, 280, 3), (80, 200))
    assert view.balls(Balls(BALL, np.array([1, 3]))).boxes.tolist() == (BALL / 2).tolist()
    assert (view.picture(picture(), 7)[:, 142:] == 7).all()


def test_crops_wholes_and_mosaics_have_the_size_that_was_asked_for(still: Still) -> None:
    rng = np.random.default_rng(0)
    for _ in range(10):
        for rgb, balls in (
            crop(still, (96, 128), rng),
            whole(still, (96, 128), rng),
            mosaic([still] * 4, (96, 128), rng),
        ):
            assert rgb.shape == (96, 128, 3)
            assert rgb.dtype == np.uint8
            assert balls.boxes.shape == (len(balls.labels), 4)


def test_a_mosaic_keeps_balls_inside_their_own_quarter(still: Still) -> None:
    rng = np.random.default_rng(1)
    seen = 0
    for _ in range(20):
        _, balls = mosaic([still] * 4, (128, 128), rng)
        seen += len(balls.labels)
        assert ((balls.boxes[:, 2] <= 64) | (balls.boxes[:, 0] >= 64)).all()
        assert ((balls.boxes[:, 3] <= 64) | (balls.boxes[:, 1] >= 64)).all()
    assert seen > 20


def test_most_crops_look_at_balls_and_some_at_none(still: Still) -> None:
    rng = np.random.default_rng(2)
    counts = [len(crop(still, (64, 64), rng)[1].labels) for _ in range(80)]
    assert 0.4 < np.mean(np.array(counts) > 0) < 0.95
