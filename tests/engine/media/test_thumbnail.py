"""Small pictures keep their shape, are never larger than what they show, and are JPEG."""

import numpy as np
import pytest
import simplejpeg

from engine.media.thumbnail import WIDTH, thumbnail


@pytest.mark.parametrize(
    ("shape", "small"),
    [
        ((1080, 1920), (180, WIDTH)),
        ((576, 1024), (180, WIDTH)),
        ((1920, 1080), (569, WIDTH)),
        ((48, 64), (48, 64)),
        ((1, 4000), (1, WIDTH)),
    ],
)
def test_a_small_picture_has_the_shape_of_the_large_one(
    shape: tuple[int, int], small: tuple[int, int]
) -> None:
    rgb = simplejpeg.decode_jpeg(thumbnail(np.full((*shape, 3), (200, 30, 30), np.uint8)))
    assert rgb.shape == (*small, 3)
    assert np.abs(rgb.mean(axis=(0, 1)) - (200, 30, 30)).max() < 4


def test_what_is_left_stays_left() -> None:
    rgb = np.zeros((540, 960, 3), np.uint8)
    rgb[:, :480] = 255
    small = simplejpeg.decode_jpeg(thumbnail(rgb))
    assert small[:, :150].min() > 200
    assert small[:, 170:].max() < 50
