"""Any SAM 2 of the sam2 package can be trained: small or large, on windows and on whole frames, from nothing or on."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.errors import WeightsError
from engine.models.checkpoints import NANO, build_official, load_segmenter
from engine.training.segmenter import CHECKPOINT, Options, train
from engine.training.segmenter_networks import begin, level_widths, resize, resume

TINY = "sam2.1_hiera_tiny"


def test_nothing_said_means_a_nano_on_windows_from_nothing() -> None:
    begun = begin(Options((), Path()))
    plan = begun.plan
    assert begun.fresh
    assert (plan.model, plan.side, plan.context, plan.views) == ("nano", 96, 3.5, "windows")
    assert plan.rate == 8e-4
    assert plan.weights == "litesam2_nano.safetensors"


def test_given_weights_bring_their_context_and_learn_more_slowly() -> None:
    begun = begin(Options((), Path(), init="nano"))
    assert not begun.fresh
    assert str(begun.plan.context) == load_segmenter("nano").about["context"]
    assert begun.plan.rate == 2e-4


def test_what_is_asked_for_stands_above_what_weights_say() -> None:
    asked = Options((), Path(), init="nano", context=2.5, views="both", side=128, rate=1e-3)
    plan = begin(asked).plan
    assert (plan.context, plan.views, plan.side, plan.rate) == (2.5, "both", 128, 1e-3)


def test_a_resumed_run_goes_on_as_it_was_planned() -> None:
    tensors = begin(Options((), Path())).network.state_dict()
    about = {"context": "3.0", "views": "both", "side": "128", "rate": "0.0005"}
    plan = resume(tensors, about, Options((), Path(), resume=True), fresh=False).plan
    assert (plan.context, plan.views, plan.side, plan.rate) == (3.0, "both", 128, 5e-4)


def test_an_old_run_from_nothing_that_says_nothing_goes_on_at_the_rate_it_had() -> None:
    tensors = begin(Options((), Path())).network.state_dict()
    assert resume(tensors, {}, Options((), Path(), resume=True), fresh=True).plan.rate == 8e-4


def test_a_damaged_header_is_refused() -> None:
    tensors = begin(Options((), Path())).network.state_dict()
    with pytest.raises(WeightsError, match="header is damaged"):
        resume(tensors, {"context": "wide"}, Options((), Path(), resume=True), fresh=True)


def test_an_unknown_model_is_refused_with_the_known_ones() -> None:
    with pytest.raises(WeightsError, match=TINY):
        begin(Options((), Path(), model="sam9"))


def test_a_network_sees_squares_of_another_size_with_the_same_weights() -> None:
    network: Any = begin(Options((), Path())).network
    before = {name: value.shape for name, value in network.state_dict().items()}
    resize(network, 160)
    assert {name: value.shape for name, value in network.state_dict().items()} == before
    assert network.sam_prompt_encoder.get_dense_pe().shape[-2:] == (10, 10)
    assert network.image_size == 160


@pytest.mark.slow
def test_the_widths_of_levels_are_those_of_the_features() -> None:
    for network in (begin(Options((), Path())).network, build_official(TINY)):
        resize(network, 64)
        with torch.inference_mode():
            levels = network.forward_image(torch.zeros(1, 3, 64, 64))["backbone_fpn"]
        assert [level.shape[1] for level in levels] == level_widths(network)


@pytest.mark.slow
@pytest.mark.parametrize("views", ["windows", "frame"])
def test_an_official_model_takes_a_step_is_saved_and_opens_again(
    discs: Path, tmp_path: Path, views: Any
) -> None:
    options = Options((discs,), tmp_path / "run", steps=1, model=TINY, side=128, views=views, batch=2, frames=2,
                      long=0.0, workers=0, threads=1)  # fmt: skip
    report = train(options)
    assert report.weights.name == f"{TINY}.safetensors"
    loaded = load_segmenter(str(report.weights))
    assert loaded.about["model"] == TINY
    assert ("context" in loaded.about) == (views == "windows")
    assert loaded.network.image_size == 1024
    kept = torch.load(report.checkpoint, weights_only=True)["about"]
    assert (kept["model"], kept["side"], kept["views"]) == (TINY, "128", views)


@pytest.mark.slow
def test_a_run_on_whole_frames_goes_on_whole_frames_and_its_checkpoint_begins_another(
    discs: Path, tmp_path: Path
) -> None:
    options = Options((discs,), tmp_path / "a", steps=1, init="nano", views="frame", batch=2, frames=2, long=0.0,
                      workers=0, threads=1)  # fmt: skip
    train(options)
    said: list[str] = []
    train(replace(options, steps=2, resume=True, views=None), say=said.append)
    assert "on frame" in said[0]
    other = replace(options, out=tmp_path / "b", init=str(tmp_path / "a" / CHECKPOINT))
    assert train(other).weights.name == NANO


@pytest.mark.slow
def test_a_step_in_bf16_learns_and_keeps_weights_in_full(discs: Path, tmp_path: Path) -> None:
    options = Options((discs,), tmp_path, steps=1, precision="bf16", batch=2, frames=3, long=0.0, workers=0,
                      threads=1, rate=1.0)  # fmt: skip
    before = begin(options).network.state_dict()
    train(options)
    kept = torch.load(tmp_path / CHECKPOINT, weights_only=True)["model"]
    name = "memory_attention.layers.0.linear1.weight"
    assert kept[name].dtype == torch.float32
    assert torch.isfinite(kept[name]).all()
    assert not torch.equal(kept[name], before[name])
