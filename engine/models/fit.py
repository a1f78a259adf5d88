"""Whether tensors fit a network, by name and shape, and which network they were made for; knows no files."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

_BLOCK = re.compile(r"image_encoder\.trunk\.blocks\.(\d+)\.")
_SHOWN = 3
_OF_2_1 = ("no_obj_embed_spatial", "obj_ptr_tpos_proj.weight", "obj_ptr_tpos_proj.bias")

DETECTOR, UNKNOWN = "detector", "unknown"
HIERA: Mapping[tuple[int, int], str] = {
    (12, 96): "sam2.1_hiera_tiny",
    (16, 96): "sam2.1_hiera_small",
    (24, 112): "sam2.1_hiera_base_plus",
    (48, 144): "sam2.1_hiera_large",
}  # blocks and width of the trunk, from the configurations of the sam2 package


@dataclass(frozen=True, slots=True)
class Misfit:
    """What keeps tensors from fitting a network: names it lacks or does not know, shapes or numbers that differ."""

    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Say whether anything is wrong."""
        return bool(self.missing or self.unexpected or self.shapes or self.numbers)

    def __str__(self) -> str:
        """Say what is wrong: how many of each kind, and the first few by name."""
        kinds = (
            ("missing", self.missing),
            ("not part of this model", self.unexpected),
            ("of another shape", self.shapes),
            ("of other numbers", self.numbers),
        )
        said = [f"{len(names)} {kind} ({_some(names)})" for kind, names in kinds if names]
        if self.missing and set(self.missing) <= set(_OF_2_1):
            said.append("these look like SAM 2.0 weights, expected SAM 2.1")
        return "; ".join(said)


def compare(tensors: Mapping[str, torch.Tensor], network: Any) -> Misfit:
    """Compare tensors with what a network needs, by name and shape; precision does not matter.

    Quantised weights (int8 where the network computes in floating point) mean nothing without their scales.
    """
    needed = network.state_dict()
    wanted = {name: tuple(value.shape) for name, value in needed.items()}
    return Misfit(
        tuple(sorted(wanted.keys() - tensors.keys())),
        tuple(sorted(tensors.keys() - wanted.keys())),
        tuple(
            f"{name} is {list(tensors[name].shape)}, expected {list(shape)}"
            for name, shape in sorted(wanted.items())
            if name in tensors and tuple(tensors[name].shape) != shape
        ),
        tuple(
            f"{name} is {str(tensors[name].dtype).removeprefix('torch.')}, expected floating point"
            for name, value in sorted(needed.items())
            if name in tensors and value.is_floating_point() > tensors[name].is_floating_point()
        ),
    )


def fill(network: Any, tensors: Mapping[str, torch.Tensor]) -> Misfit:
    """Put tensors into a network if all of them fit, in the network's own precision; return what does not."""
    misfit = compare(tensors, network)
    if not misfit:
        network.load_state_dict(dict(tensors))
    return misfit


def recognise(tensors: Mapping[str, torch.Tensor]) -> str:
    """Return what the tensors were made for: "nano", an official name, ``DETECTOR`` or ``UNKNOWN``."""
    if any(name.startswith("image_encoder.trunk.stem.") for name in tensors):
        return "nano"
    if any(name.startswith(("model.0.conv.", "model.model.0.conv.")) for name in tensors):
        return DETECTOR
    patches = tensors.get("image_encoder.trunk.patch_embed.proj.weight")
    blocks = {int(found[1]) for name in tensors if (found := _BLOCK.match(name))}
    return UNKNOWN if patches is None else HIERA.get((len(blocks), len(patches)), UNKNOWN)


def _some(names: tuple[str, ...]) -> str:
    """Return the first few names."""
    more = f", and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
