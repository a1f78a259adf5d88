"""What draws masks from prompts and carries them through time, one frame a step; knows no network."""

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from engine.types import Box, Clip, FrameMasks, Image, Prompt


class Session(Protocol):
    """One pass through a clip, forward or backward, with a memory whose size does not grow."""

    def step(self, frame: int, rgb: Image, prompts: Sequence[Prompt] = ()) -> FrameMasks:
        """Take the next frame: tracks with a prompt are conditioned by it, all others are propagated.

        Frames come in the session's direction, each once. ``rgb`` is uint8 (H, W, 3). A track
        begins with its first prompt. Tracks that are not visible are left out of the result.

        Raises:
            InputError: the frame is out of order, or a prompt is of another frame or outside the picture.
        """
        ...

    def expect(self, track: int, box: Box) -> None:
        """Say where a track's mask was on the next frame before a person clicked: a hint, for sooner answers alone.

        It may be wrong, and says nothing of what is to be drawn: what fits the clicks is. It holds for one step.
        """
        ...

    def forget(self, track: int) -> None:
        """End a track: drop its memory. Unknown tracks are ignored."""
        ...

    def snapshot(self) -> bytes:
        """Return everything that ``Segmenter.open(snapshot=...)`` needs to go on exactly from here."""
        ...

    def close(self) -> None:
        """Free the memory; the session cannot step any more. Closing twice is fine."""
        ...

    def __enter__(self) -> Self:
        """Return the session itself."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the session."""
        ...


class Segmenter(Protocol):
    """Draws masks from prompts and carries them through time."""

    def open(self, clip: Clip, *, backward: bool = False, snapshot: bytes | None = None) -> Session:
        """Begin a pass through ``clip``, or go on from a ``snapshot`` of an earlier session.

        Raises:
            WeightsError: the snapshot was made by another model.
        """
        ...
