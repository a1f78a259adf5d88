"""Where balls lie when a clip begins: scattered, racked, in groups, on cushions, in jaws. Draws nothing."""

import numpy as np
from numpy.random import Generator

from engine.synth.camera import Camera, Floats
from engine.synth.table import Table


def random_layout(rng: Generator, table: Table, camera: Camera, count: int) -> Floats:
    """Return up to ``count`` places (n, 2) that do not overlap, most of them inside the picture."""
    placed: list[Floats] = []
    if rng.random() < 0.22 and count > 3:
        placed += _rack(rng, table, count)
    tries = 0
    while len(placed) < count and tries < count * 25:
        tries += 1
        spot = _spot(rng, table, placed)
        if _free(spot, placed, table) and (_visible(camera, spot, table) or rng.random() < 0.06):
            placed.append(spot)
    order = rng.permutation(len(placed))
    return np.array([placed[k] for k in order]).reshape(-1, 2)


def _spot(rng: Generator, table: Table, placed: list[Floats]) -> Floats:
    limit = np.array([table.length / 2 - table.ball, table.width / 2 - table.ball])
    kind = rng.random()
    if kind < 0.22 and placed:
        angle = rng.uniform(0, 2 * np.pi)
        gap = 2 * table.ball * (1.0005 if rng.random() < 0.5 else rng.uniform(1.0, 1.7))
        origin = placed[int(rng.integers(len(placed)))]
        return np.asarray(origin + gap * np.array([np.cos(angle), np.sin(angle)]))
    if kind < 0.34:
        spot = rng.uniform(-1, 1, 2) * limit
        axis = int(rng.integers(2))
        spot[axis] = np.sign(spot[axis]) * limit[axis]
        return np.asarray(spot)
    pockets = table.pockets()
    if kind < 0.4 and len(pockets):
        pocket = pockets[int(rng.integers(len(pockets)))]
        inward = -pocket / np.linalg.norm(pocket)
        return np.asarray(
            pocket + inward * table.pocket * rng.uniform(0.9, 1.6) + rng.normal(0, 0.005, 2)
        )
    return np.asarray(rng.uniform(-1, 1, 2) * limit)


def _rack(rng: Generator, table: Table, count: int) -> list[Floats]:
    """Return a triangle of touching balls pointing along the table, with a ball or two knocked off."""
    step = 2 * table.ball * rng.uniform(1.0005, 1.02)
    side = float(rng.choice([-1, 1]))
    apex = np.array([table.length * 0.25 * side, 0.0])
    spots = [
        apex + np.array([side * row * step * 0.8665, (k - row / 2) * step])
        for row in range(5)
        for k in range(row + 1)
    ]
    keep = min(count - 1, int(rng.choice([6, 9, 10, 15])))
    return [np.asarray(s) for s in spots[:keep]]


def _free(spot: Floats, placed: list[Floats], table: Table) -> bool:
    limit = np.array([table.length / 2 - table.ball, table.width / 2 - table.ball])
    pockets = table.pockets()
    jaw = (
        len(pockets) > 0
        and float(np.linalg.norm(pockets - spot, axis=1).min()) < table.pocket * 1.7
    )
    if (np.abs(spot) > limit + 1e-9).any() and not jaw:
        return False
    if len(pockets) and float(np.linalg.norm(pockets - spot, axis=1).min()) < table.pocket * 0.88:
        return False
    if not placed:
        return True
    return bool(np.linalg.norm(np.array(placed) - spot, axis=1).min() >= 2 * table.ball)


def _visible(camera: Camera, spot: Floats, table: Table) -> bool:
    pixels, depth = camera.project(np.array([spot[0], spot[1], table.ball]))
    inside = (pixels > -5) & (pixels < (camera.width + 5, camera.height + 5))
    return bool(inside.all() and depth > 0.1)
