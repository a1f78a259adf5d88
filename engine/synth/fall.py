"""How a ball falls into a pocket: over the lip, against the far wall, out of sight. Knows one hole at a time."""

import numpy as np

from engine.synth.camera import Floats
from engine.synth.table import Table

STEP = 1 / 480
GRAVITY = 9.81
GONE = -0.12
LONGEST = 480
"""Steps after which a ball that still hangs on the lip is taken away."""


def extend(samples: Floats, *, tail: int, hold: bool = True) -> Floats:
    """Return ``samples`` (t, ...) longer by ``tail`` steps: the last one held, or zeros."""
    last = samples[-1:] if hold else np.zeros_like(samples[-1:])
    return np.concatenate([samples, np.repeat(last, max(tail, 0), axis=0)])


def drop(table: Table, place: Floats, speed: Floats, pocket: int) -> Floats:
    """Return the way (t, 3) of a ball from the edge of ``pocket`` at ``place`` (3,) to below the table."""
    centre = table.pockets()[pocket]
    here, pace = place.astype(float).copy(), speed.astype(float).copy()
    pace[2] = 0.0
    way = []
    for _ in range(LONGEST):
        pace[2] -= GRAVITY * STEP
        here = here + pace * STEP
        _contain(table, centre, here, pace)
        _lip(table, centre, here, pace)
        way.append(here.copy())
        if here[2] < GONE:
            break
    return np.array(way)


def _contain(table: Table, centre: Floats, here: Floats, pace: Floats) -> None:
    """Keep the ball from going through the far wall of the hole, in place."""
    away = here[:2] - centre
    far = float(np.linalg.norm(away))
    room = max(table.pocket - table.ball, 0.005)
    outward = away / max(far, 1e-9)
    inside = bool(outward @ centre > 0) or here[2] < 0
    if far > room and inside:
        here[:2] = centre + outward * max(room, far - 2 * STEP)
        leaving = float(pace[:2] @ outward)
        if leaving > 0:
            pace[:2] -= 1.3 * leaving * outward
            pace[:2] *= 0.8


def _lip(table: Table, centre: Floats, here: Floats, pace: Floats) -> None:
    """Let the ball lean on the edge of the hole while its centre is within a radius of it, in place."""
    away = here[:2] - centre
    far = float(np.linalg.norm(away))
    over = table.pocket - far
    if not 0 <= over < table.ball or here[2] < 0:
        return
    rest = float(np.sqrt(table.ball**2 - over**2))
    if here[2] < rest:
        slope = over / table.ball
        here[2] = rest
        pace[2] = max(pace[2], -float(np.linalg.norm(pace[:2])) * slope / max(1 - slope**2, 0.1))
        pace[:2] -= away / max(far, 1e-9) * (GRAVITY * (slope + 0.05) * STEP)
