"""Where a ball will be on the next frame, the same in training and in use: smoothed size and velocity; knows no pixels."""

from dataclasses import dataclass, replace

from engine import geometry
from engine.types import Box

_TRUST = 0.5  # weight of the newest size and velocity


@dataclass(frozen=True, slots=True)
class Place:
    """A ball's last centre and smoothed size in pixels, velocity in pixels a frame, frames since it was seen."""

    x: float
    y: float
    width: float
    height: float
    vx: float = 0.0
    vy: float = 0.0
    absent: int = 0


def begin(box: Box) -> Place:
    """Return a ball at rest in ``box``."""
    x, y = geometry.center(box)
    return Place(x, y, geometry.width(box), geometry.height(box))


def seen(place: Place, box: Box) -> Place:
    """Return the place after the ball was seen in ``box`` on the next frame."""
    x, y = geometry.center(box)
    known = place.absent == 0
    return Place(
        x,
        y,
        _mix(place.width, geometry.width(box)),
        _mix(place.height, geometry.height(box)),
        _mix(place.vx, x - place.x) if known else 0.0,
        _mix(place.vy, y - place.y) if known else 0.0,
    )


def missed(place: Place) -> Place:
    """Return the place after a frame without the ball: it stays where it was seen last."""
    return replace(place, vx=0.0, vy=0.0, absent=place.absent + 1)


def expected(place: Place) -> Box:
    """Return the box in which the ball is expected on the next frame."""
    x, y = place.x + place.vx, place.y + place.vy
    return (
        x - place.width / 2,
        y - place.height / 2,
        x + place.width / 2,
        y + place.height / 2,
    )


def _mix(old: float, new: float) -> float:
    """Return the smoothed value."""
    return old + _TRUST * (new - old)
