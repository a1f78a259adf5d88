"""A training step asks, remembers and helps as it is done in use, and every part of the network learns from it."""

from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine.models import memory
from engine.models.nano import SIDE, build_nano
from engine.training import segmenter_steps
from engine.training.segmenter_batches import Batch, Recipe, batches
from engine.training.segmenter_options import Options
from engine.training.segmenter_state import open_state
from engine.training.segmenter_steps import loss_of
from engine.training.segmenter_windows import BOX, CLICKS, MASK


@pytest.fixture(scope="module")
def batch(discs: Path) -> Batch:
    recipe = Recipe((discs,), SIDE, 3.5, batch=6, frames=4, long=0.0)
    return next(b for b in batches(recipe, "2") if b.kind == BOX)


def network() -> tuple[Any, nn.ModuleList]:
    torch.manual_seed(1)
    pupil = open_state(Options((), Path()), torch.device("cpu")).pupil
    return pupil.model, pupil.alarm


def dice(seed: int = 3) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("kind", [BOX, CLICKS, MASK])
@pytest.mark.parametrize(("corrected", "boxed"), [(0, False), (2, False), (1, True)])
def test_every_prompt_and_every_help_has_a_finite_loss(
    batch: Batch, kind: int, corrected: int, *, boxed: bool
) -> None:
    asked = replace(batch, kind=kind, corrected=corrected, boxed=boxed)
    parts = loss_of(*network(), asked, dice=dice())
    assert set(parts) == {"any", "mask", "score", "iou"}
    assert all(torch.isfinite(part) for part in parts.values())


def test_the_gradient_reaches_trunk_memory_prompts_and_every_head(batch: Batch) -> None:
    model, alarm = network()
    total = torch.stack(list(loss_of(model, alarm, batch, dice=dice()).values())).sum()
    torch.autograd.backward([total])
    decoder = model.sam_mask_decoder
    for part in (model.image_encoder.trunk.stem, model.memory_encoder, model.memory_attention, model.obj_ptr_proj,
                 model.sam_prompt_encoder.point_embeddings[2], decoder.transformer, decoder.iou_prediction_head,
                 decoder.pred_obj_score_head):  # fmt: skip
        assert max(float(p.grad.abs().max()) for p in part.parameters() if p.grad is not None) > 0


