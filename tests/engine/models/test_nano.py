"""The nano is a SAM 2 to everybody who drives one, and small."""

import pytest
import torch
from sam2.modeling.sam2_base import SAM2Base
from sam2.sam2_video_predictor import SAM2VideoPredictor

from engine.models.nano import SIDE, STAGES, WIDTH, Trunk, build_nano, nano_parts


@pytest.fixture(scope="module")
def nano() -> SAM2Base:
    torch.manual_seed(0)
    return build_nano().eval()


def test_the_nano_is_a_sam2_base_of_less_than_five_million_parameters(nano: SAM2Base) -> None:
    assert isinstance(nano, SAM2Base)
    assert sum(p.numel() for p in nano.parameters()) < 5_000_000


def test_its_weights_fit_upstreams_video_predictor(nano: SAM2Base) -> None:
    predictor = SAM2VideoPredictor(**nano_parts())
    assert predictor.load_state_dict(nano.state_dict()).missing_keys == []


def test_two_calls_share_no_weights() -> None:
    first, second = nano_parts(), nano_parts()
    for name in ("image_encoder", "memory_attention", "memory_encoder"):
        ours = {id(p) for p in first[name].parameters()}
        assert ours.isdisjoint(id(p) for p in second[name].parameters())


def test_the_trunk_gives_maps_at_strides_4_8_and_16() -> None:
    maps = Trunk()(torch.zeros(2, 3, SIDE, SIDE))
    expected = [
        (2, width, SIDE // stride, SIDE // stride)
        for (width, _), stride in zip(STAGES, (4, 8, 16), strict=True)
    ]
    assert [tuple(level.shape) for level in maps] == expected


@torch.inference_mode()
def test_a_box_gives_a_mask_of_a_quarter_of_the_side_a_pointer_and_a_score(nano: SAM2Base) -> None:
    out = _step(nano, 0, {}, torch.rand(3, 3, SIDE, SIDE), box=True)
    assert out["pred_masks"].shape == (3, 1, SIDE // 4, SIDE // 4)
    assert out["pred_masks_high_res"].shape == (3, 1, SIDE, SIDE)
    assert out["obj_ptr"].shape == (3, WIDTH)
    assert out["object_score_logits"].shape == (3, 1)


@torch.inference_mode()
def test_what_was_seen_before_changes_what_is_drawn(nano: SAM2Base) -> None:
    frames = torch.rand(2, 1, 3, SIDE, SIDE)
    pasts = [{0: _step(nano, 0, {}, picture, box=True)} for picture in (frames[0], 1 - frames[0])]
    drawn = [_raw(nano, past, frames[1]) for past in pasts]
    assert not torch.allclose(drawn[0], drawn[1])


@torch.inference_mode()
def test_in_use_a_window_does_not_depend_on_the_others_in_its_batch(nano: SAM2Base) -> None:
    pictures = torch.rand(3, 3, SIDE, SIDE)
    together = _step(nano, 0, {}, pictures, box=True)["obj_ptr"]
    alone = _step(nano, 0, {}, pictures[1:2], box=True)["obj_ptr"]
    torch.testing.assert_close(together[1:2], alone, atol=1e-4, rtol=1e-4)


def _step(model: SAM2Base, frame: int, past: dict, pictures: torch.Tensor, *, box: bool) -> dict:
    """Take upstream's own step for one window a row."""
    _, features, positions, sizes = model._prepare_backbone_features(model.forward_image(pictures))
    corners = torch.tensor([[[30.0, 30.0], [60.0, 60.0]]]).expand(len(pictures), -1, -1)
    points = {
        "point_coords": corners,
        "point_labels": torch.tensor([[2, 3]]).expand(len(pictures), -1),
    }
    memory = {"cond_frame_outputs": past, "non_cond_frame_outputs": {}}
    return model.track_step(
        frame, not past, features, positions, sizes, points if box else None, None, memory, 100
    )


def _raw(model: SAM2Base, past: dict, picture: torch.Tensor) -> torch.Tensor:
    """Return the memory-conditioned features of a second frame."""
    _, features, positions, sizes = model._prepare_backbone_features(model.forward_image(picture))
    memory = {"cond_frame_outputs": past, "non_cond_frame_outputs": {}}
    return model._prepare_memory_conditioned_features(
        1, False, features[-1:], positions[-1:], sizes[-1:], memory, 100
    )
