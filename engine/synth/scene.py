"""Draws a whole scene by lot: table, lamps, camera, balls, people, graphics, motion. Renders nothing."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from engine.synth import balls, layout, light, motion, overlay, people, post, surroundings, table
from engine.synth.camera import Camera, Floats, look
from engine.synth.raster import Facet

STYLES = ("random", "overhead", "oblique", "close")


@dataclass(frozen=True, slots=True)
class Stroke:
    """Somebody at the table: ``limbs`` at ``place`` change with the stroke; ``kind`` says which pose."""

    kind: str
    dress: people.Dress
    hand: Floats
    aim: Floats
    origin: Floats
    bridge: float
    side: float
    phase: float
    swing: float


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a clip needs to be rendered: values only. ``still`` says that no ball moves."""

    table: table.Table
    lighting: light.Lighting
    camera: Camera
    facets: list[Facet]
    looks: list[balls.Look]
    state: motion.State
    stroke: Stroke | None
    standing: list[people.Limb]
    patches: list[overlay.Patch]
    grade: post.Grade
    shutter: float
    friction: float
    still: bool


def random_scene(rng: Generator, *, width: int, height: int, style: str) -> Scene:
    """Return a scene drawn by ``rng``."""
    kind = str(
        rng.choice(["pool", "pool", "bar", "snooker", "carom"], p=[0.35, 0.2, 0.12, 0.25, 0.08])
    )
    furniture = table.random_table(rng, kind)
    lighting = light.random_lighting(rng, length=furniture.length, width=furniture.width)
    camera = random_camera(rng, furniture, (width, height), style)
    looks = balls.random_set(rng, kind)
    places = layout.random_layout(rng, furniture, camera, len(looks))
    looks = looks[: len(places)]
    state = motion.start(places, motion.random_axes(rng, len(places)), furniture.ball)
    still = bool(rng.random() < 0.45)
    if not still:
        _set_off(rng, state, furniture)
    return Scene(
        furniture,
        lighting,
        camera,
        surroundings.room(rng, furniture, camera.centre) + table.facets(rng, furniture, lighting),
        looks,
        state,
        _stroke(rng, furniture, state),
        _standing(rng, furniture),
        overlay.random_overlay(rng, (height, width)),
        post.random_grade(rng, (height, width)),
        shutter=float(rng.uniform(0.1, 0.8)),
        friction=float(rng.uniform(0.12, 0.5)),
        still=still,
    )


def random_camera(
    rng: Generator, furniture: table.Table, size: tuple[int, int], style: str
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
        target = np.array([*(rng.uniform(-0.45, 0.45, 2) * (furniture.length, furniture.width)), 0])
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


def _set_off(rng: Generator, state: motion.State, furniture: table.Table) -> None:
    """Start a shot and let it run for a random while, so that clips begin anywhere in it."""
    target = int(rng.integers(len(state.place)))
    way = state.place[target, :2] - state.place[0, :2] + rng.normal(0, furniture.ball * 0.7, 2)
    if target == 0:
        way = rng.normal(0, 1, 2)
    pace = float(np.exp(rng.uniform(np.log(0.4), np.log(6.0))))
    state.speed[0, :2] = way / max(float(np.linalg.norm(way)), 1e-6) * pace
    pockets = furniture.pockets()
    for k in range(1, len(state.place)):
        if rng.random() < 0.08:
            state.speed[k, :2] = rng.normal(0, 0.7, 2)
        if len(pockets) and rng.random() < 0.05:
            way = (
                pockets[np.linalg.norm(pockets - state.place[k, :2], axis=1).argmin()]
                - state.place[k, :2]
            )
            state.speed[k, :2] = way * rng.uniform(1, 5)
    for _ in range(int(rng.uniform(0, 1) ** 2 * 300)):
        motion.advance(state, furniture)


def _stroke(rng: Generator, furniture: table.Table, state: motion.State) -> Stroke | None:
    """Return somebody playing or reaching over the table, in about two clips of three."""
    if rng.random() < 0.35:
        return None
    ball = (
        state.place[0] if rng.random() < 0.7 else state.place[int(rng.integers(len(state.place)))]
    )
    angles = rng.uniform(0, 2 * np.pi, 5)
    ways = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    behind = np.abs(ball[:2] - ways * 0.9) - (furniture.length / 2, furniture.width / 2)
    aim = ways[behind.max(axis=1).argmax()]
    out = np.array([*(ball[:2] - aim * rng.uniform(0.5, 0.9)), rng.uniform(0.2, 0.45)])
    return Stroke(
        "shooter" if rng.random() < 0.75 else "reacher",
        people.random_dress(rng),
        hand=ball.copy(),
        aim=aim,
        origin=out,
        bridge=float(rng.uniform(0.14, 0.34)),
        side=float(rng.choice([-1.0, 1.0])),
        phase=float(rng.uniform(0, 6.3)),
        swing=float(rng.uniform(0.0, 0.12)),
    )


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
    swing = stroke.swing * (0.5 - 0.5 * np.cos(seconds * 7 + stroke.phase))
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
