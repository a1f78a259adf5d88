"""A segmenter that knows a ball by its exact colour; refuses to know networks.

It is exact where every ball has one flat colour that nothing near it shares. A track is its colour and its
last box; the mask is every pixel of that colour near that box. The whole memory is a few numbers.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

import numpy as np

from engine import geometry, rle
from engine.asking import Ask, check_frame, gather
from engine.errors import InputError, WeightsError
from engine.types import RLE, Box, Clip, FrameMasks, Image, Mask, Prompt, TrackMask


@dataclass(frozen=True, slots=True)
class _Memory:
    """One track: its colour (r, g, b) and the box where it was seen last."""

    colour: tuple[int, int, int]
    box: Box


@dataclass(frozen=True, slots=True)
class ColourSegmenter:
    """Opens passes that follow flat colours.

    ``tolerance`` is how far each channel may be off, ``reach`` how many pixels a ball may move from
    one frame to the next, ``size`` the side in pixels of a ball that is only clicked at.
    """

    tolerance: int = 12
    reach: int = 24
    size: int = 24

    def open(
        self, clip: Clip, *, backward: bool = False, snapshot: bytes | None = None
    ) -> "ColourSession":
        """Begin a pass, or go on from a snapshot; see ``engine.ports.Segmenter``."""
        session = ColourSession(self, clip, backward=backward)
        if snapshot is not None:
            session.restore(snapshot)
        return session


class ColourSession:
    """One pass through a clip; see ``engine.ports.Session``."""

    def __init__(self, model: ColourSegmenter, clip: Clip, *, backward: bool) -> None:
        """Begin with no track."""
        self._model, self._clip, self._backward = model, clip, backward
        self._last: int | None = None
        self._tracks: dict[int, _Memory] = {}
        self._open = True

    def step(self, frame: int, rgb: Image, prompts: Sequence[Prompt] = ()) -> FrameMasks:
        """Take the next frame, uint8 (H, W, 3); return the masks of the visible tracks."""
        if not self._open:
            raise InputError("the session is closed; open another")
        check_frame(self._clip, frame, rgb, last=self._last, backward=self._backward)
        asks = gather(prompts, frame=frame, width=rgb.shape[1], height=rgb.shape[0])
        for track, ask in asks.items():
            if (
                track not in self._tracks
                or ask.box
                or ask.mask
                or any(p.positive for p in ask.points)
            ):
                self._tracks[track] = self._begin(rgb, ask)
        self._last = frame
        masks = [self._follow(track, rgb, asks.get(track)) for track in self._tracks]
        return FrameMasks(frame, tuple(mask for mask in masks if mask is not None))

    def expect(self, track: int, box: Box) -> None:
        """Take no hint: a colour says all."""

    def forget(self, track: int) -> None:
        """End a track."""
        self._tracks.pop(track, None)

    def snapshot(self) -> bytes:
        """Return the state as JSON."""
        tracks = {str(track): [m.colour, m.box] for track, m in self._tracks.items()}
        state = {"model": repr(self._model), "last": self._last, "tracks": tracks}
        return json.dumps(state).encode()

    def restore(self, snapshot: bytes) -> None:
        """Go on from a snapshot.

        Raises:
            WeightsError: it is none of this model's.
        """
        try:
            state: dict[str, Any] = json.loads(snapshot)
            maker = state["model"]
        except (ValueError, KeyError, TypeError) as error:
            raise WeightsError(
                f"this snapshot is none of {self._model!r}; begin the pass anew"
            ) from error
        if maker != repr(self._model):
            raise WeightsError(
                f"the snapshot was made by {maker}, this is {self._model!r}; begin anew"
            )
        self._last = state["last"]
        self._tracks = {
            int(track): _Memory(tuple(colour), tuple(box))
            for track, (colour, box) in state["tracks"].items()
        }

    def close(self) -> None:
        """Forget everything."""
        self._open = False
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

    def _begin(self, rgb: Image, ask: Ask) -> _Memory:
        """Read the colour of a track off the picture, where the prompt points."""
        box = ask.box or _box_of(ask, self._model.size)
        if ask.mask is not None:
            under = rgb[rle.decode(ask.mask)]
            return _Memory(_triple(np.median(under, axis=0)), box)
        wanted = [(p.x, p.y) for p in ask.points if p.positive] or [geometry.center(box)]
        x, y = (
            int(min(v, limit - 1)) for v, limit in zip(wanted[0], rgb.shape[1::-1], strict=True)
        )
        return _Memory(_triple(rgb[y, x]), box)

    def _follow(self, track: int, rgb: Image, ask: Ask | None) -> TrackMask | None:
        """Find a track's colour near its last box; None where there is none of it."""
        memory = self._tracks[track]
        if ask is not None and ask.mask is not None and not ask.points:
            return TrackMask(track, ask.mask)
        found = _near(rgb, memory, reach=self._model.reach, tolerance=self._model.tolerance)
        box = rle.bbox(found)
        if box is None:
            return None
        self._tracks[track] = replace(memory, box=box)
        return TrackMask(track, found)


def _near(rgb: Image, memory: _Memory, *, reach: int, tolerance: int) -> RLE:
    """Return the pixels of the track's colour not farther than ``reach`` from its box."""
    high, wide = rgb.shape[:2]
    x0, y0, x1, y1 = (int(v) for v in memory.box)
    left, top = max(0, x0 - reach), max(0, y0 - reach)
    crop = rgb[top : y1 + 1 + reach, left : x1 + 1 + reach].astype(np.int16)
    same: Mask = (np.abs(crop - memory.colour) <= tolerance).all(axis=-1)
    return rle.encode(same, origin=(left, top), size=(high, wide))


def _box_of(ask: Ask, size: int) -> Box:
    """Return the box of a mask, or one of the default size around the first wanted click."""
    box = rle.bbox(ask.mask) if ask.mask is not None else None
    if box is not None:
        return box
    point = next((p for p in ask.points if p.positive), None)
    if point is None:
        raise InputError(
            "a track cannot begin with 'not this' alone; give a box or a click on the ball"
        )
    half = size / 2
    return point.x - half, point.y - half, point.x + half, point.y + half


def _triple(values: Any) -> tuple[int, int, int]:
    """Return a colour as plain integers."""
    red, green, blue = (int(v) for v in values)
    return red, green, blue
