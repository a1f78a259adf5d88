"""Calibration: after it 0.5 is the confidence that serves balls best, and pockets, each on its own."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.billiards.classes import BALL, POCKET
from engine.models.yolo import BUNDLED, CLASSES, build_nano, load_weights, shift_scores
from engine.models.yolo_infer import letterbox
from engine.training.detector_check import Checked, calibrate
from engine.training.detector_data import Still
from engine.training.detector_score import LEVELS, Score

HIGH, WIDE = 96, 160
RED = CLASSES.index("red")


def rgb() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return green cloth with a red ball of 20 pixels."""
    row, column = np.mgrid[:HIGH, :WIDE] + 0.5
    picture = np.full((HIGH, WIDE, 3), (20, 110, 60), np.uint8)
    picture[(column - 60) ** 2 + (row - 50) ** 2 < 100] = (220, 30, 30)
    return picture


def still(folder: Path, *, labels: tuple[int, ...] = (RED,), pockets: bool = True) -> Still:
    """Return a still on which every label has the red ball's box."""
    cv2.imwrite(str(folder / "a_0.png"), rgb()[..., ::-1])
    box = np.array([[50, 40, 70, 60]] * len(labels), np.float32).reshape(-1, 4)
    relative = (box / [WIDE, HIGH, WIDE, HIGH]).astype(np.float32)
    return Still(folder / "a_0.png", relative, np.array(labels, np.int64), pockets)


@pytest.fixture
def knowing() -> tuple[nn.Module, tuple[str, ...]]:
    model, card = load_weights(BUNDLED)
    return model, card.classes


def score_at(model: nn.Module, rows: list[int]) -> float:
    """Return the best score of some classes anywhere on the picture."""
    with torch.inference_mode():
        raw = model(letterbox(torch.from_numpy(rgb()), WIDE)[0])[0][0]
    return float(raw[4:][rows].max())


def biases(model: nn.Module) -> dict[str, Tensor]:
    found = model.state_dict().items()
    return {n: v.clone() for n, v in found if n.startswith("model.23.cv3") and n.endswith("2.bias")}


def test_the_best_confidence_becomes_one_half(
    knowing: tuple[nn.Module, tuple[str, ...]], tmp_path: Path
) -> None:
    model, classes = knowing
    shift_scores(model, -2.0)
    assert calibrate(model, [still(tmp_path)], size=WIDE, classes=classes).balls.recall == 1
    before = biases(model)
    calibrate(model, [still(tmp_path)], size=WIDE, classes=classes)
    assert len(before) == 3
    moved = [
        float((value - before[name]).abs().max())
        for name, value in biases(model).items()
        if classes[0] != BALL or value[0] != before[name][0]
    ]
    assert max(moved, default=0.0) < 0.2


def test_a_pocket_on_the_still_is_no_ball_to_be_found(
    knowing: tuple[nn.Module, tuple[str, ...]], tmp_path: Path
) -> None:
    model, classes = knowing
    one = still(tmp_path, labels=(RED, CLASSES.index(POCKET)))
    assert calibrate(model, [one], size=WIDE, classes=classes).balls.truth == 1


def with_pockets() -> nn.Module:
    """Return a network of ours that takes the best anchors for balls and for pockets alike."""
    torch.manual_seed(0)
    model = build_nano().eval()
    shift_scores(model, 6.0, only=[0])
    shift_scores(model, 3.0, only=[1])
    return model


@pytest.mark.parametrize("known", [0, 1])
def test_pockets_are_judged_only_where_the_truth_knows_of_them(known: int, tmp_path: Path) -> None:
    one = still(tmp_path, labels=(RED, CLASSES.index(POCKET)), pockets=bool(known))
    checked = calibrate(with_pockets(), [one], size=WIDE, classes=CLASSES)
    assert checked.pockets.truth == known
    assert checked.balls.truth == 1


def test_a_model_that_finds_nothing_keeps_its_scores(tmp_path: Path) -> None:
    model = build_nano().eval()
    before = biases(model)
    assert calibrate(model, [still(tmp_path)], size=WIDE, classes=CLASSES).balls.hits == 0
    assert all(torch.equal(value, before[name]) for name, value in biases(model).items())


def test_without_stills_nothing_is_calibrated() -> None:
    model = build_nano().eval()
    before = biases(model)
    assert calibrate(model, [], size=WIDE, classes=CLASSES) == Checked(Score(), Score())
    assert all(torch.equal(value, before[name]) for name, value in biases(model).items())


def test_kinds_are_left_alone_where_one_class_says_that_there_is_a_ball(
    knowing: tuple[nn.Module, tuple[str, ...]], tmp_path: Path
) -> None:
    from engine.models.yolo import transfer  # noqa: PLC0415 - the one test that needs it

    model, classes = knowing
    ours = build_nano().eval()
    transfer(ours, model, classes)
    shift_scores(ours, 2.0, only=[0])
    before = biases(ours)
    assert calibrate(ours, [still(tmp_path)], size=WIDE, classes=CLASSES).balls.hits == 1
    for name, value in biases(ours).items():
        assert torch.equal(value[1:], before[name][1:])
        assert value[0] != before[name][0]
    assert score_at(ours, [0]) == pytest.approx(0.5, abs=0.02) or score_at(ours, [0]) > 0.5
    assert min(LEVELS) > 0
