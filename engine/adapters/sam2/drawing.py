"""One frame's masks for many tracks in few batches; knows tensors and memories, no pictures and no clips."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from engine.adapters.sam2.bank import Recall
from engine.models import memory
from engine.models.memory import Drafts, Drawn, Features, Past

_DOUBTFUL = -0.85  # logit of an object score of 0.3
_BARELY = 0.01


@dataclass(frozen=True, slots=True)
class Task:
    """One track on one frame.

    ``row`` is its picture among the features; ``memory`` None for a fresh start; ``clicks`` (P, 2) in
    model pixels and (P,); ``mask`` (1, S, S).
    """

    track: int
    row: int
    memory: Recall | None = None
    clicks: tuple[Tensor, Tensor] | None = None
    mask: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was drawn of one track, one row; ``doubtful`` is what it would be were a ball there that is just not believed."""

    drawn: Drawn
    doubtful: Drawn | None = None


def draw(model: Any, features: Features, tasks: Sequence[Task]) -> dict[int, Outcome]:
    """Return what was drawn of each track.

    A mask is taken as it is. Clicks on a track with a memory improve on what the memory says, as
    upstream does on a tracked frame; clicks after a mask improve on the mask.
    """
    drawn, doubtful = _draw(model, features, tasks)
    return {track: Outcome(row, doubtful.get(track)) for track, row in drawn.items()}


def _draw(
    model: Any, features: Features, tasks: Sequence[Task]
) -> tuple[dict[int, Drawn], dict[int, Drawn]]:
    """Return what was drawn, and what is doubtful of it."""
    lit = _light(model, features, tasks)
    drawn: dict[int, Drawn] = {}
    doubtful: dict[int, Drawn] = {}
    for group in grouped([t for t in tasks if t.mask is not None], lambda _: 0):
        masks = torch.stack([t.mask for t in group if t.mask is not None])
        _spread(drawn, group, memory.accept(model, _of(features, group), masks))
    for group in grouped([t for t in tasks if t.mask is None and t.memory], lambda _: 0):
        drafts = memory.draft(model, _stack(lit, group), _of(features, group))
        _spread(drawn, group, memory.blank(model, memory.choose(model, drafts)))
        if model.pred_obj_scores:
            unsure = [t for t, score in zip(group, drafts.score[:, 0].tolist(), strict=True)
                      if _DOUBTFUL < score <= 0 and t.clicks is None]  # fmt: skip
            rows = [group.index(t) for t in unsure]
            _spread(doubtful, unsure, memory.choose(model, _believed(drafts, rows)))
    clicked = [t for t in tasks if t.clicks is not None]
    for group in grouped(clicked, lambda t: _shape(t, drawn)):
        _spread(drawn, group, _click(model, features, group, lit=lit, prior=drawn))
    return drawn, doubtful


def _believed(drafts: Drafts, rows: Sequence[int]) -> Drafts:
    """Return some rows as if their balls were just judged to be there."""
    picked = torch.as_tensor(rows, dtype=torch.long, device=drafts.score.device)
    parts = (drafts.lows, drafts.ious, drafts.tokens, drafts.score)
    chosen = Drafts(*(part[picked] for part in parts))
    return replace(chosen, score=torch.full_like(chosen.score, _BARELY))


def grouped(tasks: Sequence[Task], key: Callable[[Task], Hashable]) -> list[list[Task]]:
    """Return the tasks in groups of one key, each of which can be one batch."""
    groups: dict[Hashable, list[Task]] = {}
    for task in tasks:
        groups.setdefault(key(task), []).append(task)
    return list(groups.values())


def join(rows: Sequence[Drawn]) -> Drawn:
    """Return single rows as one batch."""
    return Drawn(
        torch.cat([r.low for r in rows]),
        torch.cat([r.pointer for r in rows]),
        torch.cat([r.score for r in rows]),
        torch.cat([r.iou for r in rows]),
    )


def _click(
    model: Any,
    features: Features,
    group: list[Task],
    *,
    lit: dict[int, Tensor],
    prior: dict[int, Drawn],
) -> Drawn:
    """Draw tracks with equally many clicks."""
    pairs = [t.clicks for t in group if t.clicks is not None]
    before = [prior[t.track].low for t in group if t.track in prior]
    return memory.decode(
        model,
        _stack(lit, group),
        _of(features, group),
        clicks=(torch.stack([c for c, _ in pairs]), torch.stack([s for _, s in pairs])),
        prior=torch.cat(before) if before else None,
        first=group[0].memory is None,
    )


def _light(model: Any, features: Features, tasks: Sequence[Task]) -> dict[int, Tensor]:
    """Return each track's features (1, D, h, w) in the light of its memory, in batches of one length."""
    lit: dict[int, Tensor] = {}
    for group in grouped(tasks, _length):
        recalls = [t.memory for t in group if t.memory is not None]
        own = _of(features, group)
        out = memory.recall(model, own, _past(recalls)) if recalls else memory.begin(model, own)
        lit.update({t.track: out[i : i + 1] for i, t in enumerate(group)})
    return lit


def _length(task: Task) -> tuple[int, int]:
    """Return how much a track remembers; equal lengths make one batch."""
    known = task.memory
    return (len(known.features), len(known.pointers)) if known else (-1, -1)


def _past(recalls: Sequence[Recall]) -> Past:
    """Return memories of one length as a batch."""
    features = torch.stack([torch.stack(recall.features) for recall in recalls])
    here = features.device
    pointers = [torch.stack(recall.pointers) for recall in recalls if recall.pointers]
    return Past(
        features,
        torch.tensor([recall.places for recall in recalls], device=here),
        torch.stack(pointers) if pointers else features.new_zeros(len(recalls), 0, 1),
        torch.tensor([recall.ages for recall in recalls], device=here),
    )


def _shape(task: Task, drawn: dict[int, Drawn]) -> tuple[int, bool, bool]:
    """Return what must agree for clicks to share a batch."""
    count = 0 if task.clicks is None else len(task.clicks[1])
    return count, task.track in drawn, task.memory is None


def _of(features: Features, group: Sequence[Task]) -> Features:
    """Return the features of a group, one row a track."""
    return features.take([t.row for t in group])


def _stack(lit: dict[int, Tensor], group: Sequence[Task]) -> Tensor:
    """Return the group's features as one batch."""
    return torch.cat([lit[t.track] for t in group])


def _spread(drawn: dict[int, Drawn], group: Sequence[Task], out: Drawn) -> None:
    """File a batch's rows under their tracks."""
    for i, task in enumerate(group):
        row = slice(i, i + 1)
        drawn[task.track] = Drawn(out.low[row], out.pointer[row], out.score[row], out.iou[row])
