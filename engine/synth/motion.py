"""Where balls are at each moment: rolling, friction, simple collisions, cushions, pockets. Draws nothing."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine.synth.camera import Floats
from engine.synth.table import Table

STEP = 1 / 240
GONE = -0.12


@dataclass(slots=True)
class State:
    """All balls at one moment, changed in place by ``advance``; metres and metres a second.

    ``place`` and ``speed`` (n, 3); ``axes`` (n, 3, 3); ``alive`` (n,) is false for potted balls.
    """

    place: Floats
    speed: Floats
    axes: Floats
    alive: NDArray[np.bool_]

    def copy(self) -> "State":
        """Return an independent snapshot."""
        return State(self.place.copy(), self.speed.copy(), self.axes.copy(), self.alive.copy())

    def moving(self) -> bool:
        """Tell whether any ball on the table still moves."""
        return bool(np.abs(self.speed[self.alive]).max(initial=0) > 1e-3)


def start(places: Floats, axes: Floats, radius: float) -> State:
    """Return balls at rest at ``places`` (n, 2)."""
    height = np.full((len(places), 1), radius)
    place = np.concatenate([places, height], axis=1)
    return State(place, np.zeros_like(place), axes.copy(), np.ones(len(places), bool))


def random_axes(rng: Generator, count: int) -> Floats:
    """Return ``count`` uniform random rotations (count, 3, 3)."""
    quarter, _ = np.linalg.qr(rng.standard_normal((count, 3, 3)))
    quarter[:, :, 0] *= np.sign(np.linalg.det(quarter))[:, None]
    return np.asarray(quarter)


def advance(state: State, table: Table, *, friction: float = 0.25, step: float = STEP) -> None:
    """Move everything on by ``step`` seconds."""
    state.place += state.speed * step
    _roll(state, table.ball, step)
    plane = state.speed[:, :2]
    pace = np.linalg.norm(plane, axis=1, keepdims=True)
    plane *= np.maximum(0, 1 - friction * step / np.maximum(pace, 1e-9))
    _collide(state, table.ball)
    _bounce(state, table)
    _fall(state, table, step)


def _roll(state: State, radius: float, step: float) -> None:
    """Turn each moving ball about the axis at right angles to its way."""
    for k in np.flatnonzero(state.alive & (np.abs(state.speed).max(axis=1) > 1e-4)):
        vx, vy, _ = state.speed[k]
        pace = float(np.hypot(vx, vy))
        if pace < 1e-6:
            continue
        a, b = -vy / pace, vx / pace
        angle = pace * step / radius
        cross = np.array([[0, 0, b], [0, 0, -a], [-b, a, 0]])
        turn = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross)
        state.axes[k] = turn @ state.axes[k]


def _collide(state: State, radius: float) -> None:
    """Exchange the speeds along the line of centres of balls that touch and approach."""
    place, speed = state.place, state.speed
    gap = place[:, None, :2] - place[None, :, :2]
    square = (gap**2).sum(axis=-1)
    low = ~state.alive | (place[:, 2] < radius * 0.5)
    square[low] = np.inf
    square[:, low] = np.inf
    first, second = np.nonzero(np.triu(square < 4 * radius * radius, 1))
    for i, j in zip(first, second, strict=True):
        line = place[i, :2] - place[j, :2]
        far = float(np.linalg.norm(line)) or 1e-9
        line /= far
        closing = float((speed[i, :2] - speed[j, :2]) @ line)
        if closing < 0:
            push = -closing * 0.97 * line
            speed[i, :2] += push
            speed[j, :2] -= push
        shift = (2 * radius - far) / 2 * line
        place[i, :2] += shift
        place[j, :2] -= shift


def _bounce(state: State, table: Table) -> None:
    """Reflect at the noses, except in the mouths of pockets."""
    limit = np.array([table.length / 2 - table.ball, table.width / 2 - table.ball])
    out = np.abs(state.place[:, :2]) - limit
    pockets = table.pockets()
    for k in np.flatnonzero(state.alive & (out.max(axis=1) > 0)):
        if (
            len(pockets)
            and np.linalg.norm(pockets - state.place[k, :2], axis=1).min() < table.mouth * 1.15
        ):
            continue
        for axis in range(2):
            side = np.sign(state.place[k, axis])
            if out[k, axis] > 0 and state.speed[k, axis] * side > 0:
                state.speed[k, axis] *= -0.75
                state.speed[k, 1 - axis] *= 0.9
            if out[k, axis] > 0:
                state.place[k, axis] = side * limit[axis]


def _fall(state: State, table: Table, step: float) -> None:
    """Let balls over a hole drop, keep them inside it, and take them away at the bottom."""
    pockets = table.pockets()
    if not len(pockets):
        return
    for k in np.flatnonzero(state.alive):
        away = state.place[k, :2] - pockets
        distance = np.linalg.norm(away, axis=1)
        p = int(distance.argmin())
        if distance[p] > table.pocket and state.place[k, 2] > table.ball * 0.9:
            continue
        state.speed[k, 2] -= 9.81 * step
        room = max(table.pocket - table.ball, 0.005)
        if distance[p] > room:
            state.speed[k, :2] *= 0.7
            state.place[k, :2] = pockets[p] + away[p] / distance[p] * (
                distance[p] * 0.9 + room * 0.1
            )
        state.alive[k] = state.place[k, 2] > GONE
