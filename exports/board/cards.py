"""A card as the fields of a clip's document. Knows the layout and FiftyOne's numbering of frames from 1; writes nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from engine.ports.board import Card, Happening, Measures, TableEvent, Tag
from engine.ports.board_rules import digest
from engine.ports.bridge_rules import readable
from engine.types import Clip
from exports.board import names as n
from exports.board.inside import Templates

_TAGS: Final = "tags"
_COUNTED: Final = {n.POTS: Happening.POT, n.CUSHIONS: Happening.CUSHION, n.COLLISIONS: Happening.COLLISION}  # fmt: skip


def update(card: Card, kinds: Templates, *, dataset: Any, told: bool, now: datetime) -> dict[str, Any]:  # fmt: skip
    """Return the update that puts a card, whether its clip is there or not; ``told`` is the priority that it had on the board."""
    fresh = _fresh(card.clip, kinds, dataset=dataset, now=now)
    return {
        "$set": {**said(card, kinds), "last_modified_at": now},
        **_tagging(fresh, told=told, priority=card.priority),
    }


def said(card: Card, kinds: Templates) -> dict[str, Any]:
    """Return what is said of a clip; what is not known is None, and shown as absent."""
    text = {
        n.CLIP: card.clip.id,
        n.STAGE: str(card.stage),
        n.SPLIT: card.clip.split,
        n.CAMERA: card.camera,
        n.MODEL: card.model,
        n.ANNOTATOR: card.annotator,
        n.REVIEWER: card.reviewer,
        n.REASON: card.reason,
        n.PAGE: card.page,
        n.LABEL_STUDIO: card.task,
        n.SAID: card.said,
    }
    return {
        "filepath": readable(str(Path(card.film).absolute())),
        "metadata": {**kinds.metadata, **_metadata(card.clip)},
        **{name: readable(value) or None for name, value in text.items()},
        n.SINCE: card.since,
        n.ACCEPTED_AT: card.accepted_at,
        n.SECONDS: card.clip.seconds,
        n.FRAMES_COUNT: card.clip.frames,
        n.REVISION: card.revision,
        n.ACCEPTED_REVISION: card.accepted,
        n.REJECTIONS: card.rejections,
        n.ACTIONS: card.actions,
        n.MINUTES: float(card.minutes),
        n.PRIORITY: card.priority or None,  # else "False" would stand on clips
        n.ALIKE: list(card.alike),
        n.J: None if card.agreement is None else float(card.agreement.j),
        **_measured(card.measures, kinds),
        n.DIGEST: digest(card),
        n.TOLD_PRIORITY: card.priority,
    }


def _metadata(clip: Clip) -> dict[str, Any]:
    """Return what FiftyOne would have to ask ffprobe."""
    return {
        "mime_type": "video/mp4",
        "frame_width": clip.width,
        "frame_height": clip.height,
        "frame_rate": float(clip.rate),
        "total_frame_count": clip.frames,
        "duration": clip.seconds,
    }


def _measured(measures: Measures | None, kinds: Templates) -> dict[str, Any]:
    """Return what the masks come to; without measures the same fields, empty."""
    if measures is None:
        names = (
            n.QUALITY,
            n.BALLS,
            n.TOGETHER,
            n.MOVING,
            n.DOUBTS,
            n.SEVERITY,
            n.EVENTS,
            *_COUNTED,
        )
        return dict.fromkeys(names) | {n.SIGNS: []}
    kept = [one.kind for one in measures.events]
    return {
        n.QUALITY: float(measures.quality),
        n.BALLS: measures.balls,
        n.TOGETHER: measures.together,
        n.MOVING: float(measures.moving),
        n.DOUBTS: measures.doubts,
        n.SEVERITY: float(measures.severity),
        n.SIGNS: list(measures.signs),
        **{name: kept.count(kind) for name, kind in _COUNTED.items()},
        n.EVENTS: {**kinds.events, "detections": _events(measures.events, kinds)},
    }


def _events(events: Sequence[TableEvent], kinds: Templates) -> list[dict[str, Any]]:
    """Return table events with the first and the last of their frames, counted from 1."""
    return [
        {
            **kinds.event,
            "_id": kinds.new_id(),
            "label": str(one.kind),
            "support": [one.start + 1, max(one.start + 1, one.stop)],
            "confidence": float(one.certainty),
            n.TRACKS: list(one.tracks),
        }
        for one in events
    ]


def _fresh(clip: Clip, kinds: Templates, *, dataset: Any, now: datetime) -> dict[str, Any]:
    """Return what a document gets when it is new; ``_rand`` shuffles clips, the same way every time."""
    number = int.from_bytes(sha256(clip.id.encode()).digest()[:6], "big")
    own = {key: value for key, value in kinds.sample.items() if key not in {"metadata", _TAGS}}
    return {
        **own,
        "_id": kinds.new_id(),
        "_dataset_id": dataset,
        "_rand": number / (1 << 48),
        "created_at": now,
    }


def _tagging(fresh: Mapping[str, Any], *, told: bool, priority: bool) -> dict[str, Any]:
    """Return the parts of the update that are about tags, as ``engine.ports.board_rules.tags_after`` says."""
    if told == priority:
        return {"$setOnInsert": {**fresh, _TAGS: []}}
    change = "$addToSet" if priority else "$pull"
    return {"$setOnInsert": dict(fresh), change: {_TAGS: str(Tag.PRIORITY)}}
