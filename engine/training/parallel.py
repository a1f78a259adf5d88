"""Several processes that train one network, as torchrun starts them; knows no network. One process is a team of one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from engine.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Team:
    """This process among ``size``: number ``rank`` computes on ``device``; number 0 writes files and speaks."""

    rank: int
    size: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this process writes files and speaks."""
        return self.rank == 0


@contextmanager
def team(device: str) -> Iterator[Team]:
    """Join the processes that torchrun started, each on a GPU of its own where there are any, and leave them at the end.

    Args:
        device: "auto" (a GPU where there is one), "cpu", "cuda", or "cuda:1".

    Raises:
        SettingsError: there is no such device.
    """
    size, rank = _number("WORLD_SIZE", 1), _number("RANK", 0)
    chosen = _device(device, _number("LOCAL_RANK", 0) if size > 1 else None)
    if size == 1:
        yield Team(0, 1, chosen)
        return
    if chosen.type == "cuda":
        torch.cuda.set_device(chosen)
    distributed.init_process_group("nccl" if chosen.type == "cuda" else "gloo")
    try:
        yield Team(rank, size, chosen)
    finally:
        distributed.destroy_process_group()


def together(module: nn.Module, members: Team) -> Any:
    """Return a module whose gradients are the mean over the team's; the module itself for a team of one."""
    if members.size == 1:
        return module
    ids = [members.device.index] if members.device.type == "cuda" else None
    # Prompts are drawn by each process for itself, so a part may be used by one and not by another.
    return DistributedDataParallel(module, device_ids=ids, find_unused_parameters=True)


def agreed(members: Team, *values: float) -> tuple[float, ...]:
    """Return the values of the process that leads, so that all of them decide alike."""
    if members.size == 1:
        return values
    said = torch.tensor(values, dtype=torch.float64, device=members.device)
    distributed.broadcast(said, 0)
    return tuple(said.tolist())


def _number(name: str, default: int) -> int:
    """Return what torchrun says in an environment variable."""
    return int(os.environ.get(name, str(default)))


def _device(name: str, local: int | None) -> torch.device:
    """Return the device of a name; ``local`` is the number of this process on its machine."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise SettingsError(f"{name = }: no such device; choose auto, cpu or cuda") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise SettingsError(
            f"{name = }: this machine has no GPU that torch can use; choose cpu or auto"
        )
    if device.type == "cuda" and local is not None:
        return torch.device("cuda", local)
    return device
