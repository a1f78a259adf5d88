"""Where pictures come from, and what is found on single ones; knows no library that decodes or detects."""

from collections.abc import Iterator
from typing import Protocol

from engine.types import Clip, Detection, FrameBatch


class FrameSource(Protocol):
    """Turns a clip into pictures."""

    def batches(
        self, clip: Clip, *, size: int = 4, start: int = 0, stop: int | None = None
    ) -> Iterator[FrameBatch]:
        """Yield frames ``start`` up to ``stop`` (default: the end) in order, ``size`` at a time.

        The last batch may be shorter. Four pictures of 1080p are 25 MB: allocators take larger pieces from the system
        each time, page by page, which costs as much as decoding. The generator owns the decoder and closes it when it is closed.

        Raises:
            VideoError: the media is gone, does not decode, or holds fewer frames than the clip says.
        """
        ...


class Detector(Protocol):
    """Finds balls on single frames; remembers nothing."""

    def detect(self, batch: FrameBatch) -> list[tuple[Detection, ...]]:
        """Return the detections of every frame of the batch, best score first, boxes inside the picture."""
        ...
