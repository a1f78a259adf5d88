"""How a dataset looks in the app before anybody has changed anything: colours, groups of facts, and what is shown first."""

import colorsys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.billiards.colours import EVENT_COLOURS, KIND_COLOURS
from exports.board.questions import STAGE_COLOURS

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "clip": ("clip", "split", "camera", "seconds", "frames_count", "alike"),
    "progress": (
        *("stage", "since", "priority", "reason", "said", "rejections", "accepted_at"),
        *("revision", "accepted_revision"),
    ),
    "people": ("annotator", "reviewer", "actions", "minutes"),
    "doubts": ("quality", "doubts", "severity", "signs", "j", "frames.j", "frames.doubt", "model"),
    "table": ("balls", "together", "moving", "pots", "cushions", "collisions", "events"),
    "links": ("page", "label_studio"),
    "masks": ("frames.masks", "frames.drawn"),
}
"""Which facts stand together beside the clips, in which order."""

FIRST: Final = ("frames.masks", "stage", "annotator")
"""What is drawn on clips, and written below them, at first."""

_OPEN: Final = frozenset({"clip", "progress", "masks", "tags", "links"})
_DARKEST: Final = 0.42
"""Colours darker than this are not seen on the app's ground, nor on the ball they stand for."""


def put_looks(dataset: Any) -> bool:
    """Set how a dataset looks at first; return whether it looked otherwise."""
    import fiftyone as fo  # noqa: PLC0415 - an extra, which takes seconds to load

    config = fo.DatasetAppConfig(
        color_scheme=fo.ColorScheme(**_scheme()),
        sidebar_groups=_groups(dataset, fo.SidebarGroupDocument),
        active_fields=fo.ActiveFields(paths=list(FIRST), exclude=False),
        disable_frame_filtering=True,
    )
    if dataset.app_config == config:
        return False
    dataset.app_config = config
    dataset.save()
    return True


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


def _groups(dataset: Any, group: Any) -> list[Any]:
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
    return [group(name=name, paths=paths, expanded=name in _OPEN) for name, paths in found]


def _of_frames(dataset: Any) -> list[str]:
    """Return the facts that each frame has."""
    return [f"frames.{name}" for name in dataset.get_frame_field_schema() or ()]
