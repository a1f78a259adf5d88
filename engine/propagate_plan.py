"""Which frames a correction draws, in which pass, and with which evidence. Knows frame numbers and prompts; draws nothing.

Two passes start at the prompts, one each way. Of a frame between two new prompts of a track the mask drawn from the nearer one
is used, from the earlier of two equally near ones. Both passes draw it: a model that jumps over frames loses the ball.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from engine.errors import InputError
from engine.propagate_way import Way
from engine.types import FrameMasks, Prompt

Evidence = Mapping[int, Mapping[int, tuple[Prompt, ...]]]
"""What was said by frame and track."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A run of frames of one track from the prompted frame ``begin`` to ``last``, both included.

    Masks are used up to the frame ``used``; on a ``silent`` leg not that of the first frame.
    """

    begin: int
    used: int
    last: int
    silent: bool = False

    @property
    def draws(self) -> bool:
        """Whether the leg has a frame whose mask is used."""
        return not self.silent or self.begin != self.used

    def hides(self, frame: int) -> bool:
        """Return whether a frame of the leg is only shown to the model."""
        if frame == self.begin:
            return self.silent
        return abs(frame - self.begin) > abs(self.used - self.begin)


@dataclass(slots=True)
class Lane:
    """What one track still has to do in a pass; ``way`` is that of the leg under way, ``legs[0]``."""

    legs: list[Leg]
    way: Way = field(default_factory=Way)

    def due(self, after: int | None, *, step: int) -> int | None:
        """Return the next frame that the track wants after frame ``after``, in steps of 1 or -1; None for none.

        A leg whose way has ended is left, and the next one begins with a way of its own; the caller has taken the masks.
        """
        while self.legs:
            leg = self.legs[0]
            ahead = after is None or (leg.begin - after) * step > 0
            frame = leg.begin if ahead or after is None else after + step
            if not self.way.ended and (leg.last - frame) * step >= 0:
                return frame
            self.legs.pop(0)
            self.way = Way(masks=self.way.masks)
        return None


def gathered(earlier: Sequence[Prompt], prompts: Sequence[Prompt]) -> Evidence:
    """Return all that was said about the tracks of ``prompts``, by frame and track, in the order it was said."""
    tracks = {prompt.track for prompt in prompts}
    said: dict[int, dict[int, tuple[Prompt, ...]]] = defaultdict(dict)
    for prompt in (*earlier, *prompts):
        if prompt.track in tracks:
            here = said[prompt.frame]
            here[prompt.track] = (*here.get(prompt.track, ()), prompt)
    return said


def lanes(prompts: Iterable[Prompt], *, frames: range, backward: bool) -> dict[int, Lane]:
    """Return what each prompted track has to do in the pass one way; tracks with nothing to do are left out.

    A pass in which no track draws anything is empty.
    """
    asked: dict[int, set[int]] = defaultdict(set)
    for prompt in prompts:
        asked[prompt.track].add(prompt.frame)
    found = {track: legs(new, frames, backward=backward) for track, new in sorted(asked.items())}
    return {
        track: Lane(list(parts))
        for track, parts in found.items()
        if any(leg.draws for leg in parts)
    }


def legs(new: set[int], frames: range, *, backward: bool) -> tuple[Leg, ...]:
    """Return a track's legs in the order of the pass.

    Args:
        new: frames with new prompts, inside ``frames``.
        frames: what may change.
        backward: whether the pass runs towards frame 0.
    """
    order = sorted(new, reverse=backward)
    limit = frames.start if backward else frames.stop - 1
    used = [*((a + b) // 2 + backward for a, b in pairwise(order)), limit]
    last = [*(frame + 1 if backward else frame - 1 for frame in order[1:]), limit]
    found = zip(order, used, last, strict=True)
    return tuple(Leg(begin, use, end, silent=backward) for begin, use, end in found)


def spoken(said: Sequence[Prompt], row: FrameMasks, *, firm: bool) -> tuple[Prompt, ...]:
    """Return what the model is told of one track on one frame.

    "Not this" alone takes something off the mask that the person saw, so it is told after that mask of ``row``, the
    parent's. A box, a mask or a click on the ball says by itself what is meant: the parent's mask may be on another ball.

    Raises:
        InputError: there is no mask to take anything off, and the prompts are new (``firm``).
    """
    for prompt in said:
        if prompt.box or prompt.mask or any(point.positive for point in prompt.points):
            return tuple(said)
    frame, track = said[0].frame, said[0].track
    standing = row.by_track().get(track)
    if standing is not None:
        return Prompt(frame, track, mask=standing.rle, origin=said[0].origin), *said
    if firm:
        raise InputError(
            f"track {track} has no mask on frame {frame} to take anything off; click on the ball or box it"
        )
    return ()
