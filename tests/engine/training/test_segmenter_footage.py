"""What was learned from rendered balls holds on real ones; the full figures come from benchmarks/segment_footage.py."""

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from engine.adapters.sam2 import open_segmenter
from engine.models import checkpoints

ROOT = Path(__file__).resolve().parents[3]
FOOTAGE = Path(os.environ.get("ENGINE_FOOTAGE", ROOT.parent / "shared" / "footage"))
CLIPS = ("game1_clip1", "game1_clip2", "game1_clip3", "game1_clip4")
BUNDLED = Path(checkpoints.__file__).parents[1] / "assets" / checkpoints.NANO

pytestmark = [
    pytest.mark.footage,
    pytest.mark.slow,
    pytest.mark.skipif(
        not (FOOTAGE / CLIPS[0]).is_dir(), reason="no footage here; set ENGINE_FOOTAGE"
    ),
    pytest.mark.skipif(not BUNDLED.is_file(), reason="the bundled weights are not trained yet"),
]


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "segment_footage", ROOT / "benchmarks" / "segment_footage.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("kind", ["box", "click"])
def test_balls_of_the_first_frames_are_drawn_with_a_mean_iou_of_four_fifths(
    benchmark: ModuleType, kind: str
) -> None:
    segmenter = open_segmenter(model="nano", device="cpu")
    found: list[float] = []
    for name in CLIPS:
        picture = np.asarray(
            Image.open(FOOTAGE / name / "frames" / "frame_first.png").convert("RGB")
        )
        truth = benchmark.truth_of(FOOTAGE / name, "first")
        prompts = benchmark.box_prompts(truth) if kind == "box" else benchmark.click_prompts(truth)
        with segmenter.open(benchmark.clip_of(name, [picture])) as session:
            found += benchmark.ious(session.step(0, picture, prompts), truth, own=True)
    assert np.mean(found) >= 0.80


def test_the_ellipse_in_the_box_agrees_with_the_labels_so_that_they_can_be_trusted(
    benchmark: ModuleType,
) -> None:
    floors = [
        benchmark.ellipse_iou(*ball)
        for name in CLIPS
        for ball in benchmark.truth_of(FOOTAGE / name, "first")
    ]
    assert np.mean(floors) > 0.9
