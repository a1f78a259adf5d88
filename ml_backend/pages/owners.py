"""Which ball somebody means by a stroke of paint: one that is known, or a new one. Knows masks and classes; refuses to know regions and servers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import dist
from operator import attrgetter
from typing import Final

from engine import geometry, rle
from engine.types import Track
from ml_backend.pages.strokes import Stroke

NEAR: Final = 2.0
"""Diameters of a ball that a stroke may lie off its way and still be meant for it."""


@dataclass(slots=True)
class Owners:
    """Finds the track of one stroke after another; what was found counts for those that follow.

    ``tracks`` are the known ones, ``drawn`` says which track strokes of before became, by their ids. ``labels`` are the classes of
    the new tracks that were found, by their numbers, which go on from the highest.
    """

    tracks: Sequence[Track]
    drawn: Mapping[str, int] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    _seen: list[tuple[int, Stroke]] = field(default_factory=list)
    _numbers: dict[int, int] = field(default_factory=dict)

    def show(self, strokes: Iterable[Stroke]) -> None:
        """Say which masks of known tracks are there to be painted over."""
        for stroke in strokes:
            track = self.known(stroke)
            if track is not None:
                self._seen.append((track, stroke))

    def known(self, stroke: Stroke) -> int | None:
        """Return the known track that a stroke's id or note names, or None."""
        there = {track.id for track in self.tracks}
        name = stroke.name
        said = (None if name is None else name.track, self.drawn.get(stroke.id), stroke.named)
        return next((track for track in said if track in there), None)

    def old(self, stroke: Stroke) -> int | None:
        """Return the known track of a stroke, by name, else by what it covers most among balls of its class; or None."""
        return self.known(stroke) or self._covered(stroke)

    def of(self, stroke: Stroke) -> int:
        """Return the track of a stroke.

        What names no track and covers no ball of its class is the only ball of its class where that one is not shown on this
        frame; else the one of its class, not on this frame, whose way between the frames around leads past there; else a new
        ball: the nearest of its class that was painted on other frames and not on this one, or one more.
        """
        found = self.old(stroke)
        if found is None:
            found = self._named(stroke) or self._only(stroke) or self._past(stroke)
        if found is None:
            found = self._near(stroke)
        if found is None:
            found = self._new(stroke)
        self._seen.append((found, stroke))
        return found

    def _covered(self, stroke: Stroke) -> int | None:
        """Return the track of the stroke's class whose mask on this frame it covers most."""
        return self._best(
            stroke,
            lambda other: other.frame == stroke.frame,
            lambda other: rle.intersection(stroke.mask, other.mask),
        )

    def _near(self, stroke: Stroke) -> int | None:
        """Return the new track of the stroke's class that is nearest on another frame, of those not on this one."""
        away = self.labels.keys() - self._here(stroke)
        return self._best(
            stroke,
            lambda _: True,
            lambda other: 1 / (1 + dist(_centre(stroke), _centre(other))),
            among=away,
        )

    def _best(
        self,
        stroke: Stroke,
        fits: Callable[[Stroke], bool],
        worth: Callable[[Stroke], float],
        *,
        among: Iterable[int] | None = None,
    ) -> int | None:
        """Return the track with the stroke of the same class that is worth most, the first of equals; None where none is worth a thing."""
        allowed = None if among is None else set(among)
        found = [
            (worth(other), -place, track)
            for place, (track, other) in enumerate(self._seen)
            if other.label == stroke.label and fits(other) and (allowed is None or track in allowed)
        ]
        most = max(found, default=None)
        return most[2] if most is not None and most[0] > 0 else None

    def _only(self, stroke: Stroke) -> int | None:
        """Return the one track of the stroke's class, where there is just one and it is not on this frame."""
        same = [track.id for track in self.tracks if track.label == stroke.label]
        return same[0] if len(same) == 1 and same[0] not in self._here(stroke) else None

    def _past(self, stroke: Stroke) -> int | None:
        """Return the track of the stroke's class, not on this frame, whose way leads nearest past the stroke; None where none is near."""
        here, shown = self._here(stroke), dict[int, list[Stroke]]()
        for track, other in self._seen:
            if other.label == stroke.label and track not in here:
                shown.setdefault(track, []).append(other)
        off = min(((_off(stroke, others), track) for track, others in shown.items()), default=None)
        return off[1] if off is not None and off[0] <= NEAR else None

    def _here(self, stroke: Stroke) -> set[int]:
        """Return the tracks that are on the stroke's frame."""
        return {track for track, other in self._seen if other.frame == stroke.frame}

    def _named(self, stroke: Stroke) -> int | None:
        """Return the new track for a number that is no track's, or no track's any more."""
        number = stroke.named if stroke.name is None else stroke.name.track
        if number is None:
            return None
        if number not in self._numbers:
            self._numbers[number] = self._new(stroke)
        return self._numbers[number]

    def _new(self, stroke: Stroke) -> int:
        """Return the number of one more track."""
        taken = [*(track.id for track in self.tracks), *self.drawn.values(), *self.labels]
        number = max(taken, default=0) + 1
        self.labels[number] = stroke.label or "ball"
        return number


def _off(stroke: Stroke, others: Sequence[Stroke]) -> float:
    """Return how far a stroke lies off a ball's straight way between the nearest frames around, in diameters of the ball."""
    before = sorted((one for one in others if one.frame < stroke.frame), key=attrgetter("frame"))
    after = sorted((one for one in others if one.frame > stroke.frame), key=attrgetter("frame"))
    around = [*before[-1:], *after[:1]]
    ends = [_centre(one) for one in around]
    return _apart(_centre(stroke), ends[0], ends[-1]) / max(_side(one) for one in (stroke, *around))


def _apart(
    spot: tuple[float, float], start: tuple[float, float], stop: tuple[float, float]
) -> float:
    """Return the distance of a spot from the straight line between two others."""
    along = stop[0] - start[0], stop[1] - start[1]
    length = along[0] ** 2 + along[1] ** 2
    part = sum((spot[axis] - start[axis]) * along[axis] for axis in (0, 1)) / (length or 1.0)
    part = min(max(part, 0.0), 1.0)
    return dist(spot, (start[0] + part * along[0], start[1] + part * along[1]))


def _side(stroke: Stroke) -> float:
    """Return the longer side of what is painted, in pixels: a ball's diameter."""
    box = rle.bbox(stroke.mask)
    return 1.0 if box is None else max(geometry.width(box), geometry.height(box), 1.0)


def _centre(stroke: Stroke) -> tuple[float, float]:
    """Return the middle of what is painted, in pixels."""
    box = rle.bbox(stroke.mask)
    return (0.0, 0.0) if box is None else geometry.center(box)
