"""Windows and whole pictures: what the model sees, and where its masks lie."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from engine import rle
from engine.adapters.sam2 import views

SIZE = (90, 120)


def test_the_whole_picture_is_one_view():
    assert views.whole(np.zeros((90, 120, 3), np.uint8)) == (0, 0, 120, 90)


def test_a_place_and_the_edges_of_a_view_are_scaled_to_the_model():
    view = (10, 20, 58, 68)
    assert views.to_model(10, 20, view, 96) == (0.0, 0.0)
    assert views.to_model(58, 68, view, 96) == (96.0, 96.0)
    assert views.to_model(34, 44, view, 96) == (48.0, 48.0)


def test_a_view_contains_its_left_edge_and_not_its_right_one():
    assert views.contains((10, 20, 58, 68), 10, 20)
    assert not views.contains((10, 20, 58, 68), 58, 30)


@pytest.mark.parametrize(
    ("view", "touched"),
    [((-40, 10, 8, 58), True), ((-50, 10, -2, 58), False), ((120, 0, 168, 48), False)],
)
def test_a_view_beyond_the_picture_does_not_touch_it(view, touched):
    assert views.touches(view, np.zeros((90, 120, 3), np.uint8)) is touched


def test_windows_are_cut_with_the_edge_of_the_picture_repeated():
    rgb = np.zeros((90, 120, 3), np.uint8)
    rgb[:, 0] = 200
    pieces = views.crop(rgb, [(-24, 0, 24, 48)], 48)
    assert pieces.shape == (1, 3, 48, 48)
    assert (pieces[0, :, :, :25] == 200).all()
    assert (pieces[0, :, :, 25:] == 0).all()


def test_no_views_no_windows():
    assert views.crop(np.zeros((90, 120, 3), np.uint8), [], 96).shape == (0, 3, 96, 96)


def test_logits_below_zero_everywhere_are_no_mask():
    assert views.paint(np.full((24, 24), -1, np.float32), (0, 0, 48, 48), SIZE) is None


def test_a_mask_beyond_the_picture_is_no_mask():
    logits = np.full((24, 24), -1, np.float32)
    logits[:, :4] = 5
    assert views.paint(logits, (-60, 10, -12, 58), SIZE) is None


@given(st.integers(-30, 100), st.integers(-30, 80), st.integers(24, 80), st.integers(0, 2**32 - 1))
def test_painting_is_upsampling_as_torch_does_it(x, y, side, seed):
    logits = np.random.default_rng(seed).normal(0, 2, (24, 24)).astype(np.float32)
    painted = views.paint(logits, (x, y, x + side, y + side), SIZE)
    fine = functional.interpolate(
        torch.from_numpy(logits)[None, None], (side, side), mode="bilinear", align_corners=False
    )[0, 0].numpy()
    expected = np.zeros((SIZE[0] + 200, SIZE[1] + 200), bool)
    expected[100 + y : 100 + y + side, 100 + x : 100 + x + side] = fine > 0
    unsure = np.zeros_like(expected)
    unsure[100 + y : 100 + y + side, 100 + x : 100 + x + side] = np.abs(fine) < 1e-4
    inside = expected[100 : 100 + SIZE[0], 100 : 100 + SIZE[1]]
    got = rle.decode(painted) if painted else np.zeros(SIZE, bool)
    differ = got != inside
    assert not (differ & ~unsure[100 : 100 + SIZE[0], 100 : 100 + SIZE[1]]).any()


@given(st.integers(-20, 60), st.integers(-20, 50), st.integers(30, 90))
def test_a_mask_that_is_seen_and_painted_is_the_same_mask(x, y, side):
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    cx, cy = x + side / 2, y + side / 2
    mask = (columns + 0.5 - cx) ** 2 + (rows + 0.5 - cy) ** 2 < (side / 4) ** 2
    if not mask.any():
        return
    view = (x, y, x + side, y + side)
    seen = views.see_mask(rle.encode(mask), view, 96)
    assert seen.shape == (1, 96, 96)
    back = views.paint((seen[0].numpy() * 2 - 1).astype(np.float32), view, SIZE)
    assert back is not None
    assert rle.iou(back, rle.encode(mask)) > 0.85
