"""A run trains by the clock, leaves weights that open by path, and goes on where it stopped."""

import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from engine.errors import SelectionError, SettingsError, WeightsError
from engine.models.checkpoints import load_segmenter
from engine.training.run_log import CURVE
from engine.training.segmenter import CHECKPOINT, WEIGHTS, Options, train
from engine.training.segmenter_learning import follow, rate_of
from engine.training.segmenter_state import open_state, write_beside

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def said() -> list[str]:
    return []


@pytest.fixture(scope="module")
def run(discs: Path, tmp_path_factory: pytest.TempPathFactory, said: list[str]) -> Options:
    out = tmp_path_factory.mktemp("run") / "new"
    options = Options((discs,), out, steps=2, batch=2, frames=2, workers=0, seed=3, threads=1)
    train(options, say=said.append)
    return options


def kept(run: Options) -> dict[str, Any]:
    found: dict[str, Any] = torch.load(run.out / CHECKPOINT, weights_only=True)
    return found


def test_a_run_leaves_weights_that_open_by_path_and_say_where_they_come_from(run: Options) -> None:
    loaded = load_segmenter(str(run.out / WEIGHTS))
    assert loaded.about["context"] == "3.5"
    assert loaded.about["seed"] == "3"
    assert loaded.about["steps"] == "2"
    assert not list(run.out.glob("*.partial"))


def test_it_says_what_it_does_how_far_it_is_and_what_it_lacks(
    run: Options, said: list[str]
) -> None:
    assert f"nano at 96 px on windows, cpu, fp32, from step 0; into {run.out}" in said[0]
    assert "--held-out" in said[1]
    assert said[2].startswith("step 2  any ")
    assert said[2].endswith("0 s left")


def test_resuming_goes_on_counting_and_keeps_weights_and_random_state(
    run: Options, tmp_path: Path
) -> None:
    again = replace(run, out=tmp_path / "again", steps=3, resume=True)
    shutil.copytree(run.out, again.out)
    before = kept(again)
    report = train(again)
    after = kept(again)
    assert (before["step"], after["step"], report.steps) == (2, 3, 3)
    assert after["seconds"] > before["seconds"]
    assert not torch.equal(after["dice"], before["dice"])
    name = "memory_attention.norm.weight"
    assert (after["model"][name] - before["model"][name]).abs().max() < 0.1
    with (again.out / CURVE).open() as file:
        assert [line.partition(",")[0] for line in file] == ["step", "2", "3"]


def test_two_resumptions_of_one_checkpoint_take_the_same_steps(
    run: Options, tmp_path: Path
) -> None:
    states = []
    for name in ("a", "b"):
        again = replace(run, out=tmp_path / name, steps=4, resume=True)
        shutil.copytree(run.out, again.out)
        train(again)
        states.append(kept(again))
    first, second = (state["model"] for state in states)
    for name, value in first.items():
        torch.testing.assert_close(value, second[name], rtol=1e-3, atol=1e-4)


def test_a_checkpoint_of_an_older_version_without_random_state_and_plan_goes_on(
    run: Options, tmp_path: Path
) -> None:
    old = kept(run)
    for name in ("dice", "chance", "about", "bridge"):
        del old[name]
    torch.save(old, tmp_path / CHECKPOINT)
    report = train(replace(run, out=tmp_path, steps=3, resume=True, context=3.0))
    assert report.steps == 3
    assert kept(replace(run, out=tmp_path))["about"]["context"] == "3.0"


def test_stopping_saves_and_reports_it(run: Options, tmp_path: Path) -> None:
    asked = replace(run, out=tmp_path, steps=9)
    report = train(asked, stop=lambda: True)
    assert report.interrupted
    assert (report.steps, kept(asked)["step"]) == (1, 1)
    assert report.weights.is_file()


def test_a_run_is_not_overwritten_by_another(run: Options) -> None:
    with pytest.raises(SettingsError, match="--resume"):
        train(run)


def test_a_run_that_is_over_says_how_to_go_on(run: Options) -> None:
    with pytest.raises(SettingsError, match=r"2 steps.*--steps"):
        train(replace(run, resume=True))


def test_resuming_without_a_checkpoint_says_what_to_do(discs: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="leave --resume out"):
        train(Options((discs,), tmp_path, minutes=0.01, workers=0, resume=True))


def test_a_torn_checkpoint_is_refused_by_name(run: Options, tmp_path: Path) -> None:
    whole = (run.out / CHECKPOINT).read_bytes()
    (tmp_path / CHECKPOINT).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WeightsError, match=r"last\.pt: no checkpoint of a training"):
        train(replace(run, out=tmp_path, resume=True, steps=9))


def test_a_folder_without_clips_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SelectionError, match=r"engine synth"):
        train(Options((tmp_path,), tmp_path / "out"))


def test_weights_to_begin_with_are_taken_over_with_their_context(
    run: Options, tmp_path: Path
) -> None:
    given = str(run.out / WEIGHTS)
    state = open_state(Options((), tmp_path, init=given), torch.device("cpu"))
    assert len(state.pupil.alarm) == 0
    assert state.plan.rate < 8e-4
    name = "memory_attention.norm.weight"
    expected = load_segmenter(given).network.state_dict()[name]
    torch.testing.assert_close(state.pupil.model.state_dict()[name], expected)


def test_weights_to_begin_with_that_are_no_segmenter_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(WeightsError, match=r"x\.safetensors"):
        open_state(Options((), tmp_path, init=str(tmp_path / "x.safetensors")), torch.device("cpu"))


@pytest.mark.parametrize(
    ("name", "value"),
    [("batch", 0), ("frames", 1), ("minutes", 0.0), ("steps", -1), ("side", 100)],
)
def test_options_outside_their_range_are_refused(name: str, value: float) -> None:
    with pytest.raises(SettingsError, match=name):
        Options((), Path(), **{name: value})


def test_the_rate_climbs_then_falls_with_the_time_that_is_spent(tmp_path: Path) -> None:
    options = Options((tmp_path,), tmp_path, minutes=10, rate=1.0)
    state = open_state(options, torch.device("cpu"))
    assert rate_of(options, state) == pytest.approx(1 / 200)
    state.step, rates = 1000, []
    for state.seconds in range(0, 601, 60):
        rates.append(rate_of(options, state))
    assert rates == sorted(rates, reverse=True)
    assert rates[0] == pytest.approx(1.0)
    assert rates[-1] == pytest.approx(0.02)


def test_the_average_closes_in_on_the_weights_and_their_statistics() -> None:
    mine, theirs = (nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)) for _ in range(2))
    with torch.no_grad():
        theirs[1].running_mean.fill_(8.0)
    for _ in range(10):
        follow(mine, theirs, 0.5)
    assert float(mine[1].running_mean[0]) == pytest.approx(8 * (1 - math.pow(0.5, 10)))
    torch.testing.assert_close(mine[0].weight, theirs[0].weight, atol=1e-2, rtol=0)


def test_a_file_that_is_not_written_to_its_end_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / CHECKPOINT
    path.write_text("whole")

    def torn(partial: Path) -> None:
        partial.write_text("ha")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_beside(path, torn)
    assert path.read_text() == "whole"
    write_beside(path, lambda partial: partial.write_text("new"))
    assert [file.read_text() for file in tmp_path.iterdir()] == ["new"]
