"""The SAM 2 network as functions on batches, the same ones in training and in use; knows tensors only.

The model is ``sam2.modeling.sam2_base.SAM2Base`` of sam2 1.1.0 (pinned). The batch is one row per ball: all rows
go through memory attention, decoder and memory encoder together. V pictures, B balls, S the model's
side in pixels, h = w = S / 16, D the width of its tokens, C that of its memory, n memories, m pointers.
"""
# ruff: noqa: SLF001 - upstream offers these steps under private names only; its version is pinned

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from sam2.modeling.sam2_utils import get_1d_sine_pe
from torch import Tensor
from torch.nn import functional

MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
NOTHING = -1024.0  # upstream's mask logit of what is judged absent


@dataclass(frozen=True, slots=True)
class Features:
    """Feature maps of pictures, finest first, the last float (V, D, h, w), and its position (1, D, h, w)."""

    levels: tuple[Tensor, ...]
    position: Tensor

    def take(self, rows: Sequence[int] | Tensor) -> "Features":
        """Return the features of the pictures named, one row each."""
        index = torch.as_tensor(rows, device=self.position.device)
        return Features(tuple(level[index] for level in self.levels), self.position)


@dataclass(frozen=True, slots=True)
class Past:
    """What balls remember.

    ``features`` float (B, n, C, h, w) with ``places`` int64 (B, n), rows of the temporal encoding;
    ``pointers`` float (B, m, D) with ``ages`` float (B, m) in parts of the oldest age that a pointer may have.
    """

    features: Tensor
    places: Tensor
    pointers: Tensor
    ages: Tensor


@dataclass(frozen=True, slots=True)
class Drafts:
    """What the decoder offers: M mask logits float (B, M, 4h, 4w), their expected intersection over union (B, M).

    ``tokens`` float (B, 1 or M, D) become pointers; ``score`` is the logit of "the ball is there", (B, 1).
    """

    lows: Tensor
    ious: Tensor
    tokens: Tensor
    score: Tensor


@dataclass(frozen=True, slots=True)
class Drawn:
    """Mask logits float (B, 1, 4h, 4w), pointers float (B, D), object score logits and expected IoU float (B, 1)."""

    low: Tensor
    pointer: Tensor
    score: Tensor
    iou: Tensor


def encode(model: Any, pictures: Tensor) -> Features:
    """Run the image encoder on ``pictures``, uint8 (V, 3, S, S)."""
    mean = torch.tensor(MEAN, device=pictures.device).view(3, 1, 1)
    spread = torch.tensor(SPREAD, device=pictures.device).view(3, 1, 1)
    out = model.forward_image((pictures.float() / 255 - mean) / spread)
    levels = tuple(out["backbone_fpn"][-model.num_feature_levels :])
    return Features(levels, out["vision_pos_enc"][-1][:1])


def begin(model: Any, features: Features) -> Tensor:
    """Return the features of balls without a memory, float (B, D, h, w)."""
    top = features.levels[-1]
    if model.directly_add_no_mem_embed:
        summed: Tensor = top + model.no_mem_embed.view(1, -1, 1, 1)
        return summed
    token = model.no_mem_embed.expand(1, len(top), model.mem_dim)
    where = model.no_mem_pos_enc.expand(1, len(top), model.mem_dim)
    return _attend(model, features, token, where, 0)


def recall(model: Any, features: Features, past: Past) -> Tensor:
    """Return the features of balls in the light of their memories, float (B, D, h, w)."""
    position = model.memory_encoder.position_encoding(past.features[:1, 0])
    where = position.flatten(2)[0].T  # (hw, C)
    when = model.maskmem_tpos_enc[:, 0, 0][past.places]  # (B, n, C)
    tokens = past.features.flatten(3).permute(1, 3, 0, 2).flatten(0, 1).float()
    encoded = (where[None, :, None] + when.permute(1, 0, 2)[:, None]).flatten(0, 1)
    if not (model.use_obj_ptrs_in_encoder and past.pointers.shape[1]):
        return _attend(model, features, tokens, encoded, 0)
    pointers, ages = _pointer_tokens(model, past)
    return _attend(
        model, features, torch.cat([tokens, pointers]), torch.cat([encoded, ages]), len(pointers)
    )


