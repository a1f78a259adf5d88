"""One training step of a SAM 2 on windows: prompts, frames, memory, losses; knows no files and no schedule.

B balls, T frames, S the model's side. Unlike in use, masks are not blanked where the object score is below
zero: from random weights that would starve them of gradient.
"""

from dataclasses import dataclass
from typing import Any

import torch
from sam2.modeling.sam2_utils import get_1d_sine_pe
from torch import Tensor
from torch.nn import functional

MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
BOX, CLICKS, MASK = range(3)


@dataclass(frozen=True, slots=True)
class Batch:
    """What a step sees.

    ``pictures`` uint8 (B, T, 3, S, S); ``labels`` uint8 (B, T, S, S): 1 the ball, 2 others; ``boxes`` float
    (B, 4) on the first frame, in window pixels; ``ages`` int (B, T), frames since the first.
    """

    pictures: Tensor
    labels: Tensor
    boxes: Tensor
    ages: Tensor


@dataclass(frozen=True, slots=True)
class Drawn:
    """Mask logits float (B, 1, S/4, S/4), pointers float (B, D), object score logits float (B, 1)."""

    low: Tensor
    pointer: Tensor
    score: Tensor


def loss_of(
    model: Any, alarm: Any, batch: Batch, *, kind: int, dice: torch.Generator
) -> dict[str, Tensor]:
    """Return the parts of the loss, each a scalar, for balls that are prompted in one way on frame 0.

    Args:
        model: a ``SAM2Base`` in training mode.
        alarm: 1x1 convolutions, one for each feature level, that say "any ball"; they wake the encoder.
        batch: what is seen.
        kind: BOX, CLICKS or MASK.
        dice: randomness of the prompts.
    """
    rows, frames = batch.pictures.shape[:2]
    mean = torch.tensor(MEAN).view(3, 1, 1).to(batch.pictures.device)
    spread = torch.tensor(SPREAD).view(3, 1, 1).to(batch.pictures.device)
    flat = (batch.pictures.flatten(0, 1).float() / 255 - mean) / spread
    seen = model.forward_image(flat)
    levels = [level.unflatten(0, (rows, frames)) for level in seen["backbone_fpn"]]
    position = seen["vision_pos_enc"][-1][:rows]
    parts = {"any": _any_ball(alarm, seen["backbone_fpn"], batch.labels.flatten(0, 1) > 0)}
    drawn: list[Drawn] = []
    memories: list[Tensor] = []
    masks, scores = [], []
    for t in range(frames):
        own = [level[:, t] for level in levels]
        truth = (batch.labels[:, t] == 1).float()[:, None]
        if t == 0:
            out, supervised = _first(model, own, truth, batch.boxes, kind=kind, dice=dice)
        else:
            lit = _condition(model, own[-1], position, memories, drawn, batch.ages[:, : t + 1])
            out, supervised = _decode(model, lit, own), True
        if supervised:
            masks.append(_mask_loss(out.low, truth))
            scores.append(_score_loss(out.score, truth))
        drawn.append(out)
        memories.append(_remember(model, own[-1], out))
    if masks:
        parts["mask"] = torch.stack(masks).mean()
        parts["score"] = torch.stack(scores).mean()
    return parts


def _first(
    model: Any, own: list[Tensor], truth: Tensor, boxes: Tensor, *, kind: int, dice: torch.Generator
) -> tuple[Drawn, bool]:
    """Draw the prompted frame; a mask that was given is no exercise. Half of the rest is corrected once."""
    if kind == MASK:
        out = model._use_mask_as_output(own[-1], own[:-1], truth)  # noqa: SLF001 - upstream's only way
        return Drawn(out[3], out[5], out[6]), False
    lit = own[-1] + model.no_mem_embed.view(1, -1, 1, 1)
    clicks = _corners(boxes, dice) if kind == BOX else _clicks(truth, dice)
    out = _decode(model, lit, own, clicks=clicks)
    if torch.rand((), generator=dice) < 0.25:
        more = _mistakes(out.low.detach(), truth, dice)
        clicks = torch.cat([clicks[0], more[0]], 1), torch.cat([clicks[1], more[1]], 1)
        better = _decode(model, lit, own, clicks=clicks, prior=out.low.detach().clamp(-32, 32))
        return Drawn(
            (out.low + better.low) / 2, better.pointer, (out.score + better.score) / 2
        ), True
    return out, True


