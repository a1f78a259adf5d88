"""Names to "module:attribute", imported only when asked for. A new plug-in is one line here."""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from types import MappingProxyType
from typing import Any

from engine.errors import SettingsError

DETECTORS: Mapping[str, str] = MappingProxyType(
    {"yolo": "engine.adapters.detect_yolo:YoloDetector"}
)
SEGMENTERS: Mapping[str, str] = MappingProxyType({"sam2": "engine.adapters.sam2:open_segmenter"})
EMBEDDERS: Mapping[str, str] = MappingProxyType(
    {"balls": "engine.adapters.embed_balls:BallEmbedder"}
)
RUNNERS: Mapping[str, str] = MappingProxyType({"local": "engine.adapters.run_local:LocalRunner"})


def load(kind: Mapping[str, str], name: str) -> Any:
    """Import and return what ``name`` stands for.

    Raises:
        SettingsError: the name is unknown; the message lists the known ones.
    """
    if name not in kind:
        near = get_close_matches(name, kind, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise SettingsError(f"unknown name {name!r}; known: {', '.join(sorted(kind))}{hint}")
    module, _, attribute = kind[name].partition(":")
    return getattr(import_module(module), attribute)
