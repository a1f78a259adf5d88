"""A segmenter by the name of its model; the only file here that knows where weights come from."""

from typing import Any

import torch

from engine.adapters.sam2.segmenter import Mode, Sam2Segmenter
from engine.errors import SettingsError
from engine.models.checkpoints import load_segmenter


def open_segmenter(
    *, model: str = "nano", mode: str = "auto", device: str = "auto", **settings: Any
) -> Sam2Segmenter:
    """Load a model and return its segmenter.

    Args:
        model: "nano" for the bundled one, or any name or path that ``engine.models.checkpoints`` knows.
        mode: "windows", "frame", or "auto": windows for a model that says it was trained on them, or of at most 256 px.
        device: "cpu", "cuda", or "auto": a GPU where there is one.
        settings: handed to ``Sam2Segmenter``.

    Raises:
        WeightsError: the weights are missing or damaged.
        SettingsError: no such mode or device.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise SettingsError(
            f"{device = }: this machine has no GPU that torch can use; choose 'cpu' or 'auto'"
        )
    loaded = load_segmenter(model)
    chosen = _mode(mode, loaded.network.image_size, on_windows="context" in loaded.about)
    known = {
        name: float(loaded.about[name]) for name in ("context", "edge") if name in loaded.about
    }
    settings = {**known, **settings}  # a model on windows works at the scale that it was trained at
    return Sam2Segmenter(loaded.network.to(device), mode=chosen, **settings)


def _mode(mode: str, side: int, *, on_windows: bool) -> Mode:
    """Return the mode that a model of ``side`` pixels runs in, which was trained on windows or is not known to be."""
    match mode:
        case "auto":
            return "windows" if on_windows or side <= 256 else "frame"
        case "windows" | "frame":
            return mode
        case _:
            raise SettingsError(f"{mode = }: expected 'auto', 'windows' or 'frame'")
