"""One training from step to step: what is learnt, averaged, saved, and what Ctrl-C asks for."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine.errors import WeightsError
from engine.models.yolo import CLASSES, ModelCard, build_nano, save_weights
from engine.stopping import stop_when_asked
from engine.training.detector_batches import Batch
from engine.training.detector_run import (
    State,
    begin,
    learn,
    save,
    schedule,
    take_up,
)

KERNEL = "model.0.conv.weight"


def batch(*, balls: int = 2) -> Batch:
    """Return a batch of two grey pictures of 64 pixels with a white square on each."""
    pictures = torch.full((2, 3, 64, 64), 90, dtype=torch.uint8)
    pictures[:, :, 20:40, 20:40] = 250
    return {
        "img": pictures,
        "batch_idx": torch.arange(balls).float() % 2,
        "cls": torch.full((balls, 1), float(CLASSES.index("cue"))),
        "bboxes": torch.tensor([[30 / 64, 30 / 64, 20 / 64, 20 / 64]]).repeat(balls, 1),
        "pockets": torch.ones(2),
    }


@pytest.fixture(scope="module")
def state() -> State:
    torch.manual_seed(0)
    return begin(device="cpu", rate=1e-3)


def snapshot(state: State) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in state.model.state_dict().items()}


def test_a_step_changes_the_network_counts_itself_and_reports_four_parts(state: State) -> None:
    before, step = snapshot(state), state.step
    parts = learn(state, batch(), rate=1e-3)
    assert parts.shape == (4,)
    assert (parts > 0).all()
    assert state.step == step + 1
    assert not torch.equal(before[KERNEL], state.model.state_dict()[KERNEL])
    assert state.optimizer.param_groups[0]["lr"] == 1e-3


def test_at_rate_zero_nothing_is_learnt(state: State) -> None:
    before = snapshot(state)
    learn(state, batch(), rate=0.0)
    assert torch.equal(before[KERNEL], state.model.state_dict()[KERNEL])


def test_the_average_stays_behind_and_follows(state: State) -> None:
    def behind() -> float:
        average = state.average.state_dict()[KERNEL]
        return float((average - state.model.state_dict()[KERNEL]).abs().sum())

    learn(state, batch(), rate=1e-2)
    far = behind()
    for _ in range(3):
        learn(state, batch(), rate=0.0)
    assert 0 < behind() < far
    assert not state.average.training


def test_pictures_without_balls_are_lessons(state: State) -> None:
    parts = learn(state, batch(balls=0), rate=0.0)
    assert parts.isfinite().all()
    assert parts[0] == parts[3] == 0


def test_a_checkpoint_brings_back_everything(state: State, tmp_path: Path) -> None:
    learn(state, batch(), rate=1e-3)
    state.seconds = 12.5
    save(tmp_path / "last.pt", state)
    again = begin(device="cpu", rate=1e-3)
    take_up(tmp_path / "last.pt", again)
    assert (again.step, again.seconds) == (state.step, 12.5)
    for ours, theirs in ((again.model, state.model), (again.average, state.average)):
        for name, value in ours.state_dict().items():
            assert torch.equal(value, theirs.state_dict()[name]), name
    assert [path.name for path in tmp_path.iterdir()] == ["last.pt"]


@pytest.mark.parametrize("content", [None, b"", b"torn"])
def test_a_checkpoint_that_is_not_whole_is_refused(
    content: bytes | None, state: State, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "last.pt").write_bytes(content)
    with pytest.raises(
        WeightsError, match=r"last\.pt: no checkpoint to resume from .* without --resume"
    ):
        take_up(tmp_path / "last.pt", state)


def test_a_training_can_begin_with_weights_of_fewer_classes(tmp_path: Path) -> None:
    old = ("cue", "solid", "stripe", "eight", "plain")
    given = build_nano(old)
    save_weights(tmp_path / "old.safetensors", given, ModelCard(classes=old))
    begun = begin(device="cpu", rate=1e-3, start=tmp_path / "old.safetensors")
    expected = given.state_dict()[KERNEL].half().float()
    for model in (begun.model, begun.average):
        assert torch.equal(model.state_dict()[KERNEL], expected)
        assert model.state_dict()["model.23.cv3.0.2.bias"].shape == (len(CLASSES),)
    assert begun.model.training


def test_the_learning_rate_climbs_then_falls_to_almost_nothing() -> None:
    assert schedule(0, 0.0) == pytest.approx(0.01)
    assert schedule(99, 0.0) == 1
    falling = [schedule(1000, progress / 10) for progress in range(11)]
    assert falling == sorted(falling, reverse=True)
    assert falling[-1] == pytest.approx(0.02) == schedule(1000, 3.0)


@pytest.fixture
def handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    assert {number: signal.getsignal(number) for number in before} == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.usefixtures("handlers")
def test_the_first_signal_is_a_wish(number: signal.Signals) -> None:
    with stop_when_asked() as stopped:
        assert not stopped()
        signal.raise_signal(number)
        assert stopped()


@pytest.mark.usefixtures("handlers")
def test_the_second_signal_is_an_order() -> None:
    def ask_twice() -> None:
        with stop_when_asked():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        ask_twice()
