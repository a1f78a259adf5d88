"""Which shot is played: breaks, aimed pots, cushion shots, clusters broken up, soft rolls. Renders nothing."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from engine.synth import balls, layout, physics
from engine.synth.camera import Floats
from engine.synth.table import Table

SITUATIONS = ("break", "pot", "cluster", "cushion", "roll", "still")
ODDS = (0.14, 0.32, 0.2, 0.12, 0.12, 0.1)
TRIES = 5
EARLIEST = -2.5
"""Seconds before the strike at which a clip begins at the earliest: nobody aims for longer than that."""


@dataclass(frozen=True, slots=True)
class Situation:
    """A shot on a table: who lies there, what happens, and which way the cue pointed."""

    kind: str
    looks: list[balls.Look]
    shot: physics.Shot
    aim: Floats

    def moment(self, rng: Generator, seconds: float) -> float:
        """Return when a clip of ``seconds`` begins, after the strike: mostly so that it shows an event.

        Before the strike, across it, in the middle and after everything rests all occur.
        """
        kind = rng.random()
        loud = [e for e in self.shot.events if e.kind != "strike"]
        if not self.shot.events or kind < 0.06:
            return self.shot.seconds + 1.0
        if not loud or kind < 0.2:
            return max(EARLIEST, -float(rng.uniform(0.0, 0.9)) * seconds)
        if kind < 0.32:
            return float(rng.uniform(0, self.shot.seconds))
        kinds = sorted({e.kind for e in loud})
        chosen = kinds[int(rng.integers(len(kinds)))] if rng.random() < 0.6 else None
        some = [e for e in loud if chosen in (None, e.kind)]
        event = some[int(rng.integers(len(some)))]
        return max(EARLIEST, event.time - float(rng.uniform(0.05, 0.9)) * seconds)


def random_situation(
    rng: Generator, table: Table, profile: str, *, kind: str = "random"
) -> Situation:
    """Return a shot of one of ``SITUATIONS``; what cannot be simulated is drawn again.

    Raises ``SettingsError`` when pooltool is not installed.
    """
    for _ in range(TRIES):
        try:
            return _situation(rng, table, profile, kind)
        except physics.UnplayableError:
            continue
    return _situation(rng, table, profile, "still")


def _situation(rng: Generator, table: Table, profile: str, kind: str) -> Situation:
    if kind == "random":
        kind = str(rng.choice(SITUATIONS, p=ODDS))
    looks = balls.random_set(rng, profile, full=kind == "break")
    places = _places(rng, table, profile, looks, kind)
    looks = looks[: len(places)]
    axes = random_axes(rng, len(places))
    if kind == "still":
        shot, aim = physics.still(places, axes, table.ball), _unit(rng.normal(0, 1, 2))
        return Situation(kind, looks, shot, aim)
    strike = _strike(rng, table, places, kind)
    cloth = physics.Cloth(
        rolling=float(rng.uniform(0.006, 0.016)),
        sliding=float(rng.uniform(0.15, 0.25)),
        bounce=float(rng.uniform(0.72, 0.9)),
    )
    return Situation(kind, looks, physics.play(table, places, axes, strike, cloth), strike.way)


def random_axes(rng: Generator, count: int) -> Floats:
    """Return ``count`` uniform random rotations (count, 3, 3)."""
    quarter, _ = np.linalg.qr(rng.standard_normal((count, 3, 3)))
    quarter[:, :, 0] *= np.sign(np.linalg.det(quarter))[:, None]
    return np.asarray(quarter)


def _places(
    rng: Generator, table: Table, profile: str, looks: list[balls.Look], kind: str
) -> Floats:
    if kind == "break":
        return layout.racked(rng, table, looks, profile)
    return layout.scattered(rng, table, len(looks), racked=kind == "cluster")


def _strike(rng: Generator, table: Table, places: Floats, kind: str) -> physics.Strike:
    """Return how the cue ball is played in a situation of ``kind``."""
    pace = {"break": (5.0, 9.0), "pot": (1.0, 3.5), "cluster": (2.0, 6.5), "cushion": (2.0, 5.0)}
    low, high = pace.get(kind, (0.35, 1.2))
    if kind == "pot" and len(table.pockets()) and len(places) > 1:
        way = _pot_way(rng, table, places)
    elif kind == "cushion" or len(places) == 1:
        way = _unit(rng.normal(0, 1, 2))
    else:
        way = _hit_way(rng, table, places, spread=0.25 if kind == "break" else 0.8, kind=kind)
    speed = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    side, height = (float(k) for k in rng.uniform(-0.3, 0.3, 2))
    return physics.Strike(way, speed, side, height)


def _hit_way(rng: Generator, table: Table, places: Floats, *, spread: float, kind: str) -> Floats:
    """Return the way to a ball: the front of a rack, the thick of a cluster, or a near one."""
    gaps = np.linalg.norm(places[1:] - places[0], axis=1)
    if kind == "cluster":
        near = np.linalg.norm(places[1:, None] - places[None, 1:], axis=-1) < 6 * table.ball
        target = int((near.sum(axis=1) + rng.uniform(0, 0.5, len(gaps))).argmax())
    elif kind == "break":
        target = int((gaps + np.where(places[1:, 0] > 0.05 * table.length, 0, 9)).argmin())
    else:
        target = int(gaps.argmin() if rng.random() < 0.6 else rng.integers(len(gaps)))
    aside = rng.normal(0, spread * table.ball, 2)
    return _unit(places[1 + target] + aside - places[0])


def _pot_way(rng: Generator, table: Table, places: Floats) -> Floats:
    """Return the way that pots the straightest of a few random balls, a little off at times."""
    best, way = -2.0, _unit(places[1] - places[0])
    for target in rng.permutation(len(places) - 1)[:5] + 1:
        for pocket in table.pockets():
            line = _unit(pocket * 0.985 - places[target])
            ghost = places[target] - line * 2 * table.ball
            to = _unit(ghost - places[0])
            straight = float(to @ line) - 0.15 * float(np.linalg.norm(ghost - places[0]))
            straight -= _blocked(places, places[0], ghost, table.ball, int(target))
            straight -= _blocked(places, places[target], pocket, table.ball, int(target))
            if straight > best:
                best, way = straight, to
    turn = float(rng.normal(0, 0.004))
    return np.array([way[0] - turn * way[1], way[1] + turn * way[0]])


def _blocked(places: Floats, start: Floats, end: Floats, radius: float, but: int) -> float:
    """Return 1 when a ball other than the cue ball and ``but`` lies in the way from ``start`` to ``end``."""
    others = np.delete(places, [0, but], axis=0)
    if not len(others):
        return 0.0
    way = end - start
    share = np.clip((others - start) @ way / max(float(way @ way), 1e-9), 0, 1)
    gap = np.linalg.norm(start + share[:, None] * way - others, axis=1)
    return float((gap < 2 * radius).any())


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9))
