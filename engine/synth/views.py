"""Where cameras stand in halls and bars: above, behind, in the corner, far away, close. Knows sizes, no ball's colour."""

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from engine.synth.camera import Camera, Floats, look
from engine.synth.lens import random_lens
from engine.synth.preset import Preset
from engine.synth.table import Table

VIEWS = ("overhead", "oblique", "close", "broadcast", "corner", "tele")
QUARTER = np.pi / 2


def random_camera(
    rng: Generator,
    table: Table,
    size: tuple[int, int],
    style: str,
    *,
    preset: Preset,
    focus: Floats,
) -> Camera:
    """Return a camera for pictures of ``size`` (w, h): one of ``VIEWS``, or "random" as ``preset`` has it.

    ``focus`` (2,) is where on the table a close camera looks.
    """
    bender = rng.spawn(1)[0]
    if style == "random":
        style = str(rng.choice([name for name, _ in preset.views], p=[p for _, p in preset.views]))
    makers = {"broadcast": _broadcast, "corner": _corner, "tele": _tele}
    if style in makers:
        camera = makers[style](rng, table, size)
    else:
        camera = _common(rng, table, size, style, focus)
    if bender.random() < preset.bent:
        camera = replace(camera, lens=random_lens(bender, camera.reach))
    return camera


def _common(
    rng: Generator, table: Table, size: tuple[int, int], style: str, focus: Floats
) -> Camera:
    """Return a camera straight above, oblique from anywhere, or close to what happens."""
    focal = size[0] * float(rng.uniform(0.7, 2.4))
    if style == "overhead":
        yaw = QUARTER * rng.choice([1, 1, 1, 3, 0]) + rng.normal(0, 0.02)
        elevation = float(np.clip(QUARTER - abs(rng.normal(0, 0.06)), 1.3, QUARTER))
        fit = rng.uniform(0.62, 1.1)
    else:
        yaw = QUARTER * rng.choice([0, 2, 0, 2, 1, 3]) + rng.normal(0, 0.1)
        if rng.random() < 0.3:
            yaw = rng.uniform(0, 2 * np.pi)
        elevation = float(rng.uniform(0.36, 1.2))
        fit = rng.uniform(0.6, 1.2)
    reach = _reach(table, yaw, elevation, size)
    sharp = focal * 2 * table.ball / (size[0] / 1024 * rng.uniform(9, 13))
    distance = min(focal * reach / fit, sharp)
    target = _middle(rng, table)
    if style == "close":
        diameter = float(np.exp(rng.uniform(np.log(18), np.log(44)))) * size[0] / 1024
        distance = focal * 2 * table.ball / diameter
        target = np.array([*(focus + rng.normal(0, 0.12, 2)), 0])
    return look(
        target,
        distance=max(distance, 1.0),
        yaw=float(yaw),
        elevation=elevation,
        roll=float(rng.normal(0, 0.012)),
        focal=focal,
        size=size,
    )


def _broadcast(rng: Generator, table: Table, size: tuple[int, int]) -> Camera:
    """Return a camera on a stand behind the short side, as on television."""
    yaw = QUARTER * float(rng.choice([0, 2])) + float(rng.normal(0, 0.03))
    elevation = float(rng.uniform(0.42, 0.8))
    return _fitted(rng, table, size, (yaw, elevation), (1.1, 2.2), (0.8, 1.15))


def _corner(rng: Generator, table: Table, size: tuple[int, int]) -> Camera:
    """Return a wide camera high in a corner of the room."""
    diagonal = float(np.arctan2(table.width, table.length)) + float(rng.normal(0, 0.12))
    side = float(rng.choice([-1, 1]))
    yaw = side * diagonal + np.pi * float(rng.integers(2))
    elevation = float(rng.uniform(0.4, 0.9))
    return _fitted(rng, table, size, (yaw, elevation), (0.55, 1.0), (0.7, 1.05))


def _tele(rng: Generator, table: Table, size: tuple[int, int]) -> Camera:
    """Return a camera far away behind a long lens, on the whole table or a part of it."""
    yaw = QUARTER * float(rng.integers(4)) + float(rng.normal(0, 0.15))
    elevation = float(rng.uniform(0.3, 0.65))
    return _fitted(rng, table, size, (yaw, elevation), (3.0, 6.5), (0.85, 1.7))


def _fitted(
    rng: Generator,
    table: Table,
    size: tuple[int, int],
    angles: tuple[float, float],
    lengths: tuple[float, float],
    fits: tuple[float, float],
) -> Camera:
    """Return a camera at ``angles`` (yaw, elevation) so far away that the table fills a share of the picture.

    Its focal length lies between ``lengths``, in widths of the picture, the share between ``fits``.
    """
    focal = size[0] * float(rng.uniform(*lengths))
    yaw, elevation = angles
    fit = float(rng.uniform(*fits))
    distance = focal * _reach(table, yaw, elevation, size) / fit
    smallest = size[0] / 1024 * float(rng.uniform(9, 13))
    return look(
        _middle(rng, table),
        distance=max(min(distance, focal * 2 * table.ball / smallest), 1.0),
        yaw=yaw,
        elevation=elevation,
        roll=float(rng.normal(0, 0.012)),
        focal=focal,
        size=size,
    )


def _middle(rng: Generator, table: Table) -> Floats:
    """Return a point (3,) near the middle of the table."""
    return np.array([rng.normal(0, 0.08) * table.length, rng.normal(0, 0.08) * table.width, 0])


def _reach(table: Table, yaw: float, elevation: float, size: tuple[int, int]) -> float:
    """Return metres a pixel may stand for so that the table fills the picture, seen from ``yaw``."""
    out = 2 * (table.cushion + table.rail)
    long, short = table.length + out, table.width + out
    across = abs(np.sin(yaw)) * long + abs(np.cos(yaw)) * short
    away = (abs(np.cos(yaw)) * long + abs(np.sin(yaw)) * short) * np.sin(elevation)
    return float(max(across / size[0], away / size[1]))
