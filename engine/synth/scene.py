"""Draws a whole scene by lot: table, lamps, camera, balls, people, graphics, motion. Renders nothing."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from engine.synth import balls, light, overlay, people, physics, post, surroundings, table
from engine.synth.camera import Camera, Floats
from engine.synth.furniture import facets
from engine.synth.preset import TRAINING, Preset
from engine.synth.raster import Facet
from engine.synth.shake import Shake, random_shake, shaken
from engine.synth.situation import Situation, random_situation
from engine.synth.views import VIEWS, random_camera

STYLES = ("random", *VIEWS)
STAYING = 2.0
"""Seconds for which a player stays down after the strike."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """Somebody at the table: limbs at ``hand`` change with time; ``kind`` says which pose.

    ``strike`` is the second of the clip at which the tip meets the ball, or None for one who only aims.
    """

    kind: str
    dress: people.Dress
    hand: Floats
    aim: Floats
    origin: Floats
    bridge: float
    side: float
    phase: float
    swing: float
    strike: float | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a clip needs to be rendered: values only. ``begin`` is when in ``shot`` the clip starts."""

    profile: str
    preset: str
    table: table.Table
    lighting: light.Lighting
    camera: Camera
    facets: list[Facet]
    looks: list[balls.Look]
    shot: physics.Shot
    begin: float
    stroke: Stroke | None
    standing: list[people.Limb]
    patches: list[overlay.Patch]
    grade: post.Grade
    shutter: float
    shake: Shake | None = None


def random_scene(
    rng: Generator,
    *,
    width: int,
    height: int,
    style: str = "random",
    seconds: float = 0.3,
    preset: Preset = TRAINING,
) -> Scene:
    """Return a scene drawn by ``rng`` for a clip of ``seconds``, its camera one of ``STYLES``.

    Raises ``SettingsError`` when pooltool is not installed.
    """
    shaker = rng.spawn(1)[0]
    kind = str(rng.choice([name for name, _ in preset.tables], p=[p for _, p in preset.tables]))
    nine = kind == "pool" and rng.random() < preset.nine
    profile = kind if kind in balls.PROFILES else "nine-ball" if nine else "eight-ball"
    furniture = table.random_table(rng, kind)
    lighting = light.random_lighting(rng, length=furniture.length, width=furniture.width)
    situation = random_situation(rng, furniture, profile)
    begin = situation.moment(rng, seconds)
    focus = _focus(rng, situation.shot, begin, seconds)
    camera = random_camera(rng, furniture, (width, height), style, preset=preset, focus=focus)
    return Scene(
        profile,
        preset.name,
        furniture,
        lighting,
        camera,
        surroundings.room(rng, furniture, camera.centre) + facets(rng, furniture, lighting),
        situation.looks,
        situation.shot,
        begin,
        _stroke(rng, furniture, situation, begin),
        _standing(rng, furniture),
        overlay.sized(rng, (height, width)),
        post.random_grade(rng, (height, width)),
        shutter=float(rng.uniform(0.1, 0.8)),
        shake=random_shake(shaker, camera) if shaker.random() < preset.shaken else None,
    )


def camera_at(scene: Scene, seconds: float) -> Camera:
    """Return the camera as it is held at a moment of the clip."""
    return scene.camera if scene.shake is None else shaken(scene.camera, scene.shake, seconds)


def _focus(rng: Generator, shot: physics.Shot, begin: float, seconds: float) -> Floats:
    """Return the place (2,) on the table that a close camera looks at: where something happens."""
    shown = [e for e in shot.events if begin <= e.time <= begin + seconds]
    time = shown[int(rng.integers(len(shown)))].time if shown else begin
    moment = shot.at(time)
    ball = shown[0].balls[0] if shown else int(rng.integers(len(moment.place)))
    return np.asarray(moment.place[ball, :2])