def _decode(
    model: Any,
    lit: Tensor,
    own: list[Tensor],
    *,
    clicks: tuple[Tensor, Tensor] | None = None,
    prior: Tensor | None = None,
) -> Drawn:
    """Run prompt encoder and mask decoder."""
    rows = len(lit)
    if clicks is None:
        clicks = (
            torch.zeros(rows, 1, 2, device=lit.device),
            -torch.ones(rows, 1, dtype=torch.int32, device=lit.device),
        )
    sparse, dense = model.sam_prompt_encoder(points=clicks, boxes=None, masks=prior)
    low, _, tokens, score = model.sam_mask_decoder(
        image_embeddings=lit,
        image_pe=model.sam_prompt_encoder.get_dense_pe(),
        sparse_prompt_embeddings=sparse,
        dense_prompt_embeddings=dense,
        multimask_output=False,
        repeat_image=False,
        high_res_features=own[:-1],
    )
    there = (score > 0).float()
    pointer = there * model.obj_ptr_proj(tokens[:, 0]) + (1 - there) * model.no_obj_ptr
    return Drawn(low, pointer, score)


def _remember(model: Any, top: Tensor, drawn: Drawn) -> Tensor:
    """Encode masks into memories float (B, C, h, w); what is judged absent is remembered as absent."""
    side = model.image_size
    high = functional.interpolate(drawn.low, (side, side), mode="bilinear", align_corners=False)
    there = (drawn.score > 0).view(-1, 1, 1, 1)
    memory, _ = model._encode_new_memory(  # noqa: SLF001 - upstream's only way
        current_vision_feats=[top.flatten(2).permute(2, 0, 1)],
        feat_sizes=[tuple(top.shape[-2:])],
        pred_masks_high_res=torch.where(there, high, torch.full_like(high, -32.0)),
        object_score_logits=drawn.score,
        is_mask_from_pts=False,
    )
    out: Tensor = memory
    return out


def _condition(
    model: Any,
    top: Tensor,
    position: Tensor,
    memories: list[Tensor],
    drawn: list[Drawn],
    ages: Tensor,
) -> Tensor:
    """Return the features of frame t in the light of frames 0 to t - 1, float (B, D, h, w)."""
    rows = len(top)
    where = model.memory_encoder.position_encoding(memories[0][:1]).flatten(2)[0].T  # (hw, C)
    tokens = torch.cat([memory.flatten(2).permute(2, 0, 1) for memory in memories])
    gaps = (ages[:, -1:] - ages[:, :-1]).clamp(1, model.num_maskmem - 1) - 1
    gaps[:, 0] = model.num_maskmem - 1  # frame 0 is the conditioning frame
    when = model.maskmem_tpos_enc[:, 0, 0][gaps].permute(1, 0, 2)  # (t, B, C)
    encoded = (where[None, :, None] + when[:, None]).flatten(0, 1)
    pointers = torch.stack([one.pointer for one in drawn])  # (t, B, D)
    old = (ages[:, -1:] - ages[:, :-1]).T / (model.max_obj_ptrs_in_encoder - 1)
    aged = model.obj_ptr_tpos_proj(get_1d_sine_pe(old, dim=pointers.shape[-1]))
    parts = pointers.shape[-1] // model.mem_dim
    split = (
        pointers.reshape(len(pointers), rows, parts, model.mem_dim)
        .permute(0, 2, 1, 3)
        .flatten(0, 1)
    )
    out = model.memory_attention(
        curr=[top.flatten(2).permute(2, 0, 1)],
        curr_pos=[position.flatten(2).permute(2, 0, 1)],
        memory=torch.cat([tokens, split]),
        memory_pos=torch.cat([encoded, aged.repeat_interleave(parts, dim=0)]),
        num_obj_ptr_tokens=len(split),
    )
    shaped: Tensor = out.permute(1, 2, 0).reshape(top.shape)
    return shaped


