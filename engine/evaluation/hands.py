"""What a person does to a clip in a tool that corrects masks, and sees of it. Knows no tool.

The simulated person works through it, so that what is measured is the effort that a tool asks for: the tool decides what a
click draws, what a spread changes and what an undo brings back.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeAlias

from engine.datasets import LabelledClip
from engine.types import RLE, FrameMasks, Point


class Hands(Protocol):
    """One clip that is open in a tool."""

    def rows(self) -> tuple[FrameMasks, ...]:
        """Return what is shown, every frame once and in order."""
        ...

    def mask(self, frame: int, track: int) -> RLE | None:
        """Return what is shown of a track on a frame, None where it is not visible."""
        ...

    def new_track(self) -> int:
        """Return a number for a ball that has no track yet."""
        ...

    def click(self, frame: int, track: int, point: Point, *, label: str) -> None:
        """Click at a ball; ``label`` is its class, for a track that is new."""
        ...

    def spread(self, tracks: Sequence[int]) -> None:
        """Carry what was clicked of some tracks through time."""
        ...

    def delete(self, track: int, frames: range) -> None:
        """Take a track off some frames."""
        ...

    def undo(self) -> None:
        """Take the last thing back."""
        ...


Tool: TypeAlias = Callable[[LabelledClip, Sequence[FrameMasks]], AbstractContextManager[Hands]]
"""Opens a clip with the masks that it has; its truth is not looked at."""
