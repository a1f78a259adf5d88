"""SAM 2 models by name: how each is built and where its weights lie; knows nothing of clips and prompts.

"nano" ships with the package. The official SAM 2.1 models are built from the configurations of the ``sam2``
package and fetched once into a cache folder (``ENGINE_CACHE``, default ~/.cache/billiards-engine). Anything else is
the path of a checkpoint: .safetensors of a nano, or an official .pt beside the name of its model.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from engine.errors import WeightsError
from engine.models.download import fetch
from engine.models.nano import build_nano

NANO = "litesam2_nano.safetensors"
_BASE = "https://dl.fbaipublicfiles.com/segment_anything_2/092824"


@dataclass(frozen=True, slots=True)
class Official:
    """An official model: its configuration in the ``sam2`` package and the file of its weights."""

    config: str
    url: str


OFFICIAL: Mapping[str, Official] = MappingProxyType(
    {
        f"sam2.1_hiera_{name}": Official(
            f"configs/sam2.1/sam2.1_hiera_{short}.yaml", f"{_BASE}/sam2.1_hiera_{name}.pt"
        )
        for name, short in (("tiny", "t"), ("small", "s"), ("base_plus", "b+"), ("large", "l"))
    }
)


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
    if name == "nano":
        with as_file(files("engine").joinpath(f"assets/{NANO}")) as path:
            return _nano(path)
    if name in OFFICIAL:
        chosen = OFFICIAL[name]
        folder = (
            cache or Path(os.environ.get("ENGINE_CACHE", "~/.cache/billiards-engine")).expanduser()
        )
        return _official(fetch(chosen.url, folder, progress=progress), chosen.config)
    path = Path(name)
    if path.suffix == ".safetensors":
        return _nano(path)
    if path.suffix == ".pt" and path.stem in OFFICIAL:
        return _official(path, OFFICIAL[path.stem].config)
    raise WeightsError(
        f"unknown model {name!r}: expected nano, {', '.join(OFFICIAL)}, the path of a nano's .safetensors, "
        "or of a .pt named after its official model"
    )


def build_official(name: str) -> Any:
    """Return an official model with random weights.

    Raises:
        WeightsError: there is none of this name.
    """
    if name not in OFFICIAL:
        raise WeightsError(f"unknown model {name!r}: expected one of {', '.join(OFFICIAL)}")
    return _build(OFFICIAL[name].config)


def _build(config: str) -> Any:
    """Build a network from a configuration of the ``sam2`` package, on the CPU."""
    from sam2.build_sam import build_sam2  # noqa: PLC0415 - brings Hydra along, which the nano does not need

    return build_sam2(config, ckpt_path=None, device="cpu", apply_postprocessing=False)


def _nano(path: Path) -> Loaded:
    """Load a nano from safetensors of any precision."""
    _refuse_missing(path)
    network = build_nano()
    try:
        with safe_open(path, framework="pt") as file:
            about = dict(file.metadata() or {})
            weights = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError) as error:
        raise WeightsError(
            f"{path}: not readable as safetensors ({error}); fetch or train it again"
        ) from error
    _fill(
        network,
        {
            key: value.float() if value.is_floating_point() else value
            for key, value in weights.items()
        },
        path,
    )
    return Loaded(network.eval(), about)


def _official(path: Path, config: str) -> Loaded:
    """Load an official checkpoint; nothing in it is executed."""
    _refuse_missing(path)
    try:
        weights = torch.load(path, map_location="cpu", weights_only=True)["model"]
    except Exception as error:  # torch raises half a dozen kinds for damaged files
        raise WeightsError(
            f"{path}: not readable as a SAM 2 checkpoint ({error}); delete it and fetch it again"
        ) from error
    network = _build(config)
    _fill(network, weights, path)
    return Loaded(network.eval(), {"model": path.stem})


def _fill(network: Any, weights: Mapping[str, Any], path: Path) -> None:
    """Put weights into a network, every one of them in its place."""
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise WeightsError(
            f"{path}: these are the weights of another model: {str(error)[:300]}"
        ) from error


def _refuse_missing(path: Path) -> None:
    """Refuse a file that is not there."""
    if not path.is_file():
        raise WeightsError(
            f"{path}: no such checkpoint; name an existing file or one of nano, {', '.join(OFFICIAL)}"
        )
