"""Plays a shot with pooltool: exact events, finely sampled places and turns. Knows no camera and no colour.

The table of this package has its origin in the middle and x along its length; pooltool's has its origin in a corner and
y along the length, so everything is turned by a quarter. pooltool ends a ball where it drops; the fall
itself is ours (``engine.synth.fall``).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import SettingsError
from engine.synth import fall
from engine.synth.camera import Floats
from engine.synth.table import Table

STEP = 1 / 480
LONGEST = 20.0
"""Seconds after which a shot is cut: nothing rolls longer than that on a good cloth."""
POCKET_IDS = ("rb", "lb", "rt", "lt", "lc", "rc")
"""pooltool's names of the holes in the order of ``Table.pockets``."""


@dataclass(frozen=True, slots=True)
class Strike:
    """How the cue ball, ball 0, is hit: ``way`` (2,) a direction, ``pace`` of the stick in m/s.

    ``side`` and ``height`` say where the tip meets the ball, in radii from its centre, within 0.5.
    """

    way: Floats
    pace: float
    side: float = 0.0
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class Cloth:
    """What slows balls down: rolling and sliding friction, and what a cushion gives back."""

    rolling: float = 0.01
    sliding: float = 0.2
    bounce: float = 0.85


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens to ``balls`` (indices) at ``time`` seconds after the strike.

    ``kind`` is "strike", "ball-ball", "cushion" or "pot"; ``pocket`` the index of a pot's pocket.
    """

    kind: str
    time: float
    balls: tuple[int, ...]
    pocket: int | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """All balls at one moment: ``place`` (n, 3) metres, ``axes`` (n, 3, 3), ``alive`` (n,)."""

    place: Floats
    axes: Floats
    alive: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Shot:
    """Every ball at every ``STEP``: ``places`` (t, n, 3) metres, ``axes`` (t, n, 3, 3), ``alive`` (t, n)."""

    places: Floats
    axes: Floats
    alive: NDArray[np.bool_]
    events: tuple[Event, ...] = ()

    @property
    def seconds(self) -> float:
        """Return how long anything moves."""
        return (len(self.places) - 1) * STEP

    def at(self, time: float) -> Moment:
        """Return the balls ``time`` seconds after the strike; before it they lie, after the end too."""
        step = min(max(time, 0.0), self.seconds) / STEP
        low = min(int(step), len(self.places) - 1)
        high, share = min(low + 1, len(self.places) - 1), step - low
        place = self.places[low] * (1 - share) + self.places[high] * share
        near = high if share > 0.5 else low
        return Moment(place, self.axes[near], self.alive[low] & self.alive[high])


class UnplayableError(Exception):
    """A shot that pooltool fails to simulate or to sample; it never leaves this package."""


def still(places: Floats, axes: Floats, radius: float) -> Shot:
    """Return balls at rest at ``places`` (n, 2)."""
    high = np.full((len(places), 1), radius)
    place = np.concatenate([places, high], axis=1)
    return Shot(place[None], axes[None], np.ones((1, len(places)), bool))


def play(table: Table, places: Floats, axes: Floats, strike: Strike, cloth: Cloth) -> Shot:
    """Return what happens when ball 0 of ``places`` (n, 2) is struck, until everything rests.

    Raises ``SettingsError`` when pooltool is not installed, ``UnplayableError`` for a shot it cannot simulate.
    """
    pooltool = _pooltool()
    system = pooltool.System(
        cue=pooltool.Cue(cue_ball_id="0"),
        table=pooltool.Table.from_table_specs(_specs(pooltool, table)),
        balls={str(k): _ball(pooltool, table, spot, k, cloth) for k, spot in enumerate(places)},
    )
    angle = np.degrees(np.arctan2(strike.way[0], -strike.way[1]))
    system.strike(V0=strike.pace, phi=float(angle), a=strike.side, b=strike.height, theta=0.0)
    pooltool.simulate(system, inplace=True, t_final=LONGEST, max_events=2000)
    try:
        pooltool.continuize(system, dt=STEP, inplace=True)
    except IndexError as error:  # its sampler runs past the last event when two fall together there
        raise UnplayableError(f"pooltool cannot sample a shot of {len(places)} balls") from error
    events = tuple(event for event in map(_event, system.events) if event is not None)
    return _shot(table, system, axes, events)


def _pooltool() -> Any:
    """Return the pooltool module."""
    try:
        import pooltool  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise SettingsError(
            "shots are simulated by pooltool, which is not installed: "
            "pip install 'billiards-engine[synth]'"
        ) from error
    return pooltool


def _specs(pooltool: Any, table: Table) -> Any:
    """Return pooltool's description of ``table``: the same cushions, mouths and holes."""
    from pooltool.objects.table.specs import BilliardTableSpecs  # noqa: PLC0415 - as above

    wide, nose = table.cushion, table.nose
    if table.pocket <= 0:
        return BilliardTableSpecs(
            l=table.length, w=table.width, cushion_width=wide, cushion_height=nose
        )
    corner, side = 0.35 * table.mouth, 0.25 * table.mouth
    corner_angle, side_angle = 5.0, 8.0
    cut = corner / np.tan(np.radians(90 + 45 + corner_angle) / 2)
    slit = side / np.tan(np.radians(90 + side_angle) / 2)
    return pooltool.objects.PocketTableSpecs(
        l=table.length,
        w=table.width,
        cushion_width=wide,
        cushion_height=nose,
        corner_pocket_width=float((table.mouth - cut) * np.sqrt(2)),
        corner_pocket_angle=corner_angle,
        corner_pocket_depth=float(table.pocket * 0.35 * np.sqrt(2)),
        corner_pocket_radius=table.pocket,
        corner_jaw_radius=corner,
        side_pocket_width=float(2 * (table.mouth - slit)),
        side_pocket_angle=side_angle,
        side_pocket_depth=table.pocket * 0.85,
        side_pocket_radius=table.pocket,
        side_jaw_radius=side,
    )


