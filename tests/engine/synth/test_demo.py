"""The bundled clip has its truth beside it, and the checked-in command renders it again."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine.media import decode
from engine.synth.demo import AIMING, FRAMES, RATE, demo_clip
from engine.synth.truth import frame_masks

ASSETS = Path(__file__).parents[3] / "engine" / "assets"


def test_the_bundled_clip_has_its_truth_beside_it() -> None:
    truth = json.loads((ASSETS / "demo.json").read_text())
    film = list(decode(ASSETS / "demo.mp4"))
    assert len(film) == len(truth["masks"]) == truth["frames"] == 150
    assert (ASSETS / "demo.mp4").stat().st_size < 1_000_000


def test_a_ball_of_the_bundled_clip_is_potted_and_vanishes() -> None:
    truth = json.loads((ASSETS / "demo.json").read_text())
    first, last = ({entry["track"] for entry in truth["masks"][k]} for k in (0, -1))
    assert len(first - last) >= 1
    assert last < first


@pytest.mark.slow
def test_the_command_renders_the_bundled_clip_in_which_somebody_aims_and_pots_one_ball() -> None:
    clip = demo_clip()
    events = clip.events()
    assert len(clip) == FRAMES
    strike = next(frame for frame, event in events if event.kind == "strike")
    assert strike == round(AIMING * float(RATE))
    potted = [event.balls[0] for _, event in events if event.kind == "pot"]
    assert len(potted) == 1
    assert potted[0] != 0
    assert len({ball for _, event in events for ball in event.balls}) >= 4
    frame = next(iter(clip))
    assert len(np.unique(frame.tracks)) - 1 >= 6
    truth = json.loads((ASSETS / "demo.json").read_text())
    assert frame_masks(frame) == truth["masks"][0]
    assert len(truth["events"]) == len(events)
