"""One frame's masks for many tracks in few batches; knows tensors and memories, no pictures and no clips."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from engine.adapters.sam2 import network
from engine.adapters.sam2.bank import Recall
from engine.adapters.sam2.network import Drawn, Features


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


def draw(model: Any, features: Features, tasks: Sequence[Task]) -> dict[int, Drawn]:
    """Return what was drawn of each track, one row each.

    A mask is taken as it is. Clicks on a track with a memory improve on what the memory says, as
    upstream does on a tracked frame; clicks after a mask improve on the mask.
    """
    lit = _light(model, features, tasks)
    drawn: dict[int, Drawn] = {}
    for group in grouped([t for t in tasks if t.mask is not None], lambda _: 0):
        masks = torch.stack([t.mask for t in group if t.mask is not None])
        _spread(drawn, group, network.accept(model, _of(features, group), masks))
    for group in grouped([t for t in tasks if t.mask is None and t.memory], lambda _: 0):
        out = network.decode(model, _stack(lit, group), _of(features, group))
        _spread(drawn, group, out)
    clicked = [t for t in tasks if t.clicks is not None]
    for group in grouped(clicked, lambda t: _shape(t, drawn)):
        _spread(drawn, group, _click(model, features, group, lit=lit, prior=drawn))
    return drawn


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
    return network.decode(
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
        out = network.condition(model, own, recalls) if recalls else network.begin(model, own)
        lit.update({t.track: out[i : i + 1] for i, t in enumerate(group)})
    return lit


def _length(task: Task) -> tuple[int, int]:
    """Return how much a track remembers; equal lengths make one batch."""
    memory = task.memory
    return (len(memory.features), len(memory.pointers)) if memory else (-1, -1)


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
        drawn[task.track] = Drawn(out.low[row], out.pointer[row], out.score[row])
