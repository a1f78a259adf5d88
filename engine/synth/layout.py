"""Where balls lie when a shot begins: scattered, racked, in groups, on cushions, in jaws. Draws nothing."""

import numpy as np
from numpy.random import Generator

from engine.synth.balls import Look
from engine.synth.camera import Floats
from engine.synth.table import Table

HAIR = 2e-4
"""Metres left between things that touch, so that the simulation sees them apart."""


def scattered(rng: Generator, table: Table, count: int, *, racked: bool = False) -> Floats:
    """Return up to ``count`` places (n, 2) that do not overlap; with ``racked`` most lie in one group."""
    placed = _group(rng, table, count)[:count] if racked else []
    tries = 0
    while len(placed) < count and tries < count * 25:
        tries += 1
        spot = _spot(rng, table, placed)
        if _free(spot, placed, table):
            placed.append(spot)
    order = rng.permutation(len(placed))
    return np.array([placed[k] for k in order]).reshape(-1, 2)


def _spot(rng: Generator, table: Table, placed: list[Floats]) -> Floats:
    limit = _limit(table)
    kind = rng.random()
    if kind < 0.3 and placed:
        angle = rng.uniform(0, 2 * np.pi)
        gap = 2 * table.ball * (1.003 if rng.random() < 0.5 else rng.uniform(1.0, 1.7))
        origin = placed[int(rng.integers(len(placed)))]
        return np.asarray(origin + gap * np.array([np.cos(angle), np.sin(angle)]))
    if kind < 0.4:
        spot = rng.uniform(-1, 1, 2) * limit
        axis = int(rng.integers(2))
        spot[axis] = np.sign(spot[axis]) * limit[axis]
        return np.asarray(spot)
    pockets = table.pockets()
    if kind < 0.46 and len(pockets):
        pocket = pockets[int(rng.integers(len(pockets)))]
        inward = -pocket / np.linalg.norm(pocket)
        away = table.pocket * rng.uniform(1.05, 2.2)
        return np.asarray(pocket + inward * away + rng.normal(0, 0.005, 2))
    return np.asarray(rng.uniform(-1, 1, 2) * limit)


def _limit(table: Table) -> Floats:
    return np.array([table.length / 2, table.width / 2]) - table.ball - HAIR


def _free(spot: Floats, placed: list[Floats], table: Table) -> bool:
    if (np.abs(spot) > _limit(table) + 1e-9).any():
        return False
    pockets = table.pockets()
    if len(pockets) and float(np.linalg.norm(pockets - spot, axis=1).min()) < table.pocket * 1.03:
        return False
    if not placed:
        return True
    gap = float(np.linalg.norm(np.array(placed) - spot, axis=1).min())
    return gap >= 2 * table.ball + HAIR


def _group(rng: Generator, table: Table, count: int) -> list[Floats]:
    """Return a loose or tight part of a triangle somewhere on the table, but for one ball."""
    step = 2 * table.ball * float(rng.uniform(1.003, 1.06))
    apex = rng.uniform(-0.3, 0.3, 2) * (table.length, table.width)
    turn = float(rng.uniform(0, 2 * np.pi))
    spots = _triangle(step, turn, 5) + apex
    chosen = rng.permutation(len(spots))[: max(2, min(count - 1, int(rng.integers(4, 16))))]
    inside = [spots[k] for k in chosen if (np.abs(spots[k]) < _limit(table)).all()]
    return [spot for spot in inside if _free(spot, [], table)]


def _triangle(step: float, turn: float, rows: int) -> Floats:
    """Return the places (n, 2) of a triangle, its apex at the origin, row by row along ``turn``."""
    flat = [
        (r * step * np.sqrt(3) / 2, (k - r / 2) * step) for r in range(rows) for k in range(r + 1)
    ]
    way = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return np.asarray(np.array(flat) @ way)


def racked(rng: Generator, table: Table, looks: list[Look], profile: str) -> Floats:
    """Return the places (n, 2) of a full set before the break, in the order of ``looks``."""
    makers = {"snooker": _snooker, "carom": _carom}
    return makers.get(profile, _pool)(rng, table, looks)


def _pool(rng: Generator, table: Table, looks: list[Look]) -> Floats:
    """Return the cue ball behind the line and a triangle, or for nine balls a diamond, on the foot spot."""
    step = 2 * table.ball + HAIR * float(rng.uniform(0.5, 3))
    rack = _triangle(step, 0.0, 5)
    middle = 4
    if len(looks) == 10:
        rack = rack[[0, 1, 2, 3, 4, 5, 7, 8, 12]]
    rack = np.add(rack, (table.length / 4, 0.0))
    rest = [k for k, look in enumerate(looks[1:]) if look.number != _centre(looks)]
    order = [int(k) for k in rng.permutation(rest)]
    order.insert(middle, next(k for k in range(len(looks) - 1) if k not in rest))
    out = np.zeros((len(looks), 2))
    out[0] = (-table.length / 4 - rng.uniform(0, 0.12), rng.uniform(-0.3, 0.3) * table.width)
    for spot, k in zip(rack, order, strict=True):
        out[k + 1] = spot
    return out


def _centre(looks: list[Look]) -> int:
    """Return the number of the ball in the middle of the rack: the black, or the nine."""
    return 9 if len(looks) == 10 else 8


def _snooker(rng: Generator, table: Table, looks: list[Look]) -> Floats:
    """Return reds in a triangle behind the pink, colours on their spots, the cue ball in the D."""
    half = table.length / 2
    baulk, size = -half + table.length * 0.206, table.width * 0.164
    pink = half / 2
    spots = {"yellow": (baulk, size), "brown": (baulk, 0.0), "green": (baulk, -size),
             "blue": (0.0, 0.0), "pink": (pink, 0.0), "black": (half - table.length * 0.09, 0.0)}  # fmt: skip
    step = 2 * table.ball + HAIR * float(rng.uniform(0.5, 3))
    reds = iter(np.add(_triangle(step, 0.0, 5), (pink + 2 * table.ball + 2 * HAIR, 0.0)))
    out = [np.array([baulk - size * rng.uniform(0.1, 0.6), size * rng.uniform(0.25, 0.65)])]
    return np.array(out + [np.array(spots[look.label]) if look.label in spots else next(reds)
                           for look in looks[1:]])  # fmt: skip


def _carom(rng: Generator, table: Table, looks: list[Look]) -> Floats:
    """Return the two other balls on the spots and the cue ball beside one of them."""
    spots = np.array([[-table.length / 4, 0.18], [table.length / 4, 0.0], [-table.length / 4, 0.0]])
    return np.asarray(spots[: len(looks)] * (1, rng.choice([-1, 1])))
