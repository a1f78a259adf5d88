"""One pass through a clip: frames in, masks out, a memory of fixed size; knows no file and no weights.

How a frame is looked at, whole or in a window for each ball, is what the two kinds of session differ in.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

import torch

from engine.adapters.sam2 import bank, sighting, state, views
from engine.adapters.sam2.motion import Small
from engine.adapters.sam2.sighting import Sighting, Want
from engine.adapters.sam2.state import Header, TrackState
from engine.asking import Ask, check_frame, gather
from engine.errors import InputError
from engine.models.windows import View
from engine.types import Box, Clip, FrameMasks, Image, Prompt, TrackMask

if TYPE_CHECKING:
    from engine.adapters.sam2.segmenter import Sam2Segmenter


class Sam2Session(ABC):
    """See ``engine.ports.Session``; opened by ``Sam2Segmenter.open``."""

    def __init__(self, owner: "Sam2Segmenter", clip: Clip, *, backward: bool) -> None:
        """Begin with no track."""
        self._owner, self._clip, self._backward = owner, clip, backward
        self._reach = owner.reach(clip)
        self._last: int | None = None
        self._tracks: dict[int, TrackState] = {}
        self._before: Small | None = None
        self._paused = False
        self._later: Callable[[], None] | None = None
        self._hints: dict[int, Box] = {}
        self._open = True

    def step(self, frame: int, rgb: Image, prompts: Sequence[Prompt] = ()) -> FrameMasks:
        """Take the next frame, uint8 (H, W, 3); return the masks of the visible tracks."""
        if not self._open:
            raise InputError("the session is closed; open another")
        check_frame(self._clip, frame, rgb, last=self._last, backward=self._backward)
        asks = gather(prompts, frame=frame, width=rgb.shape[1], height=rgb.shape[0])
        self._refuse_empty_start(asks)
        with torch.inference_mode(), self._owner.precision():
            self._catch_up()
            masks = self._take(frame, rgb, asks)
        self._last = frame
        self._hints.clear()
        return FrameMasks(frame, tuple(masks))

    def expect(self, track: int, box: Box) -> None:
        """Take note of where a ball was drawn before: clicks at it fit that window first."""
        self._hints[track] = box

    def forget(self, track: int) -> None:
        """End a track."""
        self._tracks.pop(track, None)

    def snapshot(self) -> bytes:
        """Return the state as safetensors bytes."""
        with torch.inference_mode(), self._owner.precision():
            self._catch_up()
        return state.pack(self._header(), self._tracks, self._before)

    def restore(self, snapshot: bytes) -> None:
        """Go on from a snapshot; see ``state.unpack`` for what it refuses."""
        device = self._owner.device
        past = state.unpack(snapshot, self._header(), device=device)
        self._last, self._tracks, self._before, self._paused = past
        self._later = None

    def close(self) -> None:
        """Free the memory."""
        self._open, self._later = False, None
        self._tracks.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @abstractmethod
    def _take(self, frame: int, rgb: Image, asks: Mapping[int, Ask]) -> Iterable[TrackMask]:
        """Draw and remember one frame."""

    def _header(self) -> Header:
        own = self._owner.fingerprint
        return Header(own, self._clip.id, self._backward, self._last, self._paused)

    def _refuse_empty_start(self, asks: Mapping[int, Ask]) -> None:
        """Refuse a new track of which only is said what it is not."""
        for track, ask in asks.items():
            wanted = ask.box or ask.mask or any(point.positive for point in ask.points)
            if track not in self._tracks and not wanted:
                raise InputError(
                    f"track {track} cannot begin with 'not this' alone; click on the ball or box it"
                )

    def _present(self, asks: Mapping[int, Ask]) -> list[int]:
        """Return the tracks of this frame, old ones first."""
        return [*self._tracks, *(track for track in asks if track not in self._tracks)]

    def _want(self, frame: int, track: int, look: View, ask: Ask | None = None) -> Want:
        """Put together what the network needs to know of one track; a box or a mask starts it afresh."""
        known = self._tracks.get(track)
        fresh = known is None or (ask is not None and (ask.box is not None or ask.mask is not None))
        memory = None
        if known is not None and not fresh:
            memory = bank.recall(known.bank, frame, backward=self._backward, reach=self._reach)
        return Want(track, look, memory, ask)

    def _want_back(self, frame: int, track: int, look: View) -> Want:
        """Put together the same for a ball that is sought, as if the frames without it had not been."""
        known = self._tracks[track]
        absent = 0 if known.place is None else known.place.absent
        then = frame + absent if self._backward else frame - absent
        past = bank.until(known.bank, then, backward=self._backward)
        return Want(
            track, look, bank.recall(past, then, backward=self._backward, reach=self._reach)
        )

    def _remember(self, frame: int, seen: Sequence[Sighting], asks: Mapping[int, Ask]) -> None:
        """Begin the tracks that are new and note what is to be remembered of this frame: the next one needs it first."""
        for one in seen:
            self._tracks.setdefault(one.want.track, TrackState(bank.Bank()))
        self._later = partial(self._memorise, frame, seen, frozenset(asks))

    def _catch_up(self) -> None:
        """Remember the frame taken last. A pass that ends with it, as a click's does, never needs to."""
        later, self._later = self._later, None
        if later is not None:
            later()

    def _memorise(self, frame: int, seen: Sequence[Sighting], asked: Collection[int]) -> None:
        """Add a frame to the memories of tracks, in one batch for prompted and one for other tracks."""
        for prompted in (True, False):
            group = [
                one
                for one in seen
                if one.want.track in self._tracks and (one.want.track in asked) == prompted
            ]
            memories = sighting.remember(self._owner.model, group, prompted=prompted)
            for one, memory in zip(group, memories, strict=True):
                entry = bank.Entry(frame, memory, one.drawn.pointer[0].clone())
                self._file(one.want.track, entry, conditioned=prompted)

    def _file(self, track: int, entry: bank.Entry, *, conditioned: bool = False) -> None:
        """Put an entry into a track's memory."""
        known = self._tracks[track]
        grown = bank.add(known.bank, entry, conditioned=conditioned, reach=self._reach)
        self._tracks[track] = replace(known, bank=grown)


class WholeSession(Sam2Session):
    """All balls are seen in one picture, as in SAM 2 itself."""

    def _take(self, frame: int, rgb: Image, asks: Mapping[int, Ask]) -> Iterable[TrackMask]:
        """Draw and remember one frame."""
        look = views.whole(rgb)
        wants = [self._want(frame, track, look, asks.get(track)) for track in self._present(asks)]
        seen = sighting.draw(self._owner.model, rgb, wants, whole=True)
        self._remember(frame, seen, asks)
        return [one.mask for one in seen if one.mask is not None]
