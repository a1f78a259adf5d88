"""One training step of a SAM 2: prompts, frames, memory as it is in use; knows no files and no schedule.

Unlike in use, masks are not blanked where the object score is below zero before they are compared with
the truth: from random weights that would starve them of gradient. What is remembered is blanked, as in use.
"""

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from engine.models import memory
from engine.models.memory import Drafts, Drawn, Features, Past
from engine.training.segmenter_batches import Batch
from engine.training.segmenter_losses import Lesson, any_ball_loss, lesson_of, mean_of
from engine.training.segmenter_windows import BOX, MASK

_OFF = (
    0.0,
    0.015,
    0.03,
    0.06,
)  # how far the edges of a box prompt are off, in sizes of the ball, each for as many


@dataclass(slots=True)
class Course:
    """What a batch has been through.

    ``seen`` are the features of all its pictures (P * T); ``memories`` (B, C, h, w), ``pointers`` (B, D) and
    ``conditioning`` (B,), whether it is a conditioning frame, stand for each frame; ``drafts`` is what was drawn of it
    before anyone helped, None where the mask was given.
    """

    seen: Features
    memories: list[Tensor] = field(default_factory=list)
    pointers: list[Tensor] = field(default_factory=list)
    conditioning: list[Tensor] = field(default_factory=list)
    lessons: list[Lesson] = field(default_factory=list)
    drafts: list[Drafts | None] = field(default_factory=list)


def loss_of(model: Any, alarm: Any, batch: Batch, *, dice: torch.Generator) -> dict[str, Tensor]:
    """Return the parts of the loss, each a scalar; see ``go_through`` and ``losses_of``."""
    return losses_of(go_through(model, batch, dice=dice), alarm, batch)


def losses_of(course: Course, alarm: Any, batch: Batch) -> dict[str, Tensor]:
    """Return "mask", "score" and "iou", and "any" where there is an alarm.

    ``alarm`` holds 1x1 convolutions, one for each feature level, that say "any ball"; they wake the encoder
    of a network that begins from nothing. An empty one is no part of the loss.
    """
    parts = mean_of(course.lessons)
    if len(alarm):
        parts["any"] = any_ball_loss(alarm, course.seen.levels, any_ball(batch))
    return parts


def go_through(model: Any, batch: Batch, *, dice: torch.Generator) -> Course:
    """Prompt and follow the balls of a batch with a ``SAM2Base``, as ``batch`` asks and ``dice`` decides."""
    course = Course(memory.encode(model, batch.pictures.flatten(0, 1)))
    for t in range(batch.labels.shape[1]):
        own = _frame(course.seen, batch, t)
        truth = (batch.labels[:, t] == 1).float()[:, None]
        drawn = (
            _first(model, own, truth, batch, course, dice)
            if t == 0
            else _later(model, own, truth, batch, course, t, dice)
        )
        course.pointers.append(drawn.pointer)
        kept = memory.remember(model, own, memory.blank(model, drawn), prompted=t == 0)
        course.memories.append(_stored(kept))
    return course


def any_ball(batch: Batch) -> Tensor:
    """Return where any ball is on each picture, float (P * T, S, S)."""
    seen = (batch.labels > 0).float()
    joined = seen.new_zeros(len(batch.pictures), *seen.shape[1:])
    return joined.index_add(0, batch.owners, seen).clamp(max=1).flatten(0, 1)


def _frame(seen: Features, batch: Batch, t: int) -> Features:
    """Return the features of each ball's picture on frame t."""
    shape = batch.pictures.shape[:2]
    levels = (level.view(*shape, *level.shape[1:])[:, t] for level in seen.levels)
    return Features(tuple(levels), seen.position).take(batch.owners)


def _stored(kept: Tensor) -> Tensor:
    """Return memories with the precision that they are kept in; the gradient passes unrounded."""
    return kept + (kept.to(torch.bfloat16).to(kept.dtype) - kept).detach()


def _first(
    model: Any,
    own: Features,
    truth: Tensor,
    batch: Batch,
    course: Course,
    dice: torch.Generator,
) -> Drawn:
    """Draw the prompted frame; a mask that was given is no exercise. Some of the rest is corrected once."""
    course.conditioning.append(torch.ones(len(truth), dtype=torch.bool, device=truth.device))
    if batch.kind == MASK:
        course.drafts.append(None)
        return memory.accept(model, own, truth)
    clicks = (
        _corners(batch.boxes, dice) if batch.kind == BOX else _clicks(batch.clicks, truth, dice)
    )
    lit = memory.begin(model, own)
    drafts = memory.draft(model, lit, own, clicks=clicks, first=True)
    course.drafts.append(drafts)
    course.lessons.append(lesson_of(drafts, truth))
    drawn = memory.choose(model, drafts)
    if torch.rand((), generator=dice) < 0.15:
        return _corrected(model, own, lit, drawn, truth, course, dice, clicks=clicks)
    return drawn


