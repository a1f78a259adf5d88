"""Pictures from a decoder's colours to RGB and back. Knows matrices and ranges, and no file.

A stream says by its tags which matrix and range it uses. Where it is silent, players take BT.709
from 720 lines on and BT.601 below, and the limited range; so does this module.
"""

from typing import Final

import numpy as np
from av import VideoFrame
from av.video.reformatter import (
    ColorPrimaries,
    ColorRange,
    Colorspace,
    ColorTrc,
    Interpolation,
    VideoReformatter,
)

from engine.types import Image

HD_LINES: Final = 720
UNSPECIFIED: Final = 2  # of AVColorSpace (ITU-T H.273, table 4), whose 1, 4, 5, 6, 7, 9, 10 follow
MATRICES: Final = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
SMOOTH: Final = Interpolation.AREA | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP


def matrix_of(frame: VideoFrame) -> Colorspace:
    """Return the matrix between the frame's YUV and RGB: its tag, else what players assume."""
    assumed = Colorspace.ITU709 if frame.height >= HD_LINES else Colorspace.ITU601
    return MATRICES.get(frame.colorspace, assumed)


def range_of(frame: VideoFrame) -> ColorRange:
    """Return whether black is 0 (JPEG) or 16 (MPEG): its tag, else what the pixel format implies."""
    if frame.color_range in (ColorRange.MPEG, ColorRange.JPEG):
        return ColorRange(frame.color_range)
    full = frame.format.is_rgb or frame.format.name.startswith(("yuvj", "gray", "pal", "mono"))
    return ColorRange.JPEG if full else ColorRange.MPEG


class ToRgb:
    """Converts the frames of one stream to RGB; keeps the converter warm between frames.

    One thread and fixed rules, so that a picture is the same bytes however the decoder came to it.
    """

    def __init__(self) -> None:
        """Begin without a converter: the first frame makes one."""
        self._reformatter = VideoReformatter()

    def __call__(self, frame: VideoFrame, *, width: int | None = None) -> Image:
        """Return uint8 (H, W, 3) RGB as stored in the stream; ``width`` stretches pixels that are not square."""
        matrix = matrix_of(frame)
        rgb = self._reformatter.reformat(
            frame,
            width=width,
            format="rgb24",
            src_colorspace=matrix,
            dst_colorspace=matrix,
            src_color_range=range_of(frame),
            dst_color_range=ColorRange.JPEG,
            threads=1,
        )
        return np.asarray(rgb.to_ndarray(), np.uint8)


class FromRgb:
    """Converts RGB pictures to what H.264 plays everywhere: yuv420p, BT.709, limited range."""

    def __init__(self) -> None:
        """Begin without a converter: the first picture makes one."""
        self._reformatter = VideoReformatter()

    def __call__(self, rgb: Image) -> VideoFrame:
        """Return ``rgb`` uint8 (H, W, 3), even sizes, as a tagged yuv420p frame without a time stamp."""
        return self._reformatter.reformat(
            VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24"),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            interpolation=SMOOTH,
            threads=1,
        )


def tag_bt709(context: object) -> None:
    """Write into an encoder's ``context`` that its pictures are BT.709 in the limited range."""
    for name, value in (
        ("colorspace", 1),
        ("color_primaries", ColorPrimaries.BT709),
        ("color_trc", ColorTrc.BT709),
        ("color_range", ColorRange.MPEG),
    ):
        setattr(context, name, int(value))