def spied(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> list[memory.Past]:
    """Return what each frame attended to."""
    seen: list[memory.Past] = []
    real = memory.recall

    def recall(model: Any, features: memory.Features, past: memory.Past) -> Tensor:
        seen.append(past)
        return real(model, features, past)

    monkeypatch.setattr(memory, "recall", recall)
    with torch.no_grad():
        loss_of(*network(), batch, dice=dice())
    return seen


def test_memories_have_the_places_and_ages_that_they_have_in_use(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    ages = torch.tensor([[0, 3, 4, 5]] * len(batch.ages))
    pasts = spied(replace(batch, ages=ages, corrected=0), monkeypatch)
    assert [past.places[0].tolist() for past in pasts] == [[6], [6, 0], [6, 1, 0]]
    torch.testing.assert_close(pasts[2].ages[0] * 15, torch.tensor([5.0, 2.0, 1.0]))
    assert [past.features.shape[1] for past in pasts] == [1, 2, 3]


def test_a_frame_that_a_person_corrects_is_a_conditioning_frame_from_then_on(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    ages = torch.tensor([[0, 1, 2, 3]] * len(batch.ages))
    pasts = spied(replace(batch, ages=ages, corrected=1, boxed=False), monkeypatch)
    assert [past.places[0].tolist() for past in pasts] == [[6], [6, 6], [6, 6, 0]]


def test_a_box_in_the_middle_conditions_only_the_balls_that_are_there(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = batch.labels.clone()
    labels[0, 1] = 0
    labels[1, 1, 40:60, 40:60] = 1
    ages = torch.tensor([[0, 1, 2, 3]] * len(batch.ages))
    asked = replace(batch, labels=labels, ages=ages, corrected=1, boxed=True)
    pasts = spied(asked, monkeypatch)
    assert pasts[1].places[:2].tolist() == [[6, 0], [6, 6]]


def test_memories_are_kept_in_half_the_bits_and_the_gradient_is_not_rounded() -> None:
    kept = torch.randn(64, requires_grad=True)
    stored = segmenter_steps._stored(kept)
    torch.testing.assert_close(stored, kept.detach().bfloat16().float(), rtol=0, atol=1e-6)
    torch.autograd.backward([(stored * torch.arange(64)).sum()])
    assert kept.grad is not None
    torch.testing.assert_close(kept.grad, torch.arange(64.0))


def test_what_is_judged_absent_is_remembered_without_a_mask(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, alarm = network()
    nn.init.constant_(model.sam_mask_decoder.pred_obj_score_head.layers[-1].bias, -30.0)
    seen: list[memory.Drawn] = []
    real = memory.remember

    def remember(
        model: Any, own: memory.Features, drawn: memory.Drawn, *, prompted: bool
    ) -> Tensor:
        seen.append(drawn)
        return real(model, own, drawn, prompted=prompted)

    monkeypatch.setattr(memory, "remember", remember)
    with torch.no_grad():
        parts = loss_of(model, alarm, batch, dice=dice())
    assert all((drawn.low == memory.NOTHING).all() for drawn in seen)
    assert parts["mask"] < 100  # yet the mask is compared as it was drawn


def test_balls_that_share_a_picture_are_seen_in_it(batch: Batch) -> None:
    model, alarm = network()
    shared = replace(
        batch,
        pictures=batch.pictures[:2],
        owners=torch.tensor([0, 0, 0, 1, 1, 1]),
    )
    parts = loss_of(model, alarm, shared, dice=dice())
    assert all(torch.isfinite(part) for part in parts.values())
    any_ball = segmenter_steps.any_ball(shared)
    assert any_ball.shape == (8, SIDE, SIDE)
    assert set(any_ball.flatten().tolist()) == {0.0, 1.0}


def test_corrections_are_clicks_on_wrong_pixels_labelled_with_the_truth() -> None:
    truth = torch.zeros(64, 1, SIDE, SIDE)
    truth[:, :, 20:60, 20:60] = 1
    drawn = torch.zeros(64, 1, SIDE, SIDE)
    drawn[:, :, 40:80, 20:60] = 1
    low = nn.functional.avg_pool2d(drawn, 4) * 40 - 20
    places, labels = segmenter_steps._mistakes(low, truth, dice(0))
    for (x, y), label in zip(places[:, 0].long().tolist(), labels[:, 0].tolist(), strict=True):
        assert label == int(truth[0, 0, y, x])
        assert (
            20 <= y < 42 or 58 <= y < 80
        )  # what is drawn rightly is left alone, but for the blurred rim
    assert set(labels[:, 0].tolist()) == {0, 1}


def test_the_first_click_is_the_one_given_and_all_positive_ones_lie_on_the_ball() -> None:
    truth = torch.zeros(16, 1, SIDE, SIDE)
    truth[:, :, 40:60, 50:60] = 1
    first = torch.tensor([[55.0, 48.0]] * 15 + [[5.0, 5.0]])  # the last one is hidden there
    counts = set()
    for seed in range(12):
        places, labels = segmenter_steps._clicks(first, truth, dice(seed))
        counts.add(places.shape[1])
        assert torch.equal(places[:15, 0], first[:15])
        assert labels[:, 0].eq(1).all()
        spot = places.long()
        for k in range(places.shape[1]):
            hit = truth[torch.arange(16), 0, spot[:, k, 1], spot[:, k, 0]]
            assert torch.equal(hit.int(), labels[:, k])
    assert counts == {1, 2, 3}


def test_box_prompts_are_corners_near_the_true_ones() -> None:
    boxes = torch.tensor([[30.0, 40.0, 60.0, 65.0]]).expand(200, 4)
    corners, labels = segmenter_steps._corners(boxes, dice(1))
    assert labels.tolist() == [[2, 3]] * 200
    assert (corners.reshape(-1, 4) - boxes).abs().max() < 8
    torch.testing.assert_close(corners.reshape(-1, 4).mean(0), boxes[0], atol=0.5, rtol=0)


def test_the_boxes_of_masks_are_tight() -> None:
    truth = torch.zeros(2, 1, SIDE, SIDE)
    truth[0, 0, 10:21, 30:44] = 1
    assert segmenter_steps._boxes(truth).tolist() == [[30, 10, 44, 21], [0, 0, SIDE, SIDE]]


@pytest.mark.slow
def test_forty_steps_on_one_batch_teach_it(batch: Batch) -> None:
    model, alarm = network()
    optimizer = torch.optim.AdamW([*model.parameters(), *alarm.parameters()], lr=1e-3)
    masks = []
    for step in range(40):
        parts = loss_of(model, alarm, batch, dice=dice(step % 4))
        optimizer.zero_grad()
        torch.autograd.backward([torch.stack(list(parts.values())).sum()])
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        masks.append(float(parts["mask"].detach()))
    assert sum(masks[-4:]) < 0.4 * sum(masks[:4])


def test_building_a_network_twice_from_one_seed_gives_the_same_weights() -> None:
    torch.manual_seed(9)
    first = build_nano().state_dict()
    torch.manual_seed(9)
    assert all(torch.equal(value, first[key]) for key, value in build_nano().state_dict().items())


def test_batches_without_end_do_not_repeat_themselves(discs: Path) -> None:
    recipe = Recipe((discs,), SIDE, 3.5, batch=2, frames=2, long=0.0)
    means = [float(b.pictures.float().mean()) for b in islice(batches(recipe, "z"), 6)]
    assert len(set(means)) == 6