def _later(
    model: Any,
    own: Features,
    truth: Tensor,
    batch: Batch,
    course: Course,
    t: int,
    dice: torch.Generator,
) -> Drawn:
    """Draw a frame in the light of those before it, with a person's help on the one that is corrected."""
    helped = t == batch.corrected
    lit = memory.recall(model, own, _past(model, batch, course, t))
    drafts = memory.draft(model, lit, own)
    course.drafts.append(drafts)
    course.lessons.append(lesson_of(drafts, truth))
    drawn = memory.choose(model, drafts)
    here = truth.flatten(1).any(1)
    course.conditioning.append(torch.full_like(here, helped) & (here | (not batch.boxed)))
    if helped and batch.boxed:
        return _boxed(model, own, drawn, truth, here, course, dice)
    if helped:
        return _corrected(model, own, lit, memory.blank(model, drawn), truth, course, dice)
    return drawn


def _corrected(
    model: Any,
    own: Features,
    lit: Tensor,
    drawn: Drawn,
    truth: Tensor,
    course: Course,
    dice: torch.Generator,
    *,
    clicks: tuple[Tensor, Tensor] | None = None,
) -> Drawn:
    """Draw once more, with a click where the mask is wrong."""
    more = _mistakes(drawn.low.detach(), truth, dice)
    asked = more if clicks is None else (
        torch.cat([clicks[0], more[0]], 1), torch.cat([clicks[1], more[1]], 1)
    )  # fmt: skip
    drafts = memory.draft(model, lit, own, clicks=asked, prior=drawn.low.detach())
    course.lessons.append(lesson_of(drafts, truth))
    return memory.choose(model, drafts)


def _boxed(
    model: Any,
    own: Features,
    drawn: Drawn,
    truth: Tensor,
    here: Tensor,
    course: Course,
    dice: torch.Generator,
) -> Drawn:
    """Begin anew with a box, where the ball is there to be boxed; the others go on as they were."""
    corners = _corners(_boxes(truth), dice)
    drafts = memory.draft(model, memory.begin(model, own), own, clicks=corners, first=True)
    course.lessons.append(lesson_of(drafts, truth, rows=here))
    anew = memory.choose(model, drafts)
    return Drawn(
        *(
            torch.where(here.view(-1, *[1] * (b.ndim - 1)), a, b)
            for a, b in zip(_parts(anew), _parts(drawn), strict=True)
        )
    )


def _parts(drawn: Drawn) -> tuple[Tensor, ...]:
    """Return the fields in order."""
    return drawn.low, drawn.pointer, drawn.score, drawn.iou


def _past(model: Any, batch: Batch, course: Course, t: int) -> Past:
    """Return what frame t attends to: everything before it, conditioning frames at their own place in time."""
    gaps = batch.ages[:, t : t + 1] - batch.ages[:, :t]
    last = model.num_maskmem - 1
    places = torch.where(torch.stack(course.conditioning, 1), last, gaps.clamp(1, last) - 1)
    return Past(
        torch.stack(course.memories, 1),
        places,
        torch.stack(course.pointers, 1),
        gaps / (model.max_obj_ptrs_in_encoder - 1),
    )


def _corners(boxes: Tensor, dice: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return box prompts: many exact as a person's on a zoomed ball, others off by a few per cent as a detector's are."""
    size = (boxes[:, 2:] - boxes[:, :2]).repeat(1, 2)
    kinds = torch.randint(len(_OFF), (len(boxes), 1), generator=dice)
    noise = torch.randn(boxes.shape, generator=dice) * torch.tensor(_OFF)[kinds]
    noise = noise.to(boxes.device)
    labels = torch.tensor([[2, 3]], dtype=torch.int32, device=boxes.device).expand(len(boxes), 2)
    return (boxes + noise * size).view(-1, 2, 2), labels


def _boxes(truth: Tensor) -> Tensor:
    """Return tight boxes float (B, 4) of masks (B, 1, S, S); of an empty one, the whole square."""
    side = truth.shape[-1]
    columns, rows = truth[:, 0].amax(1) > 0, truth[:, 0].amax(2) > 0  # (B, S)
    ends = [
        (line.float().argmax(1), side - line.flip(1).float().argmax(1)) for line in (columns, rows)
    ]
    return torch.stack([ends[0][0], ends[1][0], ends[0][1], ends[1][1]], 1).float()


def _clicks(first: Tensor, truth: Tensor, dice: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return one to three clicks: the first in the middle of the window, the others on or beside the ball."""
    more = int(torch.multinomial(torch.tensor([0.6, 0.25, 0.15]), 1, generator=dice))
    wanted = [bool(torch.rand((), generator=dice) < 0.5) for _ in range(more)]
    side = truth.shape[-1]
    near = functional.max_pool2d(truth, 2 * (side // 8) + 1, 1, side // 8)[:, 0]
    on = _visible(first, truth, dice)
    places = [on, *(_pick(truth[:, 0] if good else near - truth[:, 0], dice) for good in wanted)]
    labels = torch.tensor([[1, *map(int, wanted)]], dtype=torch.int32, device=truth.device)
    return torch.stack(places, 1), labels.expand(len(truth), more + 1)


def _visible(first: Tensor, truth: Tensor, dice: torch.Generator) -> Tensor:
    """Return the clicks, but another one where something has come in front of the ball."""
    rows, spot = (
        torch.arange(len(first), device=first.device),
        first.long().clamp(0, truth.shape[-1] - 1),
    )
    hit = truth[rows, 0, spot[:, 1], spot[:, 0]] > 0
    return torch.where(hit[:, None], first, _pick(truth[:, 0], dice))


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