def _stroke(
    rng: Generator, furniture: table.Table, situation: Situation, begin: float
) -> Stroke | None:
    """Return the player, when the clip shows the strike, or at times somebody else over the table."""
    playing = situation.kind != "still" and -3.0 < begin < 1.5
    if rng.random() < (0.1 if playing else 0.45):
        return None
    places = situation.shot.at(begin).place
    if playing:
        ball, aim = situation.shot.places[0, 0], situation.aim
    else:
        ball = places[0] if rng.random() < 0.4 else places[int(rng.integers(len(places)))]
        aim = _approach(rng, furniture, ball)
    out = np.array([*(ball[:2] - aim * rng.uniform(0.5, 0.9)), rng.uniform(0.2, 0.45)])
    return Stroke(
        "shooter" if playing or rng.random() < 0.5 else "reacher",
        people.random_dress(rng),
        hand=np.array([ball[0], ball[1], furniture.ball]),
        aim=aim,
        origin=out,
        bridge=float(rng.uniform(0.14, 0.34)),
        side=float(rng.choice([-1.0, 1.0])),
        phase=float(rng.uniform(0, 6.3)),
        swing=float(rng.uniform(0.0, 0.12)),
        strike=-begin if playing else None,
    )


def _approach(rng: Generator, furniture: table.Table, ball: Floats) -> Floats:
    """Return the one of a few ways (2,) to ``ball`` that comes most from outside the table."""
    angles = rng.uniform(0, 2 * np.pi, 5)
    ways = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    behind = np.abs(ball[:2] - ways * 0.9) - (furniture.length / 2, furniture.width / 2)
    return np.asarray(ways[behind.max(axis=1).argmax()])


def _standing(rng: Generator, furniture: table.Table) -> list[people.Limb]:
    limbs: list[people.Limb] = []
    for _ in range(int(rng.choice([0, 0, 0, 1, 2, 4]))):
        angle = rng.uniform(0, 2 * np.pi)
        away = rng.uniform(1.3, 2.0)
        x = np.cos(angle) * (furniture.length / 2 + 0.4) * away
        y = np.sin(angle) * (furniture.width / 2 + 0.4) * away
        limbs += people.bystander(people.random_dress(rng), np.array([x, y, surroundings.FLOOR]))
    return limbs


def limbs_at(scene: Scene, seconds: float) -> list[people.Limb]:
    """Return everybody in the way at a moment, nearest or not."""
    stroke = scene.stroke
    if stroke is None:
        return scene.standing
    swing = _swing(stroke, seconds)
    if stroke.kind == "shooter":
        tip = stroke.hand + np.array([*(-stroke.aim), 0.0]) * (scene.table.ball * 1.3)
        tip = tip + np.array((0, 0, 0.008))
        moved = people.shooter(
            stroke.dress,
            tip=tip,
            aim=stroke.aim,
            bridge=stroke.bridge,
            stroke=swing,
            hand=stroke.side,
        )
        moved = _withdrawn(stroke, moved, seconds)
    else:
        hand = stroke.hand + np.array([*(-stroke.aim * (0.03 + swing)), 0.05])
        moved = people.reacher(stroke.dress, hand=hand, origin=stroke.origin)
    return scene.standing + moved


def _withdrawn(stroke: Stroke, limbs: list[people.Limb], seconds: float) -> list[people.Limb]:
    """Return ``limbs`` drawn back from the table, some time after the strike."""
    late = 0.0 if stroke.strike is None else seconds - stroke.strike - STAYING
    if late <= 0:
        return limbs
    gone = np.array([*(-stroke.aim), 0.35]) * (0.9 * min(late, 3.0) ** 2)
    return [replace(limb, a=limb.a + gone, b=limb.b + gone) for limb in limbs]


def _swing(stroke: Stroke, seconds: float) -> float:
    """Return how far the cue is drawn back at a moment, metres; after the strike it follows through."""
    if stroke.strike is None:
        return stroke.swing * (0.5 - 0.5 * float(np.cos(seconds * 7 + stroke.phase)))
    left = stroke.strike - seconds
    if left > 0:
        return stroke.swing * (0.5 - 0.5 * float(np.cos(left * 7)))
    return -min(-left * 1.5, 0.5 * stroke.bridge)
