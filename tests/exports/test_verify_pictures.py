"""A JPEG looked at in small is an eighth of its size, whatever that is, and shows what the whole shows."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from exports.checks.pictures import SHRINK, look


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures")


@pytest.mark.parametrize("size", [(1920, 1080), (960, 540), (854, 480), (160, 90), (8, 8), (5, 90)])
def test_every_size_comes_as_its_eighth_rounded_up(size: tuple[int, int], folder: Path) -> None:
    check(folder, *size)


@given(st.integers(1, 70), st.integers(1, 70))
def test_so_do_small_and_odd_ones(folder: Path, wide: int, high: int) -> None:
    check(folder, wide, high)


def check(folder: Path, wide: int, high: int) -> None:
    ramp = np.linspace(30, 220, wide, dtype=np.uint8)
    path = folder / "00000.jpg"
    Image.fromarray(np.repeat(np.tile(ramp, (high, 1))[..., None], 3, axis=2)).save(
        path, quality=95
    )
    small = look(path)
    assert isinstance(small, np.ndarray)
    assert small.shape == (-(-high // SHRINK), -(-wide // SHRINK), 3)
    across = small.mean(axis=(0, 2))
    assert (np.diff(across) > -3).all()
    assert ramp.min() - 5 < across[0] <= across[-1] + 3 < ramp.max() + 8