def draft(
    model: Any,
    lit: Tensor,
    features: Features,
    *,
    clicks: tuple[Tensor, Tensor] | None = None,
    prior: Tensor | None = None,
    first: bool = False,
) -> Drafts:
    """Run prompt encoder and mask decoder.

    Args:
        model: the network.
        lit: what ``begin`` or ``recall`` returned.
        features: of the same rows.
        clicks: coordinates float (B, P, 2) in model pixels and labels int32 (B, P): 0 no, 1 yes, 2 and 3
            the corners of a box.
        prior: mask logits to improve on, float (B, 1, 4h, 4w).
        first: whether the balls are seen without memory, which may ask for several masks to choose from.
    """
    points = None if clicks is None else {"point_coords": clicks[0], "point_labels": clicks[1]}
    sparse, dense = model.sam_prompt_encoder(
        points=_no_clicks(lit) if clicks is None else clicks,
        boxes=None,
        masks=None if prior is None else prior.clamp(-32, 32),
    )
    lows, ious, tokens, score = model.sam_mask_decoder(
        image_embeddings=lit,
        image_pe=model.sam_prompt_encoder.get_dense_pe(),
        sparse_prompt_embeddings=sparse,
        dense_prompt_embeddings=dense,
        multimask_output=model._use_multimask(first, points),
        repeat_image=False,
        high_res_features=_fine(features),
    )
    return Drafts(lows.float(), ious.float(), tokens.float(), score.float())


def choose(model: Any, drafts: Drafts) -> Drawn:
    """Return the mask that promises most, with its pointer; masks of absent balls are not blanked yet."""
    rows = torch.arange(len(drafts.lows), device=drafts.lows.device)
    best = drafts.ious.argmax(-1)
    token = drafts.tokens[rows, best if drafts.tokens.shape[1] > 1 else torch.zeros_like(best)]
    return Drawn(
        drafts.lows[rows, best][:, None],
        point_to(model, token, drafts.score),
        drafts.score,
        drafts.ious[rows, best][:, None],
    )


def point_to(model: Any, token: Tensor, score: Tensor) -> Tensor:
    """Return object pointers float (B, D); what is judged absent points nowhere."""
    pointer: Tensor = model.obj_ptr_proj(token)
    if not model.pred_obj_scores:
        return pointer
    there = score.sigmoid() if model.soft_no_obj_ptr else (score > 0).float()
    if model.fixed_no_obj_ptr:
        pointer = there * pointer
    pointed: Tensor = pointer + (1 - there) * model.no_obj_ptr
    return pointed


def blank(model: Any, drawn: Drawn) -> Drawn:
    """Return what is shown and remembered: no mask where the ball is judged absent."""
    if not model.pred_obj_scores:
        return drawn
    there = (drawn.score > 0)[:, :, None, None]
    return replace(drawn, low=torch.where(there, drawn.low, drawn.low.new_tensor(NOTHING)))


def decode(model: Any, lit: Tensor, features: Features, **asked: Any) -> Drawn:
    """Draw the masks as they are used; ``asked`` as for ``draft``."""
    return blank(model, choose(model, draft(model, lit, features, **asked)))


def accept(model: Any, features: Features, masks: Tensor) -> Drawn:
    """Take masks, float 0 or 1 (B, 1, S, S), as they are and draw their pointers."""
    out = model._use_mask_as_output(features.levels[-1], _fine(features), masks)
    return Drawn(out[3].float(), out[5].float(), out[6].float(), out[2].float())


def remember(model: Any, features: Features, drawn: Drawn, *, prompted: bool) -> Tensor:
    """Encode masks into memories, float (B, C, h, w); upstream keeps them as bfloat16."""
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
    kept: Tensor = memory
    return kept


def _no_clicks(lit: Tensor) -> tuple[Tensor, Tensor]:
    """Return the click that says nothing."""
    rows = len(lit)
    labels = -torch.ones(rows, 1, dtype=torch.int32, device=lit.device)
    return torch.zeros(rows, 1, 2, device=lit.device), labels


def _fine(features: Features) -> list[Tensor] | None:
    """Return the finer levels as the decoder wants them."""
    return list(features.levels[:-1]) or None


def _pointer_tokens(model: Any, past: Past) -> tuple[Tensor, Tensor]:
    """Return object pointers as tokens (m, B, C) with the encoding of their ages, wide ones split in parts."""
    pointers, ages = past.pointers.transpose(0, 1), past.ages.T
    count, rows, width = pointers.shape
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
