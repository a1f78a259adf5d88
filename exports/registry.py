"""Formats of datasets by name, with their layouts; builds the exporter of one. A new format is one line here."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

from engine.errors import SettingsError
from exports.format import Format
from exports.publish import Publisher

FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "coco": "exports.coco:Coco",
        "davis": "exports.davis:Davis",
        "frames": "exports.frames:Frames",
        "mose": "exports.mose:Mose",
        "mots": "exports.mots:Mots",
        "sav": "exports.sav:Sav",
        "sav-val": "exports.sav_val:SavVal",
        "yolo-seg": "exports.yolo_seg:YoloSeg",
        "youtube-vis": "exports.youtube_vis:YoutubeVis",
    }
)
LAYOUTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "coco": ("frame", "video"),
        "davis": ("semi-supervised", "unsupervised"),
        "frames": ("objects",),
        "mose": ("train",),
        "mots": ("train",),
        "sav": ("train",),
        "sav-val": ("val", "test"),
        "yolo-seg": ("polygons",),
        "youtube-vis": ("train",),
    }
)
"""The layouts of each format, its default first."""


def exporter(
    name: str,
    *,
    layout: str = "",
    resolution: str = "",
    trust_auto: bool = False,
    min_area: int = 20,
    workers: int = 1,
    fresh: bool = False,
    settings: Mapping[str, Any] | None = None,
) -> Publisher:
    """Return the exporter of a format.

    Raises:
        SettingsError: no such format, layout or resolution, or an option that the format does not know.
    """
    options = {"layout": layout, "resolution": resolution, "trust_auto": trust_auto}
    made = _format(name, {key: value for key, value in options.items() if value})
    return Publisher(made, min_area, workers, fresh, settings or {})


def _format(name: str, options: Mapping[str, Any]) -> Format:
    """Build a format with the options that were given."""
    if name not in FORMATS:
        near = get_close_matches(name, FORMATS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise SettingsError(f"no format {name!r}; known: {', '.join(sorted(FORMATS))}{hint}")
    if (layout := options.get("layout")) and layout not in LAYOUTS[name]:
        raise SettingsError(f"{name} has no layout {layout!r}; it has {', '.join(LAYOUTS[name])}")
    module, _, attribute = FORMATS[name].partition(":")
    made: Callable[..., Format] = getattr(import_module(module), attribute)
    try:
        return made(**options)
    except TypeError as error:
        raise SettingsError(f"{name} does not know {', '.join(options)} ({error})") from error
