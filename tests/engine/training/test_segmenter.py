"""A run trains by the clock, leaves weights that open by path, and goes on where it stopped."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from engine.errors import SelectionError, WeightsError
from engine.models.checkpoints import load_segmenter
from engine.training import segmenter
from engine.training.segmenter import CHECKPOINT, WEIGHTS, Options, train

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(discs: Path, tmp_path_factory: pytest.TempPathFactory) -> Options:
    out = tmp_path_factory.mktemp("run")
    options = Options((discs,), out, minutes=0.02, batch=2, frames=2, workers=0, seed=3)
    train(options)
    return options


def test_a_run_leaves_weights_that_open_by_path_and_say_where_they_come_from(run: Options) -> None:
    loaded = load_segmenter(str(run.out / WEIGHTS))
    assert loaded.about["context"] == "3.5"
    assert loaded.about["seed"] == "3"
    assert int(loaded.about["steps"]) >= 1
    assert not list(run.out.glob("*.partial"))


def test_resuming_goes_on_counting_and_keeps_the_weights(run: Options) -> None:
    before = torch.load(run.out / CHECKPOINT, weights_only=True)
    train(replace(run, minutes=0.03, resume=True))
    after = torch.load(run.out / CHECKPOINT, weights_only=True)
    assert after["step"] > before["step"]
    assert after["seconds"] > before["seconds"]
    name = "memory_attention.norm.weight"
    assert (after["model"][name] - before["model"][name]).abs().max() < 0.1


def test_resuming_without_a_checkpoint_says_what_to_do(discs: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="leave --resume out"):
        train(Options((discs,), tmp_path, minutes=0.01, workers=0, resume=True))


def test_a_folder_without_clips_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SelectionError, match=r"engine synth"):
        train(Options((tmp_path,), tmp_path / "out"))


def test_the_rate_climbs_then_falls_with_the_time_that_is_spent(tmp_path: Path) -> None:
    options = Options((tmp_path,), tmp_path, minutes=10, rate=1.0)
    state = segmenter._state(options)
    assert segmenter._rate(options, state) == pytest.approx(1 / 200)
    state.step, rates = 1000, []
    for state.seconds in range(0, 601, 60):
        rates.append(segmenter._rate(options, state))
    assert rates == sorted(rates, reverse=True)
    assert rates[0] == pytest.approx(1.0)
    assert rates[-1] == pytest.approx(0.02)


def test_the_average_closes_in_on_the_weights_and_their_statistics() -> None:
    mine, theirs = (nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)) for _ in range(2))
    with torch.no_grad():
        theirs[1].running_mean.fill_(8.0)
    for _ in range(10):
        segmenter._follow(mine, theirs, 0.5)
    assert float(mine[1].running_mean[0]) == pytest.approx(8 * (1 - math.pow(0.5, 10)))
    torch.testing.assert_close(mine[0].weight, theirs[0].weight, atol=1e-2, rtol=0)