def _ball(pooltool: Any, table: Table, spot: Floats, index: int, cloth: Cloth) -> Any:
    """Return ball ``index`` at ``spot`` (2,) in pooltool's coordinates."""
    mass = 0.17 * (table.ball / 0.028575) ** 3
    return pooltool.Ball.create(
        str(index),
        xy=(table.width / 2 - float(spot[1]), float(spot[0]) + table.length / 2),
        R=table.ball,
        m=mass,
        u_r=cloth.rolling,
        u_s=cloth.sliding,
        e_c=cloth.bounce,
    )


def _event(event: Any) -> Event | None:
    """Return our event for one of pooltool's, or None for those without a collision."""
    kind = {
        "stick_ball": "strike",
        "ball_ball": "ball-ball",
        "ball_linear_cushion": "cushion",
        "ball_circular_cushion": "cushion",
        "ball_pocket": "pot",
    }.get(str(event.event_type))
    if kind is None:
        return None
    balls = sorted(int(a.id) for a in event.agents if a.agent_type.name == "BALL")
    holes = [a.id for a in event.agents if a.agent_type.name == "POCKET"]
    pocket = POCKET_IDS.index(holes[0]) if holes else None
    return Event(kind, float(event.time), tuple(balls), pocket)


def _shot(table: Table, system: Any, axes: Floats, events: tuple[Event, ...]) -> Shot:
    """Return the sampled shot with the falls added at its pots."""
    histories = [system.balls[str(k)].history_cts for k in range(len(axes))]
    raw = np.stack([np.stack([s.rvw for s in h.states]) for h in histories], axis=1)
    turned = np.stack([raw[..., 1], -raw[..., 0], raw[..., 2]], axis=-1)
    places, speeds, spins = turned[:, :, 0], turned[:, :, 1], turned[:, :, 2]
    places = places + np.array([-table.length / 2, table.width / 2, 0.0])
    shot = fall.extend(places, tail=fall.LONGEST if any(e.kind == "pot" for e in events) else 0)
    alive = np.ones(shot.shape[:2], bool)
    spins = fall.extend(spins, tail=len(shot) - len(spins), hold=False)
    for event in events:
        if event.kind == "pot":
            k, first = event.balls[0], int(np.ceil(event.time / STEP))
            before = max(first - 1, 0)
            drop = fall.drop(table, shot[before, k], speeds[before, k], event.pocket or 0)
            gone = min(len(shot), first + len(drop))
            shot[first:gone, k] = drop[: gone - first]
            shot[gone:, k] = drop[-1]
            alive[gone:, k] = False
            spins[first:gone, k] = spins[before, k]
            spins[gone:, k] = 0
    return Shot(shot, _turn(axes, spins), alive, events)


def _turn(axes: Floats, spins: Floats) -> Floats:
    """Return ``axes`` (n, 3, 3) turned step by step by ``spins`` (t, n, 3) rad/s, as (t, n, 3, 3)."""
    angle = np.linalg.norm(spins, axis=-1) * STEP
    unit = spins / np.maximum(np.linalg.norm(spins, axis=-1), 1e-9)[..., None]
    x, y, z = unit[..., 0], unit[..., 1], unit[..., 2]
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape(*x.shape, 3, 3)
    sine, cosine = np.sin(angle)[..., None, None], np.cos(angle)[..., None, None]
    turns = np.eye(3) + sine * cross + (1 - cosine) * (cross @ cross)
    out = np.empty_like(turns)
    out[0] = axes
    for k in range(1, len(turns)):
        out[k] = turns[k - 1] @ out[k - 1]
    return np.asarray(out)
