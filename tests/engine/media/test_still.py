"""Still pictures: the same pixels give the same bytes, and PNG masks come back exactly."""

import errno
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from engine.errors import DiskFull, InputError
from engine.media.still import palette_png, write_jpeg, write_png

PALETTE = bytes(range(256)) * 3
SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 9))


@given(indices=arrays.arrays(np.uint8, SHAPES))
def test_indices_come_back_from_a_palette_png(
    tmp_path_factory: pytest.TempPathFactory, indices: np.ndarray
) -> None:
    path = tmp_path_factory.getbasetemp() / "mask.png"
    path.write_bytes(palette_png(indices, PALETTE))
    with Image.open(path) as opened:
        assert opened.mode == "P"
        assert bytes(opened.getpalette() or ()) == PALETTE
        np.testing.assert_array_equal(np.asarray(opened), indices)


@given(pixels=arrays.arrays(np.uint8, st.one_of(SHAPES, SHAPES.map(lambda s: (*s, 3)))))
def test_pixels_come_back_from_a_png(
    tmp_path_factory: pytest.TempPathFactory, pixels: np.ndarray
) -> None:
    path = tmp_path_factory.getbasetemp() / "page.png"
    write_png(path, pixels)
    with Image.open(path) as opened:
        np.testing.assert_array_equal(np.asarray(opened), pixels)


def test_a_jpeg_keeps_colours_closely_and_its_bytes_exactly(tmp_path: Path) -> None:
    ramp = np.linspace(0, 255, 64, dtype=np.uint8)
    rgb = np.stack(np.broadcast_arrays(ramp[:, None], ramp[None], np.uint8(90)), axis=-1)
    for name in ("a.jpg", "b.jpg"):
        write_jpeg(tmp_path / name, rgb)
    assert (tmp_path / "a.jpg").read_bytes() == (tmp_path / "b.jpg").read_bytes()
    with Image.open(tmp_path / "a.jpg") as opened:
        assert np.abs(np.asarray(opened).astype(int) - rgb).mean() < 2


def test_a_short_palette_is_refused() -> None:
    with pytest.raises(InputError, match="6 bytes; expected 768"):
        palette_png(np.zeros((2, 2), np.uint8), bytes(6))


def test_a_full_disk_is_said_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: Image.Image, path: Path, *_: object, **__: object) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(DiskFull):
        write_png(tmp_path / "page.png", np.zeros((2, 2), np.uint8))
    assert not list(tmp_path.iterdir())
