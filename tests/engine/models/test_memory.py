"""The functions that training and use share do what upstream's own tracking does, for every model of the family."""

from typing import Any

import pytest
import torch
from torch import Tensor

from engine.models import memory
from engine.models.memory import Drawn, Features, Past
from engine.models.nano import SIDE, build_nano

ROWS, FRAMES = 3, 4


@pytest.fixture(scope="module")
def model() -> Any:
    torch.manual_seed(1)
    built: Any = build_nano()
    torch.nn.init.constant_(built.sam_mask_decoder.pred_obj_score_head.layers[-1].bias, 1.0)
    return built.eval()


@pytest.fixture(scope="module")
def pictures() -> Tensor:
    dice = torch.Generator().manual_seed(2)
    return torch.randint(0, 256, (FRAMES, ROWS, 3, SIDE, SIDE), generator=dice, dtype=torch.uint8)


def _close(found: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(found, expected, atol=3e-4, rtol=1e-3)


def _past(model: Any, memories: list[Tensor], drawn: list[Drawn], t: int) -> Past:
    places = [model.num_maskmem - 1, *(t - k - 1 for k in range(1, t))]
    ages = [(t - k) / (model.max_obj_ptrs_in_encoder - 1) for k in range(t)]
    return Past(
        torch.stack(memories, 1),
        torch.tensor(places).expand(ROWS, -1),
        torch.stack([one.pointer for one in drawn], 1),
        torch.tensor(ages).expand(ROWS, -1),
    )


def _upstream(model: Any, picture: Tensor) -> Any:
    mean = torch.tensor(memory.MEAN).view(3, 1, 1)
    spread = torch.tensor(memory.SPREAD).view(3, 1, 1)
    return model._prepare_backbone_features(
        model.forward_image((picture.float() / 255 - mean) / spread)
    )


@torch.inference_mode()
@pytest.mark.parametrize("shown", [1.0, -30.0], ids=["balls are there", "balls are gone"])
def test_following_four_frames_gives_upstreams_features_masks_pointers_and_memories(
    model: Any, pictures: Tensor, shown: float
) -> None:
    torch.nn.init.constant_(model.sam_mask_decoder.pred_obj_score_head.layers[-1].bias, shown)
    points = torch.rand(ROWS, 2, 2) * SIDE, torch.tensor([[2, 3]] * ROWS, dtype=torch.int32)
    asked = {"point_coords": points[0], "point_labels": points[1]}
    past: dict[str, dict[int, Any]] = {"cond_frame_outputs": {}, "non_cond_frame_outputs": {}}
    drawn: list[Drawn] = []
    memories: list[Tensor] = []
    for t, picture in enumerate(pictures):
        _, features, positions, sizes = _upstream(model, picture)
        expected = model.track_step(
            t, t == 0, features, positions, sizes, None if t else asked, None, past, 100
        )
        past["non_cond_frame_outputs" if t else "cond_frame_outputs"][t] = expected
        own = memory.encode(model, picture)
        lit = (
            memory.recall(model, own, _past(model, memories, drawn, t))
            if t
            else memory.begin(model, own)
        )
        out = memory.decode(model, lit, own, clicks=None if t else points, first=t == 0)
        kept = memory.remember(model, own, out, prompted=t == 0)
        _close(out.low, expected["pred_masks"])
        _close(out.pointer, expected["obj_ptr"])
        _close(out.score, expected["object_score_logits"])
        _close(kept, expected["maskmem_features"])
        assert bool((out.low == memory.NOTHING).all()) == (shown < 0)
        drawn.append(out)
        memories.append(kept)


@torch.inference_mode()
def test_a_mask_is_accepted_as_upstream_accepts_it(model: Any, pictures: Tensor) -> None:
    own = memory.encode(model, pictures[0])
    mask = torch.zeros(ROWS, 1, SIDE, SIDE)
    mask[:, :, 20:60, 30:70] = 1
    drawn = memory.accept(model, own, mask)
    expected = model._use_mask_as_output(own.levels[-1], list(own.levels[:-1]), mask)
    torch.testing.assert_close(drawn.low, expected[3])
    torch.testing.assert_close(drawn.pointer, expected[5])
    assert (drawn.score > 0).all()
    assert drawn.iou.tolist() == [[1.0]] * ROWS


@torch.inference_mode()
def test_of_several_masks_the_one_that_promises_most_is_chosen_as_upstream_does(
    pictures: Tensor,
) -> None:
    torch.manual_seed(4)
    model: Any = build_nano()
    model.eval().multimask_output_in_sam = True
    own = memory.encode(model, pictures[0])
    clicks = torch.rand(ROWS, 1, 2) * SIDE, torch.ones(ROWS, 1, dtype=torch.int32)
    lit = memory.begin(model, own)
    drafts = memory.draft(model, lit, own, clicks=clicks, first=True)
    assert drafts.lows.shape[1] == 3
    expected = model._forward_sam_heads(
        lit,
        {"point_coords": clicks[0], "point_labels": clicks[1]},
        high_res_features=list(own.levels[:-1]),
        multimask_output=True,
    )
    drawn = memory.decode(model, lit, own, clicks=clicks, first=True)
    torch.testing.assert_close(drawn.low, expected[3])
    torch.testing.assert_close(drawn.pointer, expected[5])
    assert memory.draft(model, lit, own, clicks=clicks).lows.shape[1] == 1


def test_what_is_drafted_is_not_blanked_so_that_it_can_be_taught(
    model: Any, pictures: Tensor
) -> None:
    torch.nn.init.constant_(model.sam_mask_decoder.pred_obj_score_head.layers[-1].bias, -30.0)
    own = memory.encode(model, pictures[0])
    drafts = memory.draft(model, memory.begin(model, own), own)
    assert (drafts.score < 0).all()
    assert (drafts.lows > memory.NOTHING).all()
    blanked = memory.blank(model, memory.choose(model, drafts))
    assert (blanked.low == memory.NOTHING).all()


def test_rows_of_features_are_taken_by_name(model: Any, pictures: Tensor) -> None:
    own = memory.encode(model, pictures[0])
    taken = own.take([2, 0, 2])
    assert isinstance(taken, Features)
    for level, before in zip(taken.levels, own.levels, strict=True):
        torch.testing.assert_close(level, before[[2, 0, 2]])
    assert taken.position is own.position
