"""How a camera that nobody screwed down moves: slow drift and fast tremor. Knows angles and metres, no picture."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from engine.synth.camera import Camera, Floats, moved


@dataclass(frozen=True, slots=True)
class Shake:
    """Sums of swings: ``rates`` (n,) a second, ``phases`` (n, 6), ``sizes`` (n, 6).

    The six are turns about right, down and forward in rad, and shifts along them in metres.
    """

    rates: Floats
    phases: Floats
    sizes: Floats


def random_shake(rng: Generator, camera: Camera) -> Shake:
    """Return a slight unrest: drifts of up to some pixels, tremor of less than one, at 1024 pixels of width."""
    pixel = camera.width / 1024 / camera.focal
    drift = float(np.exp(rng.uniform(np.log(0.4), np.log(6.0))))
    tremor = float(rng.uniform(0.0, 0.7))
    rates = np.concatenate([rng.uniform(0.1, 0.9, 4), rng.uniform(3.0, 9.0, 3)])
    loud = np.concatenate([np.full(4, drift / 2), np.full(3, tremor / 2)])
    turns = loud[:, None] * rng.normal(0, 1, (7, 3)) * pixel * (1.0, 1.0, 0.6)
    held = float(rng.choice([0.0, rng.uniform(0.0005, 0.004)]))
    shifts = held * rng.normal(0, 1, (7, 3)) * (rates < 1)[:, None]
    phases = rng.uniform(0, 2 * np.pi, (7, 6))
    return Shake(rates, phases, np.concatenate([turns, shifts], axis=1))


def shaken(camera: Camera, shake: Shake, seconds: float) -> Camera:
    """Return ``camera`` as ``shake`` holds it at a moment."""
    waves = np.sin(2 * np.pi * shake.rates[:, None] * seconds + shake.phases)
    six = (shake.sizes * waves).sum(axis=0)
    return moved(camera, turn=six[:3], shift=six[3:])
