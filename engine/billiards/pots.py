"""Balls that fall into pockets: they roll there and are gone. Knows spots and pockets, no other ball's way."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil, hypot
from typing import Final

from engine.billiards.spots import Spot
from engine.billiards.surface import Surface, outside
from engine.ports.board import Happening, TableEvent

_GONE: Final = 1.5  # seconds after which a ball that comes back was put there
_TAIL: Final = 0.5  # seconds in which it rolled before it went
_ROLLED: Final = 0.6  # diameters that it went in that time
_KNOWN: Final = 2  # spots of these that show it whole: slivers beside a hand go anywhere
_AHEAD: Final = 2.5  # frames by which a fast ball is gone before it is in the pocket
_REACH: Final = 0.45  # diameters around the opening
_SURE, _LATE = 0.9, 0.6  # certainty; and where the clip ends before it could come back
_SEEN: Final = 0.3  # seconds in which it could
_FALLS: Final = 0.25  # seconds in which a ball that goes where the table ends goes there: before, it may roll along a cushion
_ALL: Final = 6  # pockets of a table
_GUESSED: Final = 0.7  # of the certainty is left where the pocket is not known
_LIES: Final = 0.15  # diameters: a ball that lies at a pocket does not fall yet
_CUT: Final = 3  # balls that go at once: another picture, no pots


@dataclass(slots=True)
class Pots:
    """Looks at frame after frame, and tells in the end what was potted; memory holds half a second of each ball."""

    rate: float
    surface: Surface
    _tails: dict[int, deque[Spot]] = field(default_factory=dict)
    _found: list[tuple[int, deque[Spot]]] = field(default_factory=list)
    _born: dict[int, Spot] = field(default_factory=dict)

    def look(self, frame: int, spots: Mapping[int, Spot]) -> None:
        """Take in where balls are on a frame."""
        for track, spot in spots.items():
            tail = self._tails.get(track)
            if tail is not None and frame - tail[-1].frame > _GONE * self.rate:
                self._found.append((track, tail))
                tail = None
            if tail is None:
                tail = self._tails[track] = deque(maxlen=ceil(_TAIL * self.rate) + 1)
            tail.append(spot)
            self._born.setdefault(track, spot)

    def close(self, frames: int) -> Iterator[TableEvent]:
        """Yield what was potted, when there are no more frames."""
        ended = [
            (track, tail) for track, tail in self._tails.items() if tail[-1].frame < frames - 1
        ]
        gone = [*self._found, *ended]
        for track, tail in gone:
            together = sum(other[-1].frame == tail[-1].frame for _, other in gone)
            if together < _CUT and not self._goes_on(track, tail):
                yield from self._judged(track, tail, frames)

    def _goes_on(self, track: int, tail: deque[Spot]) -> bool:
        """Tell whether another track begins where this one ends: the same ball under another number."""
        last = tail[-1]
        return any(
            0 < spot.frame - last.frame < 0.7 * self.rate
            and hypot(spot.x - last.x, spot.y - last.y) < 6 * last.wide
            for other, spot in self._born.items()
            if other != track
        )

    def _judged(self, track: int, tail: deque[Spot], frames: int) -> Iterator[TableEvent]:
        """Yield the pot that the end of a track is, if it is one: from the first frame at the pocket to the last of all."""
        last = tail[-1]
        recent = [spot for spot in tail if last.frame - spot.frame <= _TAIL * self.rate]
        wide = max(spot.wide for spot in recent)
        far = max(hypot(last.x - spot.x, last.y - spot.y) for spot in recent)
        known = sum(spot.whole for spot in recent) >= _KNOWN
        if last.rim or not known or far < _ROLLED * wide:
            return
        sure = _SURE if frames - last.frame > _SEEN * self.rate else _LATE
        near = self._at_pocket(recent, wide)
        if near is None and len(self.surface.pockets) < _ALL:
            near, sure = self._off(recent, wide), _GUESSED * sure
        if near is not None:
            start = _begins(near) or last.frame
            yield TableEvent(Happening.POT, start, last.frame + 1, (track,), round(sure, 2))

    def _at_pocket(self, recent: list[Spot], wide: float) -> list[Spot] | None:
        """Return where a ball was at the pocket into which it went, None where it went into none."""
        reach = _REACH * wide
        for box in self.surface.pockets:
            if any(outside(box, x, y) < reach for x, y in _ahead(recent)):
                return [spot for spot in recent if outside(box, spot.x, spot.y) < reach]
        return None

    def _off(self, recent: list[Spot], wide: float) -> list[Spot] | None:
        """Return where a ball was at the table's end, None where it was not there in the end."""
        late = [spot for spot in recent if recent[-1].frame - spot.frame <= _FALLS * self.rate]
        near = [spot for spot in late if self.surface.rim((spot.x, spot.y), wide)]
        seen = any(spot.whole for spot in near)  # a rail in front hides a ball for longer
        return near if seen and near[-1] is recent[-1] else None


def _begins(near: list[Spot]) -> int | None:
    """Return the first of the frames at a pocket on which the ball moves or is hidden: there it may have lain long."""
    moved = (spot for spot in near[1:] if not spot.whole or _apart(near[0], spot) > _LIES)
    return next((spot.frame for spot in moved), near[-1].frame if near else None)


def _apart(one: Spot, other: Spot) -> float:
    """Return the distance of two spots in diameters."""
    return hypot(other.x - one.x, other.y - one.y) / one.wide


def _ahead(recent: list[Spot]) -> Iterator[tuple[float, float]]:
    """Yield where a ball was last, and where it will be in the next moments if it goes on."""
    last = recent[-1]
    before = recent[-3] if len(recent) > 2 else recent[0]
    many = max(1, last.frame - before.frame)
    u, v = (last.x - before.x) / many, (last.y - before.y) / many
    for k in range(6):
        yield last.x + u * _AHEAD * k / 5, last.y + v * _AHEAD * k / 5
