"""The official SAM 2.1 checkpoints load and draw: their structure, with random numbers, as upstream saves them."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from engine import rle
from engine.adapters.sam2.factory import open_segmenter
from engine.models.catalogue import OFFICIAL
from engine.models.checkpoints import build_official, load_segmenter
from engine.types import Clip, Image, Prompt

CLIP = Clip("clip", "video", "media.mp4", 0, 2, 320, 180, Fraction(30))
BOX = (90.0, 70.0, 111.0, 91.0)
SIZES = {"tiny": 38.96, "small": 46.06, "base_plus": 80.85, "large": 224.45}  # million numbers


def save(name: str, path: Path, *, half: bool = False) -> Path:
    """Save a model with random numbers that sees a ball everywhere."""
    torch.manual_seed(1)
    network = build_official(name)
    with torch.no_grad():
        network.sam_mask_decoder.pred_obj_score_head.layers[-1].bias += 50
    torch.save({"model": network.half().state_dict() if half else network.state_dict()}, path)
    return path


def picture(frame: int) -> Image:
    """Return a red ball of radius 10 on cloth; it rolls to the right."""
    y, x = np.mgrid[:180, :320]
    rgb = np.full((180, 320, 3), (30, 110, 70), np.uint8)
    rgb[(x - 100 - frame) ** 2 + (y - 80) ** 2 <= 100] = (220, 30, 30)
    return rgb


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_every_official_size_loads_by_path_and_is_recognised_as_itself(
    size: str, tmp_path: Path
) -> None:
    name = f"sam2.1_hiera_{size}"
    loaded = load_segmenter(str(save(name, tmp_path / "any name.pt", half=True)))
    count = sum(weight.numel() for weight in loaded.network.parameters())
    assert loaded.about["model"] == name
    assert round(count / 1e6, 2) == SIZES[size]
    assert {weight.dtype for weight in loaded.network.parameters()} == {torch.float32}
    assert set(OFFICIAL) == {f"sam2.1_hiera_{each}" for each in SIZES}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save("sam2.1_hiera_tiny", tmp_path_factory.mktemp("official") / "tiny.pt")


@pytest.mark.slow
def test_an_official_model_draws_and_carries_a_ball_in_the_whole_picture(tiny: Path) -> None:
    segmenter = open_segmenter(model=str(tiny), device="cpu")
    assert not segmenter.windows
    with segmenter.open(CLIP) as session:
        first = session.step(0, picture(0), [Prompt(0, 1, box=BOX)])
        second = session.step(1, picture(1))
    for masks in (first, second):
        assert [mask.track for mask in masks.masks] == [1]
        assert masks.masks[0].rle.size == (180, 320)


@pytest.mark.slow
def test_an_official_model_draws_in_a_window_around_the_ball(tiny: Path) -> None:
    segmenter = open_segmenter(model=str(tiny), mode="windows", device="cpu")
    with segmenter.open(CLIP) as session:
        masks = session.step(0, picture(0), [Prompt(0, 1, box=BOX)])
    box = rle.bbox(masks.masks[0].rle)
    reach = segmenter.context * (BOX[2] - BOX[0]) / 2 + 2
    assert box is not None
    assert all(
        abs(side - middle) <= reach
        for side, middle in zip(box, (100.5, 80.5, 100.5, 80.5), strict=True)
    )


@pytest.mark.slow
def test_an_official_model_is_set_up_for_video_as_upstreams_own_predictor(tiny: Path) -> None:
    from sam2.build_sam import build_sam2_video_predictor  # noqa: PLC0415 - brings Hydra along

    theirs = build_sam2_video_predictor("configs/sam2.1/sam2.1_hiera_t.yaml", device="cpu")
    ours = load_segmenter(str(tiny)).network
    for name, value in vars(ours).items():
        if isinstance(value, bool | int | float) and name != "training":
            assert getattr(theirs, name) == value, name
    ours, theirs = ours.sam_mask_decoder, theirs.sam_mask_decoder
    assert ours.dynamic_multimask_via_stability
    assert ours.dynamic_multimask_stability_thresh == theirs.dynamic_multimask_stability_thresh
    assert ours.dynamic_multimask_stability_delta == theirs.dynamic_multimask_stability_delta
