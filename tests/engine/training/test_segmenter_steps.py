"""A training step sees what upstream's tracking would see, and every part of the network learns from it."""

from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine.models.nano import SIDE, build_nano
from engine.training import segmenter, segmenter_steps
from engine.training.segmenter_steps import BOX, CLICKS, MASK, Batch, Drawn, loss_of
from engine.training.segmenter_windows import sequences


@pytest.fixture(scope="module")
def batch(discs: Path) -> Batch:
    made = islice(sequences(discs, frames=3, seed=2, context=3.5), 6)
    return segmenter._collate(list(made))


def _network() -> tuple[Any, nn.ModuleList]:
    torch.manual_seed(1)
    state = segmenter._state(segmenter.Options(Path(), Path()))
    return state.model, state.alarm


@pytest.mark.parametrize("kind", [BOX, CLICKS, MASK])
def test_every_kind_of_prompt_has_a_finite_loss(batch: Batch, kind: int) -> None:
    parts = loss_of(*_network(), batch, kind=kind, dice=torch.Generator().manual_seed(3))
    assert set(parts) == {"any", "mask", "score"}
    assert all(torch.isfinite(part) for part in parts.values())


def test_the_gradient_reaches_trunk_memory_prompts_and_decoder(batch: Batch) -> None:
    model, alarm = _network()
    torch.stack(
        list(loss_of(model, alarm, batch, kind=BOX, dice=torch.Generator()).values())
    ).sum().backward()
    for part in (model.image_encoder.trunk.stem, model.memory_encoder, model.memory_attention,
                 model.sam_prompt_encoder.point_embeddings[2], model.sam_mask_decoder, model.obj_ptr_proj):  # fmt: skip
        assert max(float(p.grad.abs().max()) for p in part.parameters() if p.grad is not None) > 0


@torch.inference_mode()
def test_following_three_frames_gives_upstreams_features(batch: Batch) -> None:
    model = _network()[0].eval()
    pictures = (batch.pictures.float() / 255 - 0.45) / 0.22
    ages = torch.arange(3).expand(len(pictures), 3)
    drawn: list[Drawn] = []
    memories: list[Tensor] = []
    past: dict[str, dict[int, Any]] = {"cond_frame_outputs": {}, "non_cond_frame_outputs": {}}
    points = {
        "point_coords": batch.boxes.view(-1, 2, 2),
        "point_labels": torch.tensor([[2, 3]] * len(pictures)),
    }
    for t in range(3):
        seen = model.forward_image(pictures[:, t])
        _, features, positions, sizes = model._prepare_backbone_features(seen)
        own, place = seen["backbone_fpn"], seen["vision_pos_enc"][-1]
        upstream = model._prepare_memory_conditioned_features(
            t, t == 0, features[-1:], positions[-1:], sizes[-1:], past, 100
        )
        if t:
            lit = segmenter_steps._condition(
                model, own[-1], place, memories, drawn, ages[:, : t + 1]
            )
            torch.testing.assert_close(lit, upstream, atol=2e-4, rtol=1e-3)
        out = model.track_step(
            t, t == 0, features, positions, sizes, None if t else points, None, past, 100
        )
        past["non_cond_frame_outputs" if t else "cond_frame_outputs"][t] = out
        drawn.append(Drawn(out["pred_masks"], out["obj_ptr"], out["object_score_logits"]))
        memories.append(segmenter_steps._remember(model, own[-1], drawn[-1]))
        torch.testing.assert_close(memories[-1], out["maskmem_features"], atol=2e-4, rtol=1e-3)


def test_a_perfect_mask_costs_little_and_an_inverted_one_much() -> None:
    truth = torch.zeros(2, 1, SIDE, SIDE)
    truth[:, :, 32:64, 32:64] = 1
    low = nn.functional.avg_pool2d(truth, 4) * 40 - 20
    good, bad = segmenter_steps._mask_loss(low, truth), segmenter_steps._mask_loss(-low, truth)
    assert float(good) < 0.2
    assert float(bad) > 10


def test_a_ball_that_is_absent_wants_an_empty_mask_and_a_low_score() -> None:
    nothing = torch.zeros(2, 1, SIDE, SIDE)
    empty, full = (torch.full((2, 1, 24, 24), value) for value in (-9.0, 9.0))
    assert segmenter_steps._mask_loss(empty, nothing) < segmenter_steps._mask_loss(full, nothing)
    low, high = (torch.full((2, 1), value) for value in (-5.0, 5.0))
    assert segmenter_steps._score_loss(low, nothing) < segmenter_steps._score_loss(high, nothing)


def test_corrections_are_clicks_on_wrong_pixels_labelled_with_the_truth() -> None:
    truth = torch.zeros(64, 1, SIDE, SIDE)
    truth[:, :, 20:60, 20:60] = 1
    drawn = torch.zeros(64, 1, SIDE, SIDE)
    drawn[:, :, 40:80, 20:60] = 1
    low = nn.functional.avg_pool2d(drawn, 4) * 40 - 20
    places, labels = segmenter_steps._mistakes(low, truth, torch.Generator().manual_seed(0))
    for (x, y), label in zip(places[:, 0].long().tolist(), labels[:, 0].tolist(), strict=True):
        assert label == int(truth[0, 0, y, x])
        assert (
            20 <= y < 42 or 58 <= y < 80
        )  # what is drawn rightly is left alone, but for the blurred rim
    assert set(labels[:, 0].tolist()) == {0, 1}


def test_first_clicks_lie_on_the_ball() -> None:
    truth = torch.zeros(16, 1, SIDE, SIDE)
    truth[:, :, 10:20, 50:60] = 1
    for seed in range(5):
        places, labels = segmenter_steps._clicks(truth, torch.Generator().manual_seed(seed))
        assert labels[:, 0].eq(1).all()
        assert (
            (places[:, 0] >= torch.tensor([50, 10])) & (places[:, 0] < torch.tensor([60, 20]))
        ).all()


def test_box_prompts_are_corners_near_the_true_ones() -> None:
    boxes = torch.tensor([[30.0, 40.0, 60.0, 65.0]]).expand(200, 4)
    corners, labels = segmenter_steps._corners(boxes, torch.Generator().manual_seed(1))
    assert labels.tolist() == [[2, 3]] * 200
    assert (corners.reshape(-1, 4) - boxes).abs().max() < 8
    torch.testing.assert_close(corners.reshape(-1, 4).mean(0), boxes[0], atol=0.5, rtol=0)


@pytest.mark.slow
def test_forty_steps_on_one_batch_teach_it(batch: Batch) -> None:
    model, alarm = _network()
    optimizer = torch.optim.AdamW([*model.parameters(), *alarm.parameters()], lr=1e-3)
    masks = []
    for step in range(40):
        parts = loss_of(model, alarm, batch, kind=BOX, dice=torch.Generator().manual_seed(step % 4))
        optimizer.zero_grad()
        torch.stack(list(parts.values())).sum().backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        masks.append(float(parts["mask"].detach()))
    assert sum(masks[-4:]) < 0.4 * sum(masks[:4])


def test_building_a_network_twice_from_one_seed_gives_the_same_weights() -> None:
    torch.manual_seed(9)
    first = build_nano().state_dict()
    torch.manual_seed(9)
    assert all(torch.equal(value, first[key]) for key, value in build_nano().state_dict().items())
