"""A segmenter whose every step waits for its turn, and how far a spread has come. Knows the port, no model."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from annotator_ui.model.hand import Hand
from annotator_ui.model.turns import Rank
from engine.ports import Segmenter, Session
from engine.propagate_plan import lanes
from engine.types import Box, Clip, FrameMasks, Image, Prompt


class Road:
    """What lies ahead of a spread: the frames that each of its passes can come to at most."""

    def __init__(self, prompts: Iterable[Prompt], frames: range) -> None:
        """Plan both passes over ``frames``."""
        asked = tuple(prompts)
        self._passes = [_frames(asked, frames, backward=backward) for backward in (False, True)]
        self.done = 0
        self.left = sum(map(len, self._passes))

    @property
    def total(self) -> int:
        """Frames done and those that may follow; it shrinks where tracks end early."""
        return self.done + self.left

    def step(self, frame: int, *, backward: bool) -> None:
        """Note that the model takes a frame."""
        ahead = self._passes[backward]
        after = (
            bisect_left(ahead, frame) if backward else len(ahead) - bisect_left(ahead, frame + 1)
        )
        self.done += 1
        self.left = after if backward else after + len(self._passes[True])


class PacedSegmenter:
    """See ``engine.ports.Segmenter``: passes whose steps a hand does in turn with those of others."""

    def __init__(
        self, inner: Segmenter, hand: Hand, rank: Rank, *, who: str, road: Road | None = None
    ) -> None:
        """Let ``hand`` do the steps of ``inner`` in the name of ``who``; ``road`` hears of each."""
        self._inner, self._hand, self._rank, self._who, self._road = inner, hand, rank, who, road

    def open(
        self, clip: Clip, *, backward: bool = False, snapshot: bytes | None = None
    ) -> "PacedSession":
        """Begin a pass, or go on from a snapshot."""
        return PacedSession(
            self, self._inner.open(clip, backward=backward, snapshot=snapshot), backward=backward
        )

    def step(
        self, session: Session, frame: int, rgb: Image, prompts: Sequence[Prompt], *, backward: bool
    ) -> FrameMasks:
        """Take a step of one of the passes when its turn has come."""
        row = self._hand.do(lambda: session.step(frame, rgb, prompts), self._rank, who=self._who)
        if self._road is not None:
            self._road.step(frame, backward=backward)
        return row


class PacedSession:
    """One pass; see ``engine.ports.Session``."""

    def __init__(self, owner: PacedSegmenter, inner: Session, *, backward: bool) -> None:
        """Take a pass that was opened just now."""
        self._owner, self._inner, self._backward = owner, inner, backward

    def step(self, frame: int, rgb: Image, prompts: Sequence[Prompt] = ()) -> FrameMasks:
        """Take the next frame, uint8 (H, W, 3), when the turn has come."""
        return self._owner.step(self._inner, frame, rgb, prompts, backward=self._backward)

    def expect(self, track: int, box: Box) -> None:
        """Say where a track's mask was."""
        self._inner.expect(track, box)

    def forget(self, track: int) -> None:
        """End a track."""
        self._inner.forget(track)

    def snapshot(self) -> bytes:
        """Return everything that another session needs to go on from here."""
        return self._inner.snapshot()

    def close(self) -> None:
        """Free the memory."""
        self._inner.close()

    def __enter__(self) -> Self:
        """Return the session itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the session."""
        self.close()


def _frames(prompts: Sequence[Prompt], frames: range, *, backward: bool) -> list[int]:
    """Return the frames of a pass in the order of their numbers."""
    found: set[int] = set()
    for lane in lanes(prompts, frames=frames, backward=backward).values():
        for leg in lane.legs:
            low, high = sorted((leg.begin, leg.last))
            found.update(range(low, high + 1))
    return sorted(found)
