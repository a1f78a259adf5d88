"""The bundled demonstration clip: one shot into a cluster, rendered again by this command alone.

``python -m engine.synth.demo`` writes engine/assets/demo.mp4 and its truth, demo.json: five seconds in which an arm
and a cue lie over the balls, the cue ball runs into the cluster, balls collide, bounce and one is potted.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from engine.synth import motion
from engine.synth.dataset import write_clip
from engine.synth.render import Frame, RenderedClip, render_clip
from engine.synth.scene import Scene

SEED, WIDTH, HEIGHT, CRF = 31020, 960, 540, 25
AIMING, ROLLING, RATE = 24, 126, Fraction(30)
SHOT = (-1.749, -1.993)  # metres a second of the cue ball, found by ``find_shot``


@dataclass(frozen=True, slots=True)
class TwoParts(RenderedClip):
    """A clip at rest that goes on as another: somebody aims, then the ball is hit."""

    then: RenderedClip | None = None

    def __iter__(self) -> Iterator[Frame]:
        """Render both parts."""
        yield from RenderedClip.__iter__(self)
        yield from self.then or ()


def demo_clip() -> RenderedClip:
    """Return the demonstration clip; it renders while it is iterated."""
    base = render_clip(SEED, width=WIDTH, height=HEIGHT, frames=ROLLING, rate=RATE, style="oblique")
    still = _with_speed(base.scene, (0.0, 0.0))
    moving = replace(base, scene=_with_speed(base.scene, SHOT))
    return TwoParts(WIDTH, HEIGHT, AIMING, RATE, base.objects, still, SEED, then=moving)


def find_shot(*, tries: int = 200) -> tuple[float, float]:
    """Return the first of ``tries`` shots that pots one ball, not the cue ball, and moves at least four."""
    scene = render_clip(
        SEED, width=WIDTH, height=HEIGHT, frames=1, rate=RATE, style="oblique"
    ).scene
    rng = np.random.default_rng(SEED)
    for _ in range(tries):
        target = int(rng.integers(1, len(scene.looks)))
        way = scene.state.place[target, :2] - scene.state.place[0, :2] + rng.normal(0, 0.02, 2)
        shot = way / np.linalg.norm(way) * rng.uniform(2.0, 5.0)
        end = _with_speed(scene, (float(shot[0]), float(shot[1]))).state
        begin = end.copy()
        for _ in range(round(ROLLING / float(RATE) / motion.STEP)):
            motion.advance(end, scene.table, friction=scene.friction)
        moved = np.linalg.norm(end.place[:, :2] - begin.place[:, :2], axis=1) > 0.03
        if end.alive[0] and (~end.alive).sum() == 1 and moved.sum() >= 4:
            return round(float(shot[0]), 3), round(float(shot[1]), 3)
    raise RuntimeError(f"none of {tries} shots pots exactly one ball; try another seed")


def _with_speed(scene: Scene, speed: tuple[float, float]) -> Scene:
    """Return the scene with every ball at rest but the cue ball."""
    state = scene.state.copy()
    state.speed[:] = 0
    state.speed[0, :2] = speed
    return replace(scene, state=state, friction=0.3, shutter=0.35)


def main() -> None:
    """Write the clip and its truth."""
    parser = argparse.ArgumentParser(prog="python -m engine.synth.demo", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "assets")
    write_clip(parser.parse_args().out, "demo", demo_clip(), seed=SEED, crf=CRF)


if __name__ == "__main__":
    main()
