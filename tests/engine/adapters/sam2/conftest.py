"""A clip of moving discs, and small networks to run on it."""

import importlib.util
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.types import Clip


@pytest.fixture(scope="session")
def build():
    """Return the builder of small networks."""
    path = Path(__file__).with_name("networks.py")
    spec = importlib.util.spec_from_file_location("sam2_test_networks", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.build


@pytest.fixture
def pictures():
    """Return 30 pictures of 160 x 120 pixels: three discs on noisy cloth."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:120, :160]
    shown = []
    for frame in range(30):
        rgb = rng.integers(0, 40, (120, 160, 3), dtype=np.uint8) + np.uint8(40)
        for k, colour in enumerate([(220, 30, 30), (240, 240, 230), (30, 60, 220)]):
            rgb[(x - 30 - 40 * k - frame) ** 2 + (y - 30 - 25 * k) ** 2 < 100] = colour
        shown.append(rgb)
    return shown


@pytest.fixture
def clip():
    return Clip("clip", "video", "media.mp4", 0, 30, 160, 120, Fraction(30))
