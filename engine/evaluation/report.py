"""What an evaluation says, as one value and as JSON. Knows no page and no terminal."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from math import isfinite
from typing import Any

from engine.evaluation.annotator import Corrected
from engine.evaluation.interactive import ClickFigures
from engine.evaluation.judging import Figures, JudgedClip, figures
from engine.evaluation.labour import Labour, labour
from engine.evaluation.objects import ObjectScore


@dataclass(frozen=True, slots=True)
class Report:
    """An evaluation: what was evaluated (``about``), figures over all clips and of each, and what failed."""

    about: Mapping[str, str]
    clips: tuple[JudgedClip, ...]
    total: Figures
    single: Mapping[str, Figures]
    failed: Mapping[str, str] = field(default_factory=dict)
    clicks: ClickFigures | None = None
    corrected: tuple[Corrected, ...] = ()

    @property
    def labour(self) -> Labour | None:
        """What the simulated person did in all clips; None without one."""
        return labour(self.corrected) if self.corrected else None


def report(
    clips: Sequence[JudgedClip], *, about: Mapping[str, str], failed: Mapping[str, str]
) -> Report:
    """Put a report together from judged clips, one or more."""
    single = {clip.id: figures([clip]) for clip in clips}
    total = figures(clips) if len(clips) > 1 else next(iter(single.values()))
    return Report(about, tuple(clips), total, single, failed)


def to_json(said: Report) -> str:
    """Return the report as JSON; what is no number is null there."""
    clips = {
        clip.id: {
            **_plain(said.single[clip.id]),
            "by_object": [_object(one) for one in clip.objects],
        }
        for clip in said.clips
    }
    whole = {
        "about": dict(said.about),
        "total": _plain(said.total),
        "clips": clips,
        "failed": dict(said.failed),
        "clicks": _plain(said.clicks),
        "labour": _plain(said.labour),
        "corrected": {one.clip: _plain(one.looks) for one in said.corrected},
    }
    return json.dumps(whole, indent=1) + "\n"


def _object(one: ObjectScore) -> dict[str, Any]:
    """Return one object with its J by frame; F by frame stays out, three times the size for little."""
    return {
        "track": one.track,
        "label": one.label,
        "found": one.found,
        "j": _plain(one.region),
        "f": _plain(one.contour),
        "j_by_frame": {
            frame: round(value, 4) for frame, value in zip(one.frames, one.j, strict=True)
        },
    }


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it."""
    match value:
        case float():
            return round(value, 5) if isfinite(value) else None
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return _plain(asdict(value))
        case _:
            return value
