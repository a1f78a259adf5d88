"""How a network does on clips held out while it is trained, in the views that it is trained on; trains nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from engine.training.segmenter_batches import Batch, Recipe, batches
from engine.training.segmenter_films import has_both
from engine.training.segmenter_losses import FEWEST_SEEN, real_iou
from engine.training.segmenter_options import Options
from engine.training.segmenter_steps import Course, go_through

BATCHES, MOST = 4, 12


@dataclass(slots=True)
class HeldOut:
    """Batches of clips held out, cut when they are first asked for and the same from then on."""

    recipe: Recipe | None
    cut: list[Batch] = field(default_factory=list)

    def measure(self, model: Any, device: torch.device) -> Mapping[str, float]:
        """Return figures of a network in evaluation mode; nothing where no clips are held out."""
        if self.recipe is None:
            return {}
        if not self.cut:
            self.cut += islice(batches(self.recipe, "held out"), BATCHES)
        return figures(model, [batch.to(device) for batch in self.cut])


def held_out(options: Options, recipe: Recipe) -> HeldOut:
    """Return the clips to measure on: those of ``options.held_out``, and the "val" ones of data with that split.

    Raises:
        SelectionError: a dataset to measure on has no clip that is long enough.
    """
    sources: tuple[Path, ...] = (*options.held_out, *filter(has_both, options.data))
    if not sources:
        return HeldOut(None)
    count = min(recipe.batch, MOST)
    return HeldOut(replace(recipe, sources=sources, batch=count, long=0.0, held=True))


@torch.inference_mode()
def figures(model: Any, given: list[Batch]) -> dict[str, float]:
    """Return means over balls and frames, 0..1: "prompted" and "followed" intersection over union, and "presence".

    Prompted is the first frame, followed are those behind it, of balls that are seen there. Presence is how often
    "the ball is there" or "is not" was right.
    """
    found: dict[str, list[float]] = {"prompted": [], "followed": [], "presence": []}
    for number, batch in enumerate(given):
        dice = torch.Generator().manual_seed(number)
        _count(go_through(model, batch, dice=dice), batch, found)
    return {name: round(sum(many) / len(many), 4) for name, many in found.items() if many}


def _count(course: Course, batch: Batch, found: dict[str, list[float]]) -> None:
    """Compare what was drawn of each frame, before anyone helped, with the truth."""
    rows = torch.arange(len(batch.labels), device=batch.labels.device)
    for t, drafts in enumerate(course.drafts):
        if drafts is None:
            continue
        truth = (batch.labels[:, t] == 1).float()[:, None]
        seen = truth.sum((1, 2, 3)) >= FEWEST_SEEN
        best = drafts.lows[rows, drafts.ious.argmax(1)][:, None]
        found["followed" if t else "prompted"] += real_iou(best, truth)[seen].tolist()
        found["presence"] += ((drafts.score[:, 0] > 0) == seen).float().tolist()
