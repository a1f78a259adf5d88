"""What is learnt from a batch: finding from every ball and pocket, kinds only from balls of known kind."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from engine.billiards.classes import BALL, POCKET
from engine.models.yolo import CLASSES, build_nano
from engine.training.detector_loss import FOUND, KIND_GAIN, FindThenName

BOX = [0.5, 0.5, 0.3, 0.3]
SCORES = "model.23.cv3.{}.2.bias"


@pytest.fixture(scope="module")
def model() -> Any:
    torch.manual_seed(1)
    built: Any = build_nano()
    built.args = SimpleNamespace(box=7.5, cls=0.5, dfl=1.5)
    built.criterion = FindThenName(built)
    return built.train()


def batch(*labels: str, pockets: float = 1.0) -> dict[str, Tensor]:
    """Return a batch of one picture with a box of each label, all in one place."""
    return {
        "img": torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(2)),
        "batch_idx": torch.zeros(len(labels)),
        "cls": torch.tensor([[float(CLASSES.index(label))] for label in labels]).reshape(-1, 1),
        "bboxes": torch.tensor([BOX] * len(labels)).reshape(-1, 4),
        "pockets": torch.tensor([pockets]),
    }


def parts(model: Any, given: dict[str, Tensor]) -> Tensor:
    found: Tensor = model(given)[0]
    return found


def pull(model: Any, given: dict[str, Tensor]) -> Tensor:
    """Return how the loss pulls at the score of each class, float (classes,), summed over strides."""
    model.zero_grad()
    parts(model, given).sum().backward()
    named = dict(model.named_parameters())
    pulls: Tensor = sum((named[SCORES.format(k)].grad for k in range(3)), torch.zeros(len(CLASSES)))
    return pulls


def test_there_are_four_parts_box_found_edge_and_kind(model: Any) -> None:
    found = parts(model, batch("red"))
    assert found.shape == (4,)
    assert (found > 0).all()


def test_a_ball_pulls_up_its_own_kind_and_pushes_down_the_others(model: Any) -> None:
    pulled = pull(model, batch("red"))[FOUND:]
    red = CLASSES.index("red") - FOUND
    assert pulled[red] < 0
    assert (torch.cat([pulled[:red], pulled[red + 1 :]]) > 0).all()
    assert float(pulled.sum()) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("label", [BALL, POCKET])
def test_what_has_no_kind_teaches_none(label: str, model: Any) -> None:
    assert parts(model, batch(label))[3] == 0
    assert (pull(model, batch(label))[FOUND:] == 0).all()
    assert parts(model, batch(label))[0] > 0


def test_the_kind_costs_a_ball_nothing_of_its_being_found(model: Any) -> None:
    found = [parts(model, batch(label))[:3] for label in ("red", "eight", BALL)]
    assert torch.allclose(found[0], found[1])
    assert torch.allclose(found[0], found[2])


def test_a_ball_is_no_pocket_and_a_pocket_no_ball(model: Any) -> None:
    ball, pocket = pull(model, batch("cue")), pull(model, batch(POCKET))
    assert ball[0] < pocket[0]
    assert pocket[1] < ball[1]


def test_where_pockets_are_not_labelled_nothing_is_said_of_them(model: Any) -> None:
    assert pull(model, batch("cue", pockets=1.0))[1] > 0
    assert pull(model, batch("cue", pockets=0.0))[1] == 0
    assert pull(model, batch("cue", pockets=0.0))[0] == pull(model, batch("cue"))[0]


def test_a_picture_without_anything_is_a_lesson_in_finding_alone(model: Any) -> None:
    found = parts(model, batch())
    assert found[1] > 0
    assert found[[0, 2, 3]].tolist() == [0, 0, 0]


def test_the_kind_is_worth_what_its_gain_says(model: Any) -> None:
    """Twelve kinds that nobody knows yet cost about log 12 each."""
    told = parts(model, batch("blue"))[3].item()
    assert told == pytest.approx(KIND_GAIN * 2.485, rel=0.25)
