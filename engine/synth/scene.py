"""Draws a whole scene by lot: table, lamps, camera, balls, people, graphics, motion. Renders nothing."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from engine.synth import balls, light, overlay, people, physics, post, surroundings, table
from engine.synth.camera import Camera, Floats, look
from engine.synth.raster import Facet
from engine.synth.situation import Situation, random_situation

STYLES = ("random", "overhead", "oblique", "close")


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


def random_scene(
    rng: Generator, *, width: int, height: int, style: str, seconds: float = 0.3
) -> Scene:
    """Return a scene drawn by ``rng`` for a clip of ``seconds``."""
    kind = str(rng.choice(["pool", "bar", "snooker", "carom"], p=[0.52, 0.12, 0.28, 0.08]))
    nine = kind == "pool" and rng.random() < 0.3
    profile = kind if kind in balls.PROFILES else "nine-ball" if nine else "eight-ball"
    furniture = table.random_table(rng, kind)
    lighting = light.random_lighting(rng, length=furniture.length, width=furniture.width)
    situation = random_situation(rng, furniture, profile)
    begin = situation.moment(rng, seconds)
    focus = _focus(rng, situation.shot, begin, seconds)
    camera = random_camera(rng, furniture, (width, height), style, focus=focus)
    return Scene(
        profile,
        "mixed",
        furniture,
        lighting,
        camera,
        surroundings.room(rng, furniture, camera.centre) + table.facets(rng, furniture, lighting),
        situation.looks,
        situation.shot,
        begin,
        _stroke(rng, furniture, situation, begin),
        _standing(rng, furniture),
        overlay.random_overlay(rng, (height, width)),
        post.random_grade(rng, (height, width)),
        shutter=float(rng.uniform(0.1, 0.8)),
    )


def _focus(rng: Generator, shot: physics.Shot, begin: float, seconds: float) -> Floats:
    """Return the place (2,) on the table that a close camera looks at: where something happens."""
    shown = [e for e in shot.events if begin <= e.time <= begin + seconds]
    time = shown[int(rng.integers(len(shown)))].time if shown else begin
    moment = shot.at(time)
    ball = shown[0].balls[0] if shown else int(rng.integers(len(moment.place)))
    return np.asarray(moment.place[ball, :2])


def random_camera(
    rng: Generator,
    furniture: table.Table,
    size: tuple[int, int],
    style: str,
    *,
    focus: Floats,
) -> Camera:
    """Return a camera of ``style``: straight above, oblique as on television, or close."""
    if style == "random":
        style = str(rng.choice(["overhead", "oblique", "close"], p=[0.3, 0.5, 0.2]))
    focal = size[0] * float(rng.uniform(0.7, 2.4))
    quarter = np.pi / 2
    if style == "overhead":
        yaw = quarter * rng.choice([1, 1, 1, 3, 0]) + rng.normal(0, 0.02)
        elevation = float(np.clip(quarter - abs(rng.normal(0, 0.06)), 1.3, quarter))
        fit = rng.uniform(0.62, 1.1)
    else:
        yaw = quarter * rng.choice([0, 2, 0, 2, 1, 3]) + rng.normal(0, 0.1)
        if rng.random() < 0.3:
            yaw = rng.uniform(0, 2 * np.pi)
        elevation = float(rng.uniform(0.36, 1.2))
        fit = rng.uniform(0.6, 1.2)
    reach = _reach(furniture, yaw, elevation, size)
    sharp = focal * 2 * furniture.ball / (size[0] / 1024 * rng.uniform(9, 13))
    distance = min(focal * reach / fit, sharp)
    target = np.array(
        [rng.normal(0, 0.08) * furniture.length, rng.normal(0, 0.08) * furniture.width, 0]
    )
    if style == "close":
        diameter = float(np.exp(rng.uniform(np.log(18), np.log(44)))) * size[0] / 1024
        distance = focal * 2 * furniture.ball / diameter
        target = np.array([*(focus + rng.normal(0, 0.12, 2)), 0])
    distance = max(distance, 1.0)
    return look(
        target,
        distance=distance,
        yaw=float(yaw),
        elevation=elevation,
        roll=float(rng.normal(0, 0.012)),
        focal=focal,
        size=size,
    )


def _reach(furniture: table.Table, yaw: float, elevation: float, size: tuple[int, int]) -> float:
    """Return metres a pixel may stand for so that the table fills the picture, seen from ``yaw``."""
    out = 2 * (furniture.cushion + furniture.rail)
    long, short = furniture.length + out, furniture.width + out
    across = abs(np.sin(yaw)) * long + abs(np.cos(yaw)) * short
    away = (abs(np.cos(yaw)) * long + abs(np.sin(yaw)) * short) * np.sin(elevation)
    return float(max(across / size[0], away / size[1]))


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
    else:
        hand = stroke.hand + np.array([*(-stroke.aim * (0.03 + swing)), 0.05])
        moved = people.reacher(stroke.dress, hand=hand, origin=stroke.origin)
    return scene.standing + moved


def _swing(stroke: Stroke, seconds: float) -> float:
    """Return how far the cue is drawn back at a moment, metres; after the strike it follows through."""
    if stroke.strike is None:
        return stroke.swing * (0.5 - 0.5 * float(np.cos(seconds * 7 + stroke.phase)))
    left = stroke.strike - seconds
    if left > 0:
        return stroke.swing * (0.5 - 0.5 * float(np.cos(left * 7)))
    return -min(-left * 1.5, 0.5 * stroke.bridge)
