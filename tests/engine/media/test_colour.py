"""Colours: the formulas of the standards, written out here once more, against what the decoder's pictures become."""

import av
import numpy as np
import pytest

from engine.media.colour import FromRgb, ToRgb, matrix_of, range_of

WEIGHTS = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}


def yuv_frame(
    y: int, u: int, v: int, *, colorspace: int, full: bool, height: int = 32
) -> av.VideoFrame:
    frame = av.VideoFrame(32, height, "yuv420p")
    for plane, value in zip(frame.planes, (y, u, v), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    frame.colorspace, frame.color_range = colorspace, 2 if full else 1
    return frame


def expected_rgb(y: int, u: int, v: int, *, colorspace: int, full: bool) -> np.ndarray:
    red, blue = WEIGHTS[colorspace]
    luma, chroma = (y / 255, 255) if full else ((y - 16) / 219, 224)
    r = luma + 2 * (1 - red) * (v - 128) / chroma
    b = luma + 2 * (1 - blue) * (u - 128) / chroma
    g = (luma - red * r - blue * b) / (1 - red - blue)
    return np.clip(np.array([r, g, b]) * 255, 0, 255)


@pytest.mark.parametrize("levels", ["limited", "full"])
@pytest.mark.parametrize("colorspace", WEIGHTS)
@pytest.mark.parametrize("yuv", [(120, 128, 128), (90, 100, 160), (150, 150, 110), (60, 130, 120)])
def test_tags_choose_matrix_and_range(
    yuv: tuple[int, int, int], colorspace: int, levels: str
) -> None:
    full = levels == "full"
    rgb = ToRgb()(yuv_frame(*yuv, colorspace=colorspace, full=full))
    expected = expected_rgb(*yuv, colorspace=colorspace, full=full)
    assert np.abs(rgb[16, 16] - expected).max() <= 2.5


@pytest.mark.parametrize(("height", "like"), [(576, 5), (720, 1)])
def test_where_tags_are_silent_the_size_decides(height: int, like: int) -> None:
    silent = yuv_frame(90, 100, 160, colorspace=2, full=False, height=height)
    tagged = yuv_frame(90, 100, 160, colorspace=like, full=False, height=height)
    assert matrix_of(silent) == matrix_of(tagged)
    assert (ToRgb()(silent) == ToRgb()(tagged)).all()


def test_grey_and_old_full_range_formats_are_full_range_and_yuv_is_not() -> None:
    ranges = [
        range_of(av.VideoFrame(16, 16, name)).name for name in ("gray", "yuvj420p", "yuv420p")
    ]
    assert ranges == ["JPEG", "JPEG", "MPEG"]


@pytest.mark.parametrize(
    "pixels", ["gray", "rgba", "yuv422p", "yuv420p10le", "yuv444p", "nv12", "bgr24"]
)
def test_white_stays_white_and_black_black_in_every_pixel_format(pixels: str) -> None:
    half = np.zeros((32, 32, 3), np.uint8)
    half[:, 16:] = 255
    frame = av.VideoFrame.from_ndarray(half, format="rgb24").reformat(format=pixels)
    rgb = ToRgb()(frame)
    assert rgb.shape == (32, 32, 3)
    assert rgb[:, :12].max() <= 3
    assert rgb[:, 20:].min() >= 252


def test_pixels_that_are_not_square_are_stretched_on_the_way() -> None:
    assert ToRgb()(yuv_frame(120, 128, 128, colorspace=1, full=False), width=44).shape == (
        32,
        44,
        3,
    )


def test_what_is_encoded_comes_back() -> None:
    colours = np.random.default_rng(1).integers(0, 256, (8, 8, 3), np.uint8)
    picture = np.kron(colours, np.ones((8, 8, 1), np.uint8))
    back = ToRgb()(FromRgb()(picture)).astype(int)
    assert np.abs(back[4::8, 4::8] - colours).max() <= 3
