"""The bundled demonstration clip: one shot into a cluster, rendered again by this command alone.

``python -m engine.synth.demo`` writes engine/assets/demo.mp4 and its truth, demo.json: five seconds in which an arm
and a cue lie over the balls, the cue ball runs into the cluster, balls collide, bounce and one is potted.
"""

import argparse
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from engine.synth.film import write_clip
from engine.synth.render import RenderedClip, render_clip
from engine.synth.scene import Scene, Stroke

SEED, WIDTH, HEIGHT, CRF = 371, 960, 540, 22
FRAMES, RATE = 150, Fraction(30)
AIMING = 0.8
"""Seconds in which somebody aims before the ball is hit."""


def demo_clip() -> RenderedClip:
    """Return the demonstration clip; it renders while it is iterated.

    Raises ``RuntimeError`` when ``SEED`` does not draw a scene with a player any more.
    """
    found = prepared(_base(SEED, FRAMES))
    if found is None:
        raise RuntimeError(f"seed {SEED} draws no suitable shot; take what find_seed() returns")
    return found


def find_seed(*, first: int = SEED, tries: int = 2000) -> int:
    """Return the first seed whose scene makes a good demonstration.

    Raises ``RuntimeError`` when none of ``tries`` does.
    """
    for seed in range(first, first + tries):
        clip = prepared(_base(seed, FRAMES))
        if clip is not None and _tells_a_story(clip):
            return seed
    raise RuntimeError(f"none of {tries} seeds from {first} on pots exactly one ball; try others")


def prepared(clip: RenderedClip) -> RenderedClip | None:
    """Return ``clip`` begun while somebody aims, or None where nobody plays in it."""
    stroke = clip.scene.stroke
    if stroke is None or stroke.strike is None or clip.scene.profile == "snooker":
        return None
    return replace(clip, scene=_from_the_aim(clip.scene, stroke))


def _base(seed: int, frames: int) -> RenderedClip:
    return render_clip(seed, width=WIDTH, height=HEIGHT, frames=frames, rate=RATE, style="oblique")


def _from_the_aim(scene: Scene, stroke: Stroke) -> Scene:
    aimed = replace(stroke, strike=AIMING, swing=0.1)
    return replace(scene, begin=-AIMING, stroke=aimed, shutter=0.35)


def _tells_a_story(clip: RenderedClip) -> bool:
    """Tell whether one ball, not the cue ball, is potted, at least four move, and all are in the picture."""
    scene, last = clip.scene, FRAMES / float(RATE) - AIMING
    potted = [e.balls[0] for e in scene.shot.events if e.kind == "pot" and e.time < last]
    before, after = scene.shot.at(0.0), scene.shot.at(last)
    moved = np.linalg.norm(after.place[:, :2] - before.place[:, :2], axis=1) > 0.03
    if len(potted) != 1 or potted[0] == 0 or moved.sum() < 4 or len(moved) < 7:
        return False
    shown, _ = scene.camera.project(np.concatenate([before.place, after.place[after.alive]]))
    return bool((shown > 12).all() and (shown < np.array([WIDTH, HEIGHT]) - 12).all())


def main() -> None:
    """Write the clip and its truth."""
    parser = argparse.ArgumentParser(prog="python -m engine.synth.demo", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "assets")
    write_clip(parser.parse_args().out, "demo", demo_clip(), seed=SEED, crf=CRF)


if __name__ == "__main__":
    main()
