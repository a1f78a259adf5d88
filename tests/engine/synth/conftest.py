"""Tables, balls at rest and played shots for the tests of the renderer. Played shots compile pooltool once."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from engine.synth import balls, physics
from engine.synth.camera import Camera, Floats, look
from engine.synth.light import Lighting, to_linear
from engine.synth.overlay import Patch
from engine.synth.people import Limb
from engine.synth.post import Grade
from engine.synth.raster import Facet
from engine.synth.render import RenderedClip
from engine.synth.scene import Scene
from engine.synth.table import Table
from engine.synth.texture import plain

POOL = Table(
    2.54,
    1.27,
    0.0286,
    0.062,
    mouth=0.08,
    cushion=0.045,
    rail=0.12,
    nose=0.036,
    top=0.045,
    cloth=(30.0, 110.0, 70.0),
    wood=(90.0, 60.0, 30.0),
    rim=(12.0, 12.0, 12.0),
    sight=(235.0, 232.0, 220.0),
)
Make = Callable[..., RenderedClip]


@pytest.fixture(scope="session")
def pool() -> Table:
    return POOL


@pytest.fixture(scope="session")
def carom() -> Table:
    return replace(POOL, length=2.84, width=1.42, ball=0.03075, pocket=0.0)


@pytest.fixture(scope="session")
def above() -> Camera:
    return look(
        np.zeros(3),
        distance=3.0,
        yaw=np.pi / 2,
        elevation=np.pi / 2,
        roll=0.0,
        focal=330.0,
        size=(320, 192),
    )


@pytest.fixture(scope="session")
def make(above: Camera) -> Make:
    """Return a maker of clips of balls at rest on a bare sheet of cloth: no physics, no room, no noise."""

    def clip(
        places: list[tuple[float, float]],
        *,
        camera: Camera = above,
        facets: list[Facet] | None = None,
        patches: list[Patch] | None = None,
        standing: list[Limb] | None = None,
        shot: physics.Shot | None = None,
        frames: int = 1,
        begin: float = 0.0,
    ) -> RenderedClip:
        white = to_linear((240.0, 240.0, 235.0))
        looks = [
            balls.Look("cue" if not k else "solid", k, white, white) for k in range(len(places))
        ]
        axes = np.repeat(np.eye(3)[None], len(places), axis=0)
        rest = physics.still(np.array(places, float), axes, POOL.ball)
        scene = Scene(
            "eight-ball",
            "mixed",
            POOL,
            _lamp(),
            camera,
            [_cloth()] if facets is None else facets,
            looks,
            shot or rest,
            begin,
            None,
            standing or [],
            patches or [],
            _untouched((camera.height, camera.width)),
            shutter=0.5,
        )
        objects = tuple((k + 1, look.label, look.number) for k, look in enumerate(looks))
        return RenderedClip(camera.width, camera.height, frames, Fraction(30), objects, scene, 7)

    return clip


def _cloth() -> Facet:
    corner = np.array([-2.0, 1.0, 0.0])
    return Facet(corner, np.array([4.0, 0, 0]), np.array([0, -2.0, 0]), plain(POOL.cloth, (8, 8)))


def _lamp() -> Lighting:
    return Lighting(
        np.array([[0.0, 0.0, 1.5]]),
        np.ones(1),
        ambient=0.4,
        spread=0.1,
        gloss=0.5,
        mirror=0.3,
        bounce=0.3,
        shadow=0.8,
        room=np.full(3, 0.1),
    )


def _untouched(size: tuple[int, int]) -> Grade:
    one = np.zeros((5, 5), np.float32)
    one[2, 2] = 1
    tile = np.zeros((size[0] + 64, size[1] + 64, 3), np.int16)
    return Grade(np.arange(256, dtype=np.uint8)[None, :, None].repeat(3, axis=2), one, tile,
                 np.eye(3, dtype=np.float32))  # fmt: skip


@pytest.fixture(scope="session")
def play() -> Callable[..., physics.Shot]:
    """Return what plays a shot on the pool table: places, the way of the cue ball, its pace."""

    def shot(
        places: Floats, way: Floats, pace: float, *, table: Table = POOL, side: float = 0.0
    ) -> physics.Shot:
        axes = np.repeat(np.eye(3)[None], len(places), axis=0)
        strike = physics.Strike(np.asarray(way, float), pace, side)
        return physics.play(table, np.asarray(places, float), axes, strike, physics.Cloth())

    return shot


@pytest.fixture(scope="session")
def opening(play: Callable[..., physics.Shot]) -> physics.Shot:
    """Return a break: the cue ball into a full rack at 7 m/s."""
    from engine.synth import layout  # noqa: PLC0415 - beside its use

    rng = np.random.default_rng(3)
    looks = balls.random_set(rng, "eight-ball", full=True)
    places = layout.racked(rng, POOL, looks, "eight-ball")
    return play(places, places[1:][places[1:, 0].argmin()] - places[0], 7.0)


@pytest.fixture(scope="session")
def potted(play: Callable[..., physics.Shot]) -> physics.Shot:
    """Return a straight pot into the corner pocket at (+, +), number 3."""
    pocket = POOL.pockets()[3]
    line = np.ones(2) / np.sqrt(2)
    places = np.array([pocket - line * 0.75, pocket - line * 0.35, (-0.9, 0.3)])
    return play(places, line, 1.6)
