"""Pictures to an H.264 file. Knows the encoder's settings, and nothing of where the pictures come from.

Every file has one picture per tick of its rate, the first at time 0, no reordering (so no edit list
either), and its index in front: frame k is frame k in every player, browser and loader.
"""

import os
import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream

from engine.errors import InputError
from engine.media.colour import FromRgb, tag_bt709
from engine.media.faults import writing
from engine.types import Image

THREADS: Final = 2  # fixed: the encoder's bytes depend on how many share the work

REPEATABLE: Final = {
    "bf": "0",  # shown in the order in which they are stored
    "rc-lookahead": "0",  # libx264's lookahead gives small pictures other bytes now and then (measured)
}


def beside(path: Path) -> Path:
    """Return a hidden name in the same folder, of this process and thread alone, to rename from."""
    return path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")


class VideoWriter:
    """Writes RGB pictures as a constant-rate H.264 file, yuv420p, BT.709; use it in a ``with``.

    The file appears under its name when the block ends well, and not at all when it does not. The same
    pictures and settings give the same bytes.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        width: int,
        height: int,
        rate: Fraction,
        crf: int = 18,
        preset: str = "veryfast",
        keyframes: int | None = None,
        tag: Callable[[object], None] = tag_bt709,
    ) -> None:
        """Remember the settings; ``keyframes`` is the most frames between two keyframes (default: a second).

        ``tag`` writes into the encoder which colours its pictures have; ``write`` needs those of the default.

        Raises:
            InputError: the size is odd or empty, or the rate is not positive.
        """
        if width < 2 or height < 2 or width % 2 or height % 2:
            raise InputError(
                f"{path}: H.264 needs even sizes, got {width}x{height}; pad the pictures"
            )
        if rate <= 0:
            raise InputError(f"{path}: expected a positive rate in frames per second, got {rate}")
        self.path = Path(path)
        self.size = (width, height)
        self.rate = Fraction(rate)
        self.frames = 0
        self._options = {"crf": str(crf), "preset": preset, **REPEATABLE}
        self._keyframes = keyframes or max(1, round(rate))
        self._tag = tag
        self._part = beside(self.path)
        self._colours = FromRgb()
        self._container: OutputContainer | None = None
        self._stream: VideoStream | None = None

    def __enter__(self) -> Self:
        """Open the hidden file.

        Raises:
            DiskFull: no room.
            InputError: the folder is not there or not writable.
        """
        try:
            with writing(self.path):
                self._container = av.open(
                    str(self._part), "w", format="mp4", options={"movflags": "+faststart"}
                )
                self._stream = self._add_stream(self._container)
                self._container.start_encoding()
        except BaseException:
            self._abandon()
            raise
        return self

    def _add_stream(self, container: OutputContainer) -> VideoStream:
        """Set the encoder up."""
        stream = container.add_stream("libx264", rate=self.rate, options=self._options)
        stream.width, stream.height = self.size
        stream.pix_fmt = "yuv420p"
        stream.gop_size = self._keyframes
        stream.codec_context.thread_count = THREADS
        stream.codec_context.time_base = 1 / self.rate
        self._tag(stream.codec_context)
        return stream

    def write(self, rgb: Image) -> None:
        """Append one picture, uint8 (H, W, 3) of the writer's size.

        Raises:
            InputError: the picture has another shape or type, or the writer is not open.
            DiskFull: no room; nothing will be left of the file.
        """
        width, height = self.size
        if rgb.shape != (height, width, 3) or rgb.dtype != np.uint8:
            expected = (height, width, 3)
            raise InputError(f"{self.path}: expected uint8 {expected}, got {rgb.dtype} {rgb.shape}")
        self.write_frame(self._colours(rgb))

    def write_frame(self, frame: av.VideoFrame) -> None:
        """Append one picture that is yuv420p of the writer's size already, in the colours of its tag.

        Raises:
            InputError: the writer is not open.
            DiskFull: no room; nothing will be left of the file.
        """
        frame.pts, frame.time_base = self.frames, 1 / self.rate
        self._mux(frame)
        self.frames += 1

    def _mux(self, frame: av.VideoFrame | None) -> None:
        """Encode ``frame``, or with None what the encoder still holds."""
        if self._container is None or self._stream is None:
            raise InputError(f"{self.path}: the writer is not open; use it in a 'with' block")
        with writing(self.path):
            self._container.mux(self._stream.encode(frame))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish and rename the file, or remove what there is of it when the block failed.

        Raises:
            DiskFull: no room for the rest; nothing is left of the file.
            InputError: no picture was written.
        """
        try:
            if kind is None:
                self._finish()
        finally:
            self._abandon()

    def _finish(self) -> None:
        """Write the end and the index, then give the file its name."""
        if not self.frames:
            raise InputError(f"{self.path}: no picture was written, and an empty video is none")
        self._mux(None)
        with writing(self.path):
            self._close()
            self._part.replace(self.path)

    def _close(self) -> None:
        """Close the container once; a second attempt after a failure would only hide the first."""
        container, self._container = self._container, None
        if container is not None:
            container.close()

    def _abandon(self) -> None:
        """Leave nothing but a finished file behind."""
        try:
            self._close()
        except (av.FFmpegError, OSError):
            pass  # the block's own error is on its way and says more
        finally:
            self._part.unlink(missing_ok=True)
