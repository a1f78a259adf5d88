"""When balls meet balls and cushions, frame after frame. Knows ways of balls and where the table ends; refuses to know pockets."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import hypot

from engine.billiards.bends import Bend, Pair, bend
from engine.billiards.contacts import (
    LIKELY,
    begins,
    burst,
    is_abrupt,
    pushed,
    returns,
    same_way,
    touches,
)
from engine.billiards.spots import Spot
from engine.billiards.surface import Surface
from engine.ports.board import Happening, TableEvent

_LATE = 6  # frames after which a bend is found: both of its pieces are complete
_WAIT = 2  # frames after which it is judged: those of other balls are found, too
_BESIDE = 1.5  # diameters to a ball of which too little is known: it may have been hit
_CLUSTER = 4.0  # diameters between hits at the same moment that are one collision
_BURST = 2  # balls that begin to roll beside one that turns
_CUSHION = 0.8  # certainty: nothing but the place says that it was no ball that nobody masked


@dataclass(slots=True)
class _Way:
    """What is held of one ball: where it was, and how its way bent before each of the last frames."""

    spots: deque[Spot] = field(default_factory=lambda: deque(maxlen=4 * _LATE))
    bends: dict[int, Bend] = field(default_factory=dict)

    def find(self, frame: int) -> None:
        """Find the bend before a frame, and forget those long before."""
        self.bends = {k: old for k, old in self.bends.items() if k >= frame - 2 * _WAIT}
        spots = list(self.spots)
        place = next((k for k, spot in enumerate(spots) if spot.frame == frame), 0)
        found = bend(spots, place) if place else None
        if found is not None:
            self.bends[frame] = found

    def clearest(self) -> Bend | None:
        """Return the clearest bend of the last frames."""
        return max(self.bends.values(), key=lambda one: one.clear, default=None)

    def turn(self, frame: int) -> Bend | None:
        """Return the bend before a frame if those beside it are less clear."""
        found = self.bends.get(frame)
        beside = [self.bends[k] for k in (frame - 1, frame + 1) if k in self.bends]
        best = found is not None and all(found.clear >= other.clear for other in beside)
        return found if best else None

    def near(self, turn: Bend) -> bool:
        """Tell whether the ball was beside another one about the time when that turned."""
        x, y = turn.place
        reach = _BESIDE * turn.wide
        recent = (spot for spot in self.spots if abs(spot.frame - turn.frame) < 2 * _LATE)
        return any(hypot(spot.x - x, spot.y - y) < reach for spot in recent)


@dataclass(frozen=True, slots=True)
class _Hit:
    """Balls of diameter ``wide`` that hit each other about ``place``."""

    event: TableEvent
    place: Pair
    wide: float

    def goes_with(self, other: "_Hit") -> bool:
        """Tell whether a hit that begins no earlier is part of the same collision: of the same balls, or beside them."""
        (x, y), (u, v) = self.place, other.place
        beside = hypot(x - u, y - v) < _CLUSTER * max(self.wide, other.wide)
        shared = set(self.event.tracks) & set(other.event.tracks)
        return other.event.start <= self.event.stop and (beside or bool(shared))


@dataclass(slots=True)
class Meetings:
    """Looks at frame after frame, and tells in the end what met. ``rate`` is frames a second."""

    rate: float
    surface: Surface
    _ways: dict[int, _Way] = field(default_factory=dict)
    _hits: list[_Hit] = field(default_factory=list)
    _turns: list[tuple[int, Bend]] = field(default_factory=list)
    _last: int = -1

    def look(self, frame: int, spots: Mapping[int, Spot]) -> None:
        """Take in where balls are on a frame."""
        for track, spot in spots.items():
            if spot.whole:
                self._ways.setdefault(track, _Way()).spots.append(spot)
        self._step(frame)
        self._last = frame

    def close(self) -> Iterator[TableEvent]:
        """Yield what met, when there are no more frames."""
        for frame in range(self._last + 1, self._last + 1 + _LATE + _WAIT):
            self._step(frame)
        yield from _merged(self._hits)
        for track, turn in _once(self._turns):
            outward = -turn.change[0], -turn.change[1]
            if self.surface.ends(turn.place, outward, turn.wide):
                yield _event(Happening.CUSHION, turn.frame, (track,), _CUSHION)

    def _step(self, frame: int) -> None:
        """Find the bends before the frame ``_LATE`` ago, and judge those ``_WAIT`` earlier."""
        for way in self._ways.values():
            way.find(frame - _LATE)
        for track, way in self._ways.items():
            turn = way.turn(frame - _LATE - _WAIT)
            if turn is not None and is_abrupt(turn, self.rate):
                self._judge(track, turn)

    def _judge(self, track: int, turn: Bend) -> None:
        """Note what a turn is: a collision, or a cushion, if it turns out that the table ends there."""
        alone = not self._bursts(track, turn)
        for other, way in self._ways.items():
            near = None if other == track else way.clearest()
            if near is None:
                alone = alone and (other == track or not way.near(turn))
            elif touches(turn, near) and (sure := pushed(turn, near, self.rate)):
                alone = False
                frame, both = (turn.frame + near.frame) / 2, (min(track, other), max(track, other))
                hit = _event(Happening.COLLISION, frame, both, sure)
                self._hits.append(_Hit(hit, turn.place, turn.wide))
        if alone and returns(turn, self.rate):
            self._turns.append((track, turn))

    def _bursts(self, track: int, turn: Bend) -> bool:
        """Note a heap of balls that another one strikes, and tell whether it is one: lying balls go, whichever pushed which."""
        found = {
            other: near
            for other, way in self._ways.items()
            if other != track
            and (near := way.clearest()) is not None
            and begins(near, self.rate)
            and burst(turn, near)
        }
        if len(found) < _BURST:
            return False
        tracks = tuple(sorted((track, *found)))
        hit = _event(Happening.COLLISION, turn.frame, tracks, LIKELY)
        self._hits.append(_Hit(hit, turn.place, turn.wide))
        return True


def _event(kind: Happening, frame: float, tracks: tuple[int, ...], sure: float) -> TableEvent:
    """Return what happened between two frames."""
    return TableEvent(kind, max(0, int(frame)), max(0, int(frame)) + 2, tracks, sure)


def _once(turns: Sequence[tuple[int, Bend]]) -> Iterator[tuple[int, Bend]]:
    """Yield turns, of those of a ball in one direction within some frames the clearest."""
    for track, turn in turns:
        same = [
            other
            for ball, other in turns
            if ball == track and abs(other.frame - turn.frame) < _LATE and same_way(turn, other)
        ]
        if turn is max(same, key=lambda one: one.clear):
            yield track, turn


def _merged(hits: Sequence[_Hit]) -> list[TableEvent]:
    """Return collisions, those that follow each other at once and at one place as one: a break is one."""
    groups: list[list[_Hit]] = []
    for hit in sorted(hits, key=lambda one: one.event.start):
        joined = [group for group in groups if any(old.goes_with(hit) for old in group)]
        groups = [group for group in groups if group not in joined]
        groups.append([*(old for group in joined for old in group), hit])
    return [_together([hit.event for hit in group]) for group in groups]


def _together(parts: Sequence[TableEvent]) -> TableEvent:
    """Return collisions as one."""
    return TableEvent(
        Happening.COLLISION,
        min(part.start for part in parts),
        max(part.stop for part in parts),
        tuple(sorted({track for part in parts for track in part.tracks})),
        max(part.certainty for part in parts),
    )
