"""Run by torchrun in test_parallel.py: each process learns from a batch of its own and writes the gradients it ends with."""

import sys
from pathlib import Path

import torch

from engine.training.parallel import agreed, team, together
from engine.training.segmenter_batches import Batches, Recipe
from engine.training.segmenter_options import Options
from engine.training.segmenter_state import open_state


def main(data: Path, out: Path) -> None:
    torch.set_num_threads(1)
    with team("cpu") as members:
        state = open_state(Options((data,), out), members.device)
        recipe = Recipe((data,), 96, 3.5, batch=2, frames=2, long=0.0)
        batch = next(iter(Batches(recipe, part=members.rank)))
        wrapped = together(state.pupil, members)  # must outlive its backward pass
        parts = wrapped(batch=batch, dice=state.dice)
        torch.autograd.backward([torch.stack(list(parts.values())).sum()])
        gradients = {n: p.grad for n, p in state.pupil.named_parameters() if p.grad is not None}
        said = agreed(members, 10.0 + members.rank, 0.5)
        content = {"gradients": gradients, "batch": batch.pictures.float().mean(), "said": said}
        torch.save(content, out / f"{members.rank}.pt")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
