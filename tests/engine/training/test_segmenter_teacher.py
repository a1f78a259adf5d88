"""A larger SAM 2 shows a smaller one its features, its masks and its opinion of what is there; the smaller follows."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from engine.errors import WeightsError
from engine.models.checkpoints import build_official, load_segmenter
from engine.models.memory import Drafts, Features
from engine.models.nano import SIDE, build_nano
from engine.training import segmenter, segmenter_teacher
from engine.training.segmenter import CHECKPOINT, Options, train
from engine.training.segmenter_batches import Batch, Recipe, batches
from engine.training.segmenter_networks import level_widths, resize
from engine.training.segmenter_state import open_state
from engine.training.segmenter_steps import go_through
from engine.training.segmenter_teacher import Pupil, bridges, enlarged, teach
from engine.training.segmenter_windows import BOX

NAMES = {"teach_features", "teach_mask", "teach_score"}


@pytest.fixture(scope="module")
def batch(discs: Path) -> Batch:
    recipe = Recipe((discs,), SIDE, 3.5, batch=3, frames=3, long=0.0, corrections=0.0)
    return next(b for b in batches(recipe, "2") if b.kind == BOX)


@pytest.fixture(scope="module")
def teacher() -> Any:
    """Return a tiny teacher: the bundled architecture with other random weights, at another size."""
    torch.manual_seed(5)
    network: Any = build_nano()
    nn.init.constant_(network.sam_mask_decoder.pred_obj_score_head.layers[-1].bias, 3.0)
    resize(network, 128)
    return network.eval().requires_grad_(requires_grad=False)


def pupil(teacher: Any) -> Pupil:
    torch.manual_seed(1)
    return open_state(Options((), Path()), torch.device("cpu"), teacher=teacher).pupil


def dice() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def drafts(lows: Tensor, score: float = 9.0) -> Drafts:
    rows, masks = lows.shape[:2]
    return Drafts(lows, torch.ones(rows, masks), torch.zeros(rows, 1, 8), torch.full((rows, 1), score))  # fmt: skip


def test_a_taught_step_has_three_more_parts_each_finite(batch: Batch, teacher: Any) -> None:
    own = pupil(teacher)
    parts = own(batch=batch, dice=dice(), taught=teach(teacher, batch, dice()))
    assert set(parts) >= NAMES
    assert all(torch.isfinite(part) for part in parts.values())
    assert not NAMES & set(own(batch=batch, dice=dice()))


def test_the_teacher_is_asked_the_same_and_left_as_it_was(batch: Batch, teacher: Any) -> None:
    before = {name: value.clone() for name, value in teacher.state_dict().items()}
    asked = dice()
    state = asked.get_state()
    course = teach(teacher, batch, asked)
    assert torch.equal(asked.get_state(), state)
    assert not course.seen.levels[-1].requires_grad
    assert all(torch.equal(value, before[name]) for name, value in teacher.state_dict().items())


def test_an_enlarged_batch_shows_and_asks_the_same_at_another_size(batch: Batch) -> None:
    large = enlarged(batch, 192)
    assert large.pictures.shape[-2:] == large.labels.shape[-2:] == (192, 192)
    assert large.pictures.dtype == large.labels.dtype == torch.uint8
    torch.testing.assert_close(large.boxes, batch.boxes * 2)
    torch.testing.assert_close(large.clicks, batch.clicks * 2)
    assert torch.equal(large.labels[..., ::2, ::2], batch.labels)
    assert enlarged(batch, SIDE) is batch
    shares = [(b.labels == 1).float().mean().item() for b in (batch, large)]
    assert shares[0] == pytest.approx(shares[1], rel=1e-3)


@pytest.mark.slow
def test_learning_from_a_teacher_brings_the_pupil_nearer_to_it_in_every_part(batch: Batch) -> None:
    able = load_segmenter("nano").network.requires_grad_(requires_grad=False)
    resize(able, 64)
    own = pupil(able)
    optimizer = torch.optim.AdamW(own.parameters(), lr=1e-3)
    taught, told = teach(able, batch, dice()), []
    for _ in range(10):
        parts = own(batch=batch, dice=dice(), taught=taught)
        told.append({name: float(parts[name].detach()) for name in NAMES})
        optimizer.zero_grad()
        torch.autograd.backward([torch.stack([parts[name] for name in sorted(NAMES)]).sum()])
        nn.utils.clip_grad_norm_(own.parameters(), 1.0)
        optimizer.step()
    first, last = told[0], told[-1]
    assert all(last[name] < first[name] for name in NAMES)
    assert sum(last.values()) < 0.8 * sum(first.values())


@given(st.floats(-12, 12), st.floats(-12, 12))
def test_divergence_is_never_negative_and_nothing_between_equals(own: float, wanted: float) -> None:
    a, b = torch.tensor([own]), torch.tensor([wanted])
    assert float(segmenter_teacher.divergence(a, b)) > -1e-5
    assert float(segmenter_teacher.divergence(b, b)) == 0


def test_a_pupil_equal_to_its_teacher_has_nothing_to_learn_from_its_features(batch: Batch) -> None:
    own = pupil(build_nano()).eval()
    same = go_through(own.model, batch, dice=dice())
    loss = segmenter_teacher.feature_loss(same.seen, same.seen, own.bridge)
    assert float(loss.detach()) == pytest.approx(0, abs=1e-5)


def test_features_of_equal_width_pass_a_bridge_as_they_are_and_others_are_projected() -> None:
    bridge = bridges([16, 32, 128], [32, 64, 128])
    kinds = [type(part) for part in bridge]
    assert kinds == [nn.Conv2d, nn.Conv2d, nn.Identity]
    assert len(bridges([128], [32, 64, 256])) == 1


def test_features_of_a_coarser_teacher_are_compared_at_the_pupils_places() -> None:
    own = Features((torch.randn(2, 8, 6, 6),), torch.zeros(1, 8, 6, 6))
    theirs = Features((torch.randn(2, 8, 12, 12),), torch.zeros(1, 8, 12, 12))
    loss = segmenter_teacher.feature_loss(own, theirs, bridges([8], [8]))
    assert 0.5 < float(loss) < 1.5


def test_a_mask_like_the_teachers_costs_least_and_one_of_several_is_enough() -> None:
    truth = torch.full((2, 1, 8, 8), -9.0)
    truth[:, :, 2:6, 2:6] = 9.0
    right, wrong = drafts(truth), drafts(-truth)
    both = drafts(torch.cat([-truth, truth], 1))
    cost = segmenter_teacher.soft_mask_loss
    assert cost(right, right) < 0.05 < cost(wrong, right)
    assert cost(both, right) == pytest.approx(float(cost(right, right)))


def test_the_mask_of_a_ball_that_the_teacher_calls_gone_teaches_nothing() -> None:
    mask = torch.full((1, 1, 8, 8), 9.0)
    gone = drafts(mask, score=-30.0)
    assert float(segmenter_teacher.soft_mask_loss(drafts(-mask), gone)) < 1e-3
    assert segmenter_teacher.soft_score_loss(drafts(mask, 5.0), gone) > 4
    assert segmenter_teacher.soft_score_loss(drafts(mask, -5.0), gone) < 0.01


@pytest.mark.slow
def test_a_run_learns_from_a_teacher_by_name_and_resumes_with_it_alone(
    discs: Path, tmp_path: Path
) -> None:
    options = Options((discs,), tmp_path, steps=1, batch=2, frames=2, long=0.0, workers=0, threads=1, teacher="nano",
                      teacher_side=128)  # fmt: skip
    train(options)
    assert "teach_mask" in (tmp_path / "curve.csv").read_text().partition("\n")[0]
    assert "image_encoder" not in str(torch.load(tmp_path / CHECKPOINT, weights_only=True)["bridge"])  # fmt: skip
    assert train(replace(options, steps=2, resume=True)).steps == 2


@pytest.mark.slow
def test_a_run_resumed_with_another_kind_of_teacher_says_what_to_do(
    discs: Path, tmp_path: Path
) -> None:
    options = Options((discs,), tmp_path, steps=1, batch=2, frames=2, long=0.0, workers=0, threads=1)  # fmt: skip
    train(options)
    official = build_official("sam2.1_hiera_tiny")
    assert level_widths(official) != level_widths(build_nano())
    with pytest.raises(WeightsError, match="the same --teacher as before"):
        open_state(replace(options, resume=True), torch.device("cpu"), teacher=official)


@pytest.mark.parametrize(
    ("views", "asked", "expected"),
    [("windows", None, 256), ("both", None, 256), ("frame", None, 512), ("frame", 128, 128)],
)
def test_a_teacher_sees_windows_no_larger_than_they_are_worth_and_frames_in_full(
    views: Any, asked: int | None, expected: int
) -> None:
    large: Any = build_nano()
    resize(large, 512)
    options = Options((), Path(), views=views, teacher="large", teacher_side=asked)
    segmenter._prepare(large, options, open_state(options, torch.device("cpu"), teacher=large))
    assert large.image_size == expected
    assert not large.training
    assert not any(value.requires_grad for value in large.parameters())
