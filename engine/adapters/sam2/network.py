"""The SAM 2 network as five functions on batches; knows tensors only, no tracks, frames or prompts.

The model is ``sam2.modeling.sam2_base.SAM2Base`` of sam2 1.1.0 (pinned). The batch is one row per ball: all rows
go through memory attention, decoder and memory encoder together. V pictures, B balls, S the model's
side in pixels, h = w = S / 16, D the width of its tokens, C that of its memory.
"""
# ruff: noqa: SLF001 - upstream offers these steps under private names only; its version is pinned

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from sam2.modeling.sam2_utils import get_1d_sine_pe
from torch import Tensor
from torch.nn import functional

from engine.adapters.sam2.bank import Recall

_MEAN = (0.485, 0.456, 0.406)
_SPREAD = (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True)
class Features:
    """Feature maps of pictures, finest first, the last float (V, D, h, w), and its position (1, D, h, w)."""

    levels: tuple[Tensor, ...]
    position: Tensor

    def take(self, rows: Sequence[int]) -> "Features":
        """Return the features of the pictures named, one row each."""
        index = torch.as_tensor(rows, device=self.position.device)
        return Features(tuple(level[index] for level in self.levels), self.position)

    @staticmethod
    def join(parts: "Sequence[Features]") -> "Features":
        """Return the pictures of several as one."""
        levels = zip(*(part.levels for part in parts), strict=True)
        return Features(tuple(torch.cat(level) for level in levels), parts[0].position)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Mask logits float (B, 1, 4h, 4w), object pointers float (B, D), object score logits float (B, 1)."""

    low: Tensor
    pointer: Tensor
    score: Tensor


def encode(model: Any, pictures: Tensor) -> Features:
    """Run the image encoder on ``pictures``, uint8 (V, 3, S, S)."""
    mean = torch.tensor(_MEAN, device=pictures.device).view(3, 1, 1)
    spread = torch.tensor(_SPREAD, device=pictures.device).view(3, 1, 1)
    out = model.forward_image((pictures.float() / 255 - mean) / spread)
    levels = tuple(out["backbone_fpn"][-model.num_feature_levels :])
    return Features(levels, out["vision_pos_enc"][-1][:1])


def begin(model: Any, features: Features) -> Tensor:
    """Return the features of balls without a memory, float (B, D, h, w)."""
    top = features.levels[-1]
    if model.directly_add_no_mem_embed:
        summed: Tensor = top + model.no_mem_embed.view(1, -1, 1, 1)
        return summed
    rows, width = len(top), model.mem_dim
    token = model.no_mem_embed.expand(1, rows, width)
    return _attend(model, features, token, model.no_mem_pos_enc.expand(1, rows, width), 0)


def condition(model: Any, features: Features, recalls: Sequence[Recall]) -> Tensor:
    """Return the features of balls in the light of memories of one length, float (B, D, h, w)."""
    stacked = torch.stack([torch.stack(recall.features) for recall in recalls])  # (B, n, C, h, w)
    position = model.memory_encoder.position_encoding(stacked[:1, 0])
    places = torch.tensor([recall.places for recall in recalls], device=stacked.device)
    when = model.maskmem_tpos_enc[:, 0, 0][places]  # (B, n, C)
    where = position.flatten(2)[0].T  # (hw, C)
    tokens = stacked.flatten(3).permute(1, 3, 0, 2).flatten(0, 1).float()
    encoded = (where[None, :, None] + when.permute(1, 0, 2)[:, None]).flatten(0, 1)
    if not (model.use_obj_ptrs_in_encoder and recalls[0].pointers):
        return _attend(model, features, tokens, encoded, 0)
    pointers, ages = _pointer_tokens(model, recalls)
    return _attend(
        model, features, torch.cat([tokens, pointers]), torch.cat([encoded, ages]), len(pointers)
    )


def decode(
    model: Any,
    lit: Tensor,
    features: Features,
    *,
    clicks: tuple[Tensor, Tensor] | None = None,
    prior: Tensor | None = None,
    first: bool = False,
) -> Drawn:
    """Draw the masks.

    Args:
        model: the network.
        lit: what ``begin`` or ``condition`` returned.
        features: of the same rows.
        clicks: coordinates float (B, P, 2) in model pixels and labels int32 (B, P): 0 no, 1 yes, 2 and 3
            the corners of a box.
        prior: mask logits to improve on, float (B, 1, 4h, 4w).
        first: whether the balls are seen without memory, which may ask for several masks to choose from.
    """
    points = None if clicks is None else {"point_coords": clicks[0], "point_labels": clicks[1]}
    out = model._forward_sam_heads(
        backbone_features=lit,
        point_inputs=points,
        mask_inputs=None if prior is None else prior.clamp(-32, 32),
        high_res_features=_fine(features),
        multimask_output=model._use_multimask(first, points),
    )
    return Drawn(out[3].float(), out[5].float(), out[6].float())


def accept(model: Any, features: Features, masks: Tensor) -> Drawn:
    """Take masks, float 0 or 1 (B, 1, S, S), as they are and draw their pointers."""
    out = model._use_mask_as_output(features.levels[-1], _fine(features), masks)
    return Drawn(out[3].float(), out[5].float(), out[6].float())


def remember(model: Any, features: Features, drawn: Drawn, *, prompted: bool) -> Tensor:
    """Encode masks into memories, bfloat16 (B, C, h, w), the precision that upstream keeps."""
    side = model.image_size
    masks = functional.interpolate(
        drawn.low, size=(side, side), mode="bilinear", align_corners=False
    )
    top = features.levels[-1]
    memory, _ = model._encode_new_memory(
        current_vision_feats=[top.flatten(2).permute(2, 0, 1)],
        feat_sizes=[tuple(top.shape[-2:])],
        pred_masks_high_res=masks,
        object_score_logits=drawn.score,
        is_mask_from_pts=prompted,
    )
    kept: Tensor = memory.to(torch.bfloat16).contiguous()
    return kept


def _fine(features: Features) -> list[Tensor] | None:
    """Return the finer levels as the decoder wants them."""
    return list(features.levels[:-1]) or None


def _pointer_tokens(model: Any, recalls: Sequence[Recall]) -> tuple[Tensor, Tensor]:
    """Return object pointers as tokens (n, B, C) with the encoding of their ages, wide ones split in parts."""
    pointers = torch.stack([torch.stack(recall.pointers) for recall in recalls], dim=1)
    count, rows, width = pointers.shape
    ages = torch.tensor([recall.ages for recall in recalls], device=pointers.device).T
    if model.add_tpos_enc_to_obj_ptrs:
        dim = width if model.proj_tpos_enc_in_obj_ptrs else model.mem_dim
        when = model.obj_ptr_tpos_proj(get_1d_sine_pe(ages, dim=dim))
    else:
        when = pointers.new_zeros(count, rows, model.mem_dim)
    parts = width // model.mem_dim
    split = pointers.reshape(count, rows, parts, model.mem_dim).permute(0, 2, 1, 3).flatten(0, 1)
    return split, when.repeat_interleave(parts, dim=0)


def _attend(
    model: Any, features: Features, memory: Tensor, position: Tensor, pointers: int
) -> Tensor:
    """Run memory attention; memory and its position are float (tokens, B, C)."""
    top = features.levels[-1]
    rows = len(top)
    out = model.memory_attention(
        curr=[top.flatten(2).permute(2, 0, 1)],
        curr_pos=[features.position.expand(rows, -1, -1, -1).flatten(2).permute(2, 0, 1)],
        memory=memory,
        memory_pos=position,
        num_obj_ptr_tokens=pointers,
    )
    shaped: Tensor = out.permute(1, 2, 0).reshape(top.shape)
    return shaped