def _corners(boxes: Tensor, dice: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return box prompts, their edges off by a few per cent as a detector's are."""
    size = (boxes[:, 2:] - boxes[:, :2]).repeat(1, 2)
    noise = torch.randn(boxes.shape, generator=dice).to(boxes.device) * 0.045
    labels = torch.tensor([[2, 3]], dtype=torch.int32, device=boxes.device).expand(len(boxes), 2)
    return (boxes + noise * size).view(-1, 2, 2), labels


def _clicks(truth: Tensor, dice: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return one to three clicks: the first on the ball, the others on or beside it."""
    count = int(torch.randint(1, 4, (), generator=dice))
    wanted = [True, *(bool(torch.rand((), generator=dice) < 0.5) for _ in range(count - 1))]
    places = [_pick(truth[:, 0] if good else 1 - truth[:, 0], dice) for good in wanted]
    labels = torch.tensor([[int(good) for good in wanted]], dtype=torch.int32, device=truth.device)
    return torch.stack(places, 1), labels.expand(len(truth), count)


def _mistakes(low: Tensor, truth: Tensor, dice: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return one click for each ball where the mask is wrong, or on the ball where it is right."""
    high = functional.interpolate(low, truth.shape[-2:], mode="bilinear", align_corners=False) > 0
    wrong = (high[:, 0] != (truth[:, 0] > 0)).float()
    places = _pick(wrong + 1e-4 * truth[:, 0], dice)
    rows = torch.arange(len(truth), device=truth.device)
    spot = places.long()
    labels = truth[rows, 0, spot[:, 1], spot[:, 0]].to(torch.int32)
    return places[:, None], labels[:, None]


def _pick(weights: Tensor, dice: torch.Generator) -> Tensor:
    """Return one place for each row, float (B, 2), drawn with ``weights`` (B, S, S)."""
    flat = weights.flatten(1) + 1e-9
    index = torch.multinomial(flat.cpu(), 1, generator=dice)[:, 0].to(weights.device)
    side = weights.shape[-1]
    return torch.stack([index % side, index // side], -1).float() + 0.5


def _mask_loss(low: Tensor, truth: Tensor) -> Tensor:
    """Return dice and cross-entropy in equal parts, over balls that are there; elsewhere cross-entropy alone."""
    high = functional.interpolate(low, truth.shape[-2:], mode="bilinear", align_corners=False)
    there = (truth.sum((1, 2, 3)) > 0).float()
    probability = high.sigmoid()
    both = (probability * truth).sum((1, 2, 3))
    total = probability.sum((1, 2, 3)) + truth.sum((1, 2, 3))
    dice = 1 - (2 * both + 1) / (total + 1)
    pixels = functional.binary_cross_entropy_with_logits(high, truth, reduction="none").mean(
        (1, 2, 3)
    )
    return ((dice + 12 * pixels) * there).sum() / there.sum().clamp(min=1) + (
        2 * pixels * (1 - there)
    ).mean()


def _score_loss(score: Tensor, truth: Tensor) -> Tensor:
    """Return the cross-entropy of "the ball is there"; under 12 window pixels it is not."""
    there = (truth.sum((1, 2, 3)) >= 12).float()[:, None]
    return functional.binary_cross_entropy_with_logits(score, there)


def _any_ball(alarm: Any, levels: list[Tensor], any_ball: Tensor) -> Tensor:
    """Return the loss of seeing any ball on each level."""
    losses = []
    for head, level in zip(alarm, levels, strict=True):
        truth = functional.adaptive_avg_pool2d(
            any_ball[:, None].float(), (level.shape[-2], level.shape[-1])
        )
        losses.append(functional.binary_cross_entropy_with_logits(head(level), truth))
    return torch.stack(losses).mean()
