"""Weights of the ball YOLO: what is written comes back, what is wrong says so."""

import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from engine.errors import WeightsError
from engine.models.yolo import (
    BUNDLED,
    CLASSES,
    ModelCard,
    build_nano,
    load_checkpoint,
    load_weights,
    read_card,
    save_weights,
    shift_scores,
    ultralytics_tasks,
)

CARD = ModelCard(
    size=640, confidence=0.4, command="train --seed 3", seed=3, code="1.2.3", history="short"
)


@pytest.fixture(scope="module")
def model() -> nn.Module:
    torch.manual_seed(0)
    return build_nano()


@pytest.fixture
def weights(model: nn.Module, tmp_path: Path) -> Path:
    save_weights(tmp_path / "some" / "ball.safetensors", model, CARD)
    return tmp_path / "some" / "ball.safetensors"


def test_a_card_comes_back_as_it_was_written(weights: Path) -> None:
    assert read_card(weights) == CARD
    assert load_weights(weights)[1] == CARD


def test_kernels_come_back_to_half_precision_and_statistics_exactly(
    model: nn.Module, weights: Path
) -> None:
    loaded = load_weights(weights)[0].state_dict()
    for name, value in model.state_dict().items():
        if value.ndim > 1:
            assert torch.equal(loaded[name], value.half().float()), name
        else:
            assert torch.equal(loaded[name], value), name


def test_a_loaded_model_is_ready_to_look(weights: Path) -> None:
    assert not load_weights(weights)[0].training


def test_the_file_stays_under_eight_megabytes(weights: Path) -> None:
    assert weights.stat().st_size < 8_000_000


def test_nothing_half_written_is_left_beside_the_weights(weights: Path) -> None:
    assert [path.name for path in weights.parent.iterdir()] == ["ball.safetensors"]


def test_a_missing_file_is_named_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"nowhere\.safetensors: there is no such weights file"):
        load_weights(tmp_path / "nowhere.safetensors")
    with pytest.raises(WeightsError, match=r"nowhere\.pt: there is no such weights file"):
        load_checkpoint(tmp_path / "nowhere.pt")


def test_a_truncated_file_asks_to_be_copied_again(weights: Path) -> None:
    weights.write_bytes(weights.read_bytes()[:-1000])
    with pytest.raises(WeightsError, match="not a whole safetensors file"):
        load_weights(weights)


def test_tensors_of_something_else_have_no_card(tmp_path: Path) -> None:
    save_file({"x": torch.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match=r"its header lacks .*; expected weights written by"):
        load_weights(tmp_path / "other.safetensors")


def test_weights_of_another_architecture_are_refused_by_name(
    model: nn.Module, tmp_path: Path
) -> None:
    path = tmp_path / "other.safetensors"
    save_weights(path, model, ModelCard(architecture="yolo99x"))
    with pytest.raises(WeightsError, match="'yolo99x', expected 'yolo11n'"):
        load_weights(path)


def test_weights_for_other_classes_than_the_card_says_are_refused(
    model: nn.Module, tmp_path: Path
) -> None:
    path = tmp_path / "other.safetensors"
    save_weights(path, model, ModelCard(classes=("ball",)))
    with pytest.raises(WeightsError, match="do not fit yolo11n with 1 classes"):
        load_weights(path)


def test_a_checkpoint_of_ultralytics_brings_its_own_names_and_size(tmp_path: Path) -> None:
    theirs = ultralytics_tasks().DetectionModel("yolo11n.yaml", nc=2, verbose=False)
    theirs.names = {0: "ball", 1: "rack"}
    torch.save(
        {"model": theirs, "ema": None, "train_args": {"imgsz": 416}, "version": "8"},
        tmp_path / "best.pt",
    )
    model, card = load_checkpoint(tmp_path / "best.pt")
    assert (card.classes, card.size, card.code) == (("ball", "rack"), 416, "ultralytics 8")
    assert not model.training


@pytest.mark.parametrize("content", [{"model": nn.Linear(1, 1)}, {"weights": 3}, [1, 2]])
def test_a_checkpoint_without_a_detector_is_refused(content: object, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "odd.pt")
    with pytest.raises(WeightsError, match="expected an ultralytics DetectionModel"):
        load_checkpoint(tmp_path / "odd.pt")


def test_a_checkpoint_that_would_run_code_is_refused_and_not_executed(
    trap: tuple[Path, Path],
) -> None:
    with pytest.raises(WeightsError, match=r"Path.*could run code.*nothing was executed"):
        load_checkpoint(trap[0])
    assert not trap[1].exists()


def test_a_function_hidden_in_a_real_detector_is_refused(tmp_path: Path) -> None:
    theirs = ultralytics_tasks().DetectionModel("yolo11n.yaml", nc=1, verbose=False)
    theirs.forward_later = exec
    torch.save({"model": theirs}, tmp_path / "best.pt")
    with pytest.raises(WeightsError, match=r"exec.*could run code"):
        load_checkpoint(tmp_path / "best.pt")


def test_bytes_that_are_no_checkpoint_are_refused(tmp_path: Path) -> None:
    (tmp_path / "torn.pt").write_bytes(b"PK\x03\x04 and then the disk was full")
    with pytest.raises(WeightsError, match="not a readable ultralytics checkpoint"):
        load_checkpoint(tmp_path / "torn.pt")


def test_shifted_scores_keep_their_order_and_their_boxes(model: nn.Module) -> None:
    shifted = deepcopy(model).eval()
    shift_scores(shifted, 1.5)
    picture = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        before, after = deepcopy(model).eval()(picture)[0][0], shifted(picture)[0][0]
    assert torch.equal(before[:4], after[:4])
    assert torch.allclose(torch.logit(before[4:]) + 1.5, torch.logit(after[4:]), atol=1e-3)


def test_the_bundled_weights_know_kinds_of_balls_and_how_they_were_made() -> None:
    card = read_card(BUNDLED)
    assert card.classes in (CLASSES, ("cue", "solid", "stripe", "eight", "plain"))
    assert card.size % 32 == 0
    assert 0.05 <= card.confidence <= 0.9
    assert "python -m engine.training.detector" in card.command
    assert card.code
    assert BUNDLED.stat().st_size < 8_000_000


QUIET = """
import logging, os, socket, sys
def refuse(*arguments, **named): raise SystemExit("the network was asked")
socket.getaddrinfo = socket.create_connection = refuse
before = dict(os.environ)
from engine.models.yolo import build_nano
build_nano()
from ultralytics.utils import SETTINGS
assert SETTINGS["sync"] is False
assert dict(os.environ).items() >= {k: v for k, v in before.items() if k.startswith("YOLO")}.items()
assert "YOLO_CONFIG_DIR" not in os.environ
"""


@pytest.mark.slow
def test_building_a_model_asks_no_network_prints_nothing_and_leaves_no_file_at_home(
    tmp_path: Path,
) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    environment.pop("YOLO_CONFIG_DIR", None)
    done = subprocess.run(
        [sys.executable, "-c", QUIET],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
