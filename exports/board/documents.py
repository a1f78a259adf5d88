"""Masks of a clip as documents of its frames. Knows the layout and FiftyOne's numbering of frames from 1; writes nothing."""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from statistics import fmean
from typing import Any, TypeAlias

from engine.ports.board import Layer
from engine.ports.bridge_rules import readable
from engine.types import TrackMask
from exports.board import names as n
from exports.board.inside import Templates
from exports.board.masks import Inline, inlined

_Part: TypeAlias = tuple[int, str, Any]
"""Frame, field, and what the field holds on it."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What all documents of one writing share: the dataset's id, that of the clip's document, the time."""

    dataset: Any
    sample: Any
    now: datetime


def documents(
    masks: Layer, drawn: Layer | None, kinds: Templates, stamp: Stamp
) -> Iterator[dict[str, Any]]:
    """Yield a document for each frame of which there is anything to say, in the order of frames."""
    layers = {n.MASKS: masks} if drawn is None else {n.MASKS: masks, n.DRAWN: drawn}
    streams = [_rows(name, layer, kinds) for name, layer in layers.items()]
    streams += [_figures(layer) for layer in layers.values()]
    for frame, parts in groupby(heapq.merge(*streams, key=_frame), key=_frame):
        yield {
            "_sample_id": stamp.sample,
            "_dataset_id": stamp.dataset,
            "frame_number": frame + 1,
            "created_at": stamp.now,
            "last_modified_at": stamp.now,
            **_gathered(parts),
        }


def classes(masks: Layer) -> list[str]:
    """Return the classes of a layer's tracks, each once."""
    return sorted({readable(track.label) for track in masks.tracks})


def _frame(part: _Part) -> int:
    return part[0]


def _gathered(parts: Iterator[_Part]) -> dict[str, Any]:
    """Return the fields of a frame; of two doubts the graver one, of two means that of what models drew, which comes later."""
    found: dict[str, Any] = {}
    for _, name, value in parts:
        found[name] = max(value, found.get(name, value)) if name == n.DOUBT else value
    return found


def _rows(name: str, layer: Layer, kinds: Templates) -> Iterator[_Part]:
    """Yield the labels of every row."""
    labels = {track.id: readable(track.label) for track in layer.tracks}
    for row, both in inlined(layer.rows):
        doubts, overlap = layer.doubtful.get(row.frame, {}), layer.overlap.get(row.frame, {})
        found = [_detection(mask, inline, labels, kinds) for mask, inline in both]
        for one in found:
            _add(one, n.DOUBT, doubts)
            _add(one, n.J, overlap)
        yield row.frame, name, {**kinds.detections, "detections": found}


def _detection(
    mask: TrackMask, inline: Inline, labels: Mapping[int, str], kinds: Templates
) -> dict[str, Any]:
    return {
        **kinds.detection,
        "_id": kinds.new_id(),
        "label": labels.get(mask.track),
        "index": mask.track,
        "confidence": mask.score,
        n.STABILITY: mask.stability,
        "bounding_box": inline.box,
        "mask": inline.pixels,
    }


def _add(detection: dict[str, Any], name: str, figures: Mapping[int, float]) -> None:
    """Add a mask's figure, where it has one."""
    value = figures.get(detection["index"])
    if value is not None:
        detection[name] = float(value)


def _figures(layer: Layer) -> Iterator[_Part]:
    """Yield what is said of whole frames, in their order."""
    for frame in sorted(layer.doubtful.keys() | layer.overlap.keys()):
        doubts, overlap = layer.doubtful.get(frame), layer.overlap.get(frame)
        if doubts:
            yield frame, n.DOUBT, float(max(doubts.values()))
        if overlap:
            yield frame, n.J, float(fmean(overlap.values()))
