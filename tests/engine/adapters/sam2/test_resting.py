"""Windows that show what they showed before."""

import numpy as np
import torch

from engine import rle
from engine.adapters.sam2.bank import Bank
from engine.adapters.sam2.resting import Rest, unchanged
from engine.adapters.sam2.state import Header, TrackState, pack, unpack
from engine.types import TrackMask

SIDE = 96


def _window(x, *, noise=0, seed=0):
    """Return a window with a striped ball at column ``x``, uint8 (3, S, S)."""
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(float)
    edge = np.clip(14.5 - np.hypot(columns - x, rows - 48), 0, 1)
    stripe = np.clip(6 - np.abs(columns - x), 0, 1)
    rgb = 90 + edge * 110 - edge * stripe * 120
    if noise:
        rgb = rgb + np.random.default_rng(seed).normal(0, noise, rgb.shape)
    return torch.from_numpy(np.clip(rgb, 0, 255).astype(np.uint8)).expand(3, -1, -1)


def _same(a, b):
    return bool(unchanged(a[None], b[None])[0])


def test_the_same_window_is_unchanged():
    assert _same(_window(48), _window(48))


def test_the_noise_of_video_is_no_change():
    assert _same(_window(48, noise=4, seed=1), _window(48, noise=4, seed=2))


def test_a_ball_that_moved_by_half_a_pixel_is_a_change():
    assert not _same(_window(48), _window(48.5))


def test_an_arm_that_comes_in_at_a_corner_is_a_change():
    covered = _window(48).clone()
    covered[:, :8, :8] = 200
    assert not _same(_window(48), covered)


def test_each_pair_is_judged_alone():
    pairs = torch.stack([_window(48), _window(48)]), torch.stack([_window(48), _window(60)])
    assert unchanged(*pairs).tolist() == [True, False]


def test_no_windows_no_answer():
    nothing = torch.zeros(0, 3, SIDE, SIDE, dtype=torch.uint8)
    assert unchanged(nothing, nothing).tolist() == []


def test_a_ball_at_rest_keeps_its_colours_over_a_snapshot_or_has_none_to_keep():
    mask = TrackMask(4, rle.encode(np.ones((5, 5), bool), origin=(3, 3), size=(20, 20)), 0.9, 0.8)
    shown = np.eye(1, 216, dtype=np.float32)[0]
    header = Header("model", "clip", backward=False, last=7)
    for colours in (shown, None):
        rest = Rest((0, 0, 20, 20), _window(48), mask, colours)
        blob = pack(header, {4: TrackState(Bank(), rest=rest)}, None)
        _, tracks, _, _ = unpack(blob, header, device=torch.device("cpu"))
        back = tracks[4].rest
        assert back is not None
        assert back.mask == mask
        assert (back.colours is None) == (colours is None)
        assert colours is None or np.array_equal(back.colours, colours)
