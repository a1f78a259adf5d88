"""How a dataset looks in the app before anybody has changed anything: colours, groups of facts, and what is shown first."""

import colorsys
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.billiards.colours import EVENT_COLOURS, KIND_COLOURS
from exports.board.questions import STAGE_COLOURS

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "clip": ("clip", "stage", "since", "reason", "priority", "said", "alike"),
    "links": ("page", "label_studio"),
    "masks": ("frames.masks", "frames.drawn"),
    "people": ("annotator", "reviewer", "rejections", "actions", "minutes"),
    "doubts": ("quality", "doubts", "severity", "signs", "frames.doubt", "j", "frames.j"),
    "table": ("balls", "classes", "together", "moving", "pots", "cushions", "collisions", "events"),
    "footage": (
        *("split", "camera", "seconds", "frames_count"),
        *("model", "revision", "accepted_revision", "accepted_at"),
    ),
}
"""Which facts stand together beside the clips, in which order."""

FIRST: Final = ("frames.masks", "stage", "annotator", "reason", "said")
"""What is drawn on clips, and written on them where there is something, at first."""

_OPEN: Final = frozenset({"tags", "clip", "links", "masks", "people"})
_OURS: Final = b"engine".hex()
"""Begins the id of colours that are ours."""
_DARKEST: Final = 0.42
"""Colours darker than this are not seen on the app's ground, nor on the ball they stand for."""


def put_looks(dataset: Any) -> bool:
    """Set how a dataset looks, once; return whether it was done now.

    What leads change in the app stays, until we change our mind about how it looks at first.
    """
    import fiftyone as fo  # noqa: PLC0415 - an extra, which takes seconds to load

    groups = _groups(dataset)
    mark = _mark(groups)
    if not _ours_to_set(dataset.app_config, mark):
        return False
    dataset.app_config = fo.DatasetAppConfig(
        color_scheme=fo.ColorScheme(id=mark, **_scheme()),
        sidebar_groups=[fo.SidebarGroupDocument(**group) for group in groups],
        active_fields=fo.ActiveFields(paths=list(FIRST), exclude=False),
        disable_frame_filtering=True,
    )
    dataset.save()
    return True


def _ours_to_set(config: Any, mark: str) -> bool:
    """Say whether a dataset looks as nobody chose, or as an older version of this program did."""
    if config.color_scheme is None:
        return not config.is_custom()
    found = str(config.color_scheme.id)
    return found != mark and found.startswith(_OURS)


def _mark(groups: Sequence[Mapping[str, Any]]) -> str:
    """Return what our colours are known by: an id that says whose they are, and which."""
    facts = json.dumps([_scheme(), groups, FIRST], sort_keys=True)
    return _OURS + hashlib.sha256(facts.encode()).hexdigest()[: 24 - len(_OURS)]


def seen(colour: str) -> str:
    """Return a colour, "#rrggbb", as light as it must be to be seen on a dark ground."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    channels = colorsys.hls_to_rgb(hue, max(light, _DARKEST), saturation)
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)


def _scheme() -> dict[str, Any]:
    """Return colours: of balls by their class, of events and stages by what they are."""
    balls = _values({label: seen(colour) for label, colour in KIND_COLOURS.items()})
    drawn = {"path": "frames.drawn", "fieldColor": "#d0d4dc"}
    return {
        "color_by": "value",
        "opacity": 0.6,
        "fields": [
            {"path": "frames.masks", "colorByAttribute": "label", "valueColors": balls},
            {**drawn, "colorByAttribute": "label", "valueColors": balls},
            {"path": "events", "colorByAttribute": "label", "valueColors": _values(EVENT_COLOURS)},
            {"path": "stage", "valueColors": _values(STAGE_COLOURS)},
        ],
    }


def _values(colours: Mapping[Any, str]) -> list[dict[str, str]]:
    """Return colours of values as the app wants them."""
    return [{"value": str(value), "color": colour} for value, colour in colours.items()]


def _groups(dataset: Any) -> list[dict[str, Any]]:
    """Return the groups of facts, tags first; facts of ours alone come last and closed."""
    known = {*dataset.get_field_schema(), *_of_frames(dataset)}
    placed = {path for paths in GROUPS.values() for path in paths}
    hidden = sorted(path for path in known - placed if path.startswith("engine_"))
    rest = sorted(known - placed - set(hidden) - {"tags", "frames"})
    found: Sequence[tuple[str, list[str]]] = [
        ("tags", []),
        *((name, [path for path in paths if path in known]) for name, paths in GROUPS.items()),
        ("metadata", rest),
        ("engine", hidden),
    ]
    return [{"name": name, "paths": paths, "expanded": name in _OPEN} for name, paths in found]


def _of_frames(dataset: Any) -> list[str]:
    """Return the facts that each frame has."""
    return [f"frames.{name}" for name in dataset.get_frame_field_schema() or ()]
