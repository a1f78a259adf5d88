"""A window is a square on whole pixels whose content lands where geometry says."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine import geometry
from engine.models.windows import cut, window

PLACES = st.floats(-50, 700, allow_nan=False)
SIZES = st.floats(1, 80, allow_nan=False)


@given(PLACES, PLACES, SIZES, SIZES, st.floats(1.5, 8))
def test_a_window_is_a_square_around_the_middle_of_its_box(
    x: float, y: float, w: float, h: float, context: float
) -> None:
    view = window((x, y, x + w, y + h), context=context)
    assert view[2] - view[0] == view[3] - view[1]
    assert geometry.center(view) == pytest.approx((x + w / 2, y + h / 2), abs=1.01)


@given(SIZES, SIZES, st.floats(1.5, 8))
def test_its_side_is_the_context_times_the_longer_side_but_never_tiny(
    w: float, h: float, context: float
) -> None:
    view = window((0, 0, w, h), context=context, least=24)
    assert view[2] - view[0] == max(24, round(context * max(w, h)))


def test_a_window_of_the_models_own_side_is_copied_pixel_by_pixel() -> None:
    rgb = _noise(60, 80)
    seen = cut(rgb, (10, 5, 42, 37), 32)
    np.testing.assert_array_equal(seen.permute(1, 2, 0).numpy(), rgb[5:37, 10:42])


@given(st.integers(-40, 90), st.integers(-40, 70), st.integers(8, 50))
def test_beyond_the_picture_its_edge_is_repeated(left: int, top: int, side: int) -> None:
    rgb = _noise(60, 80)
    seen = cut(rgb, (left, top, left + side, top + side), side).permute(1, 2, 0).numpy()
    padded = np.pad(rgb, ((100, 100), (100, 100), (0, 0)), mode="edge")
    np.testing.assert_array_equal(
        seen, padded[top + 100 : top + side + 100, left + 100 : left + side + 100]
    )


@pytest.mark.parametrize("side", [24, 96, 131])
def test_a_disc_keeps_its_centre_when_the_window_is_scaled(side: int) -> None:
    rgb = np.zeros((100, 100, 3), np.uint8)
    y, x = np.mgrid[:100, :100] + 0.5
    rgb[(x - 43) ** 2 + (y - 57) ** 2 < 100] = 255
    seen = cut(rgb, (20, 30, 68, 78), side)[0].double()
    line = torch.arange(side).double() + 0.5
    middle = [float((seen.sum(axis) * line).sum() / seen.sum()) * 48 / side for axis in (0, 1)]
    assert middle == pytest.approx([43 - 20, 57 - 30], abs=0.1)


def test_shrinking_averages_instead_of_picking_pixels() -> None:
    rgb = np.zeros((64, 64, 3), np.uint8)
    rgb[:, ::2] = (
        255  # stripes of one pixel: picked they stay black and white, averaged they are grey
    )
    seen = cut(rgb, (0, 0, 64, 64), 16).float()
    assert seen[:, 2:-2, 2:-2].sub(127.5).abs().max() < 20


def _noise(high: int, wide: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (high, wide, 3), np.uint8)
