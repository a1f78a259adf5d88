"""SAM 2 models by name or path: how each is built and filled with its weights; knows nothing of clips and prompts.

"nano" ships with the package. The official SAM 2.1 models are built from the configurations of the ``sam2``
package and fetched once into a cache folder (``ENGINE_CACHE``, default ~/.cache/billiards-engine). Anything else is
the path of a checkpoint; which of the models it belongs to is read from the names and shapes of its tensors.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from engine.errors import WeightsError
from engine.models.catalogue import CATALOGUE, NANO, OFFICIAL, Kind, entry, locate
from engine.models.download import fetch
from engine.models.fit import DETECTOR, UNKNOWN, fill, recognise
from engine.models.nano import build_nano
from engine.models.weights_file import WeightsFile, read_weights, refuse_diverged

__all__ = ["NANO", "OFFICIAL", "Loaded", "build_official", "load_segmenter", "read_segmenter"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A network with what its weights say about themselves: ``about`` holds "context" for models on windows."""

    network: Any
    about: Mapping[str, str]


def load_segmenter(
    name: str, *, cache: Path | None = None, progress: Callable[[int, int], None] | None = None
) -> Loaded:
    """Build the model ``name`` and load its weights.

    Args:
        name: "nano", the name of an official model, or the path of a checkpoint.
        cache: folder for what is fetched.
        progress: called with the bytes that are there and the bytes in all, while fetching.

    Raises:
        WeightsError: the name is unknown, or the file is missing, truncated or of another model.
    """
    if name not in CATALOGUE:
        return read_segmenter(_own(name))
    found = entry(name)
    if found.kind is not Kind.SEGMENTER:
        raise WeightsError(
            f"{name} is a {found.kind}, expected a segmenter; choose nano or an official model"
        )
    path = locate(found, cache=cache)
    if not found.bundled:
        path = fetch(
            found.url, path.parent, sha256=found.sha256, size=found.size, progress=progress
        )
    return read_segmenter(path, expected=name)


def read_segmenter(path: Path, *, expected: str | None = None) -> Loaded:
    """Load the checkpoint of a SAM 2 from a file; nothing in it is executed.

    Args:
        path: safetensors of any precision, or a PyTorch file of tensors, bare or under "model".
        expected: the model that it must be; by default whichever its tensors fit.

    Raises:
        WeightsError: the file is missing, damaged or of another model; the message says what does not fit.
    """
    file = read_weights(path)
    found = recognise(file.tensors)
    if expected is not None and found != expected:
        raise WeightsError(
            f"{path}: these are the weights of {_in_words(found, file)}, expected {expected}"
        )
    if found in {UNKNOWN, DETECTOR}:
        raise WeightsError(
            f"{path}: these are the weights of another model ({_in_words(found, file)}); "
            f"expected those of a segmenter: nano, {', '.join(OFFICIAL)}"
        )
    refuse_diverged(path, file.tensors)
    network = build_nano() if found == "nano" else build_official(found)
    misfit = fill(network, _in_full(file.tensors))
    if misfit:
        raise WeightsError(
            f"{path}: not the weights of {found} as this version builds it: {misfit}; "
            "choose another file, or train it again with this version"
        )
    return Loaded(network.eval(), {"model": found, **file.header})


def build_official(name: str) -> Any:
    """Return an official model with random weights, on the CPU, set up for video as upstream's own predictor is.

    That is: a mask that is not stable gives way to the best of three, and a prompted mask is remembered as it is shown.

    Raises:
        WeightsError: there is none of this name.
    """
    if name not in OFFICIAL:
        raise WeightsError(f"unknown model {name!r}: expected one of {', '.join(OFFICIAL)}")
    from sam2.build_sam import build_sam2  # noqa: PLC0415 - brings Hydra along, which the nano does not need

    return build_sam2(
        OFFICIAL[name].config,
        ckpt_path=None,
        device="cpu",
        hydra_overrides_extra=["++model.binarize_mask_from_pts_for_mem_enc=true"],
        apply_postprocessing=True,
    )


def _own(name: str) -> Path:
    """Return the path that a name means which is not in the catalogue."""
    path = Path(name).expanduser()
    if not path.suffix and not path.exists():
        entry(name)  # says which names there are
    return path


def _in_full(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return tensors with numbers of half precision in full."""
    return {k: v.float() if v.is_floating_point() else v for k, v in tensors.items()}


def _in_words(found: str, file: WeightsFile) -> str:
    """Say whose weights these are."""
    if found == DETECTOR:
        return "a YOLO detector; give them as the detector's"
    if found == UNKNOWN:
        return f"an unknown model with {len(file.tensors)} tensors like {', '.join(list(file.tensors)[:3])}"
    return found
