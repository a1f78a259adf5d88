"""Where the picture has changed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from engine.adapters.sam2.motion import change, share, small


def _picture(x=None):
    rgb = np.full((80, 160, 3), 100, np.uint8)
    if x is not None:
        rgb[32:48, x : x + 16] = 220
    return rgb


def test_a_small_picture_is_a_quarter_in_each_direction():
    assert small(_picture()).shape == (20, 40)
    assert small(np.zeros((83, 165, 3), np.uint8)).shape == (20, 41)


def test_before_the_first_picture_everything_may_have_changed():
    assert change(None, small(_picture())).all()


def test_a_ball_that_moved_changes_where_it_was_and_where_it_is_and_nothing_else():
    changed = change(small(_picture(16)), small(_picture(96)))
    assert share(changed, (16, 32, 32, 48)) == 1.0
    assert share(changed, (96, 32, 112, 48)) == 1.0
    assert share(changed, (48, 32, 80, 48)) == 0.0
    assert changed.sum() == 32


def test_a_box_that_reaches_beyond_the_picture_counts_for_what_is_inside():
    changed = change(small(_picture()), small(_picture(0)))
    assert share(changed, (-40, 32, 16, 48)) == 1.0
    assert 0 <= share(changed, (150, 70, 400, 400)) <= 1


def test_noise_is_no_change():
    rng = np.random.default_rng(0)
    pictures = [
        np.clip(100 + rng.normal(0, 8, (80, 160, 3)), 0, 255).astype(np.uint8) for _ in range(2)
    ]
    assert not change(small(pictures[0]), small(pictures[1])).any()


@given(
    st.integers(4, 30).flatmap(
        lambda high: st.integers(4, 30).flatmap(
            lambda wide: npst.arrays(np.uint8, (high, wide, 3), elements=st.integers(0, 255))
        )
    )
)
def test_a_block_is_the_mean_of_its_pixels_rounded_down(rgb):
    blocks = small(rgb)
    for y, x in np.ndindex(blocks.shape):
        assert blocks[y, x] == int(rgb[4 * y : 4 * y + 4, 4 * x : 4 * x + 4].sum()) // 48
