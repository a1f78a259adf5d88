"""Which frames of a clip a person reviews mask by mask, and their masks as brush regions. Knows no files and no server.

A task of key frames shows them as pages; Label Studio counts pages from 0, in the order of the frames.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from engine.doubts import Doubt, worst
from engine.errors import SelectionError
from engine.ports import Findings
from engine.types import Clip, FrameMasks, Track, TrackMask
from ml_backend.boxes.regions import Name
from ml_backend.names import BRUSH, IMAGES
from ml_backend.pages.brush import to_brush

PAGES: Final = "labelstudio:pages"
"""Kind of the finding that holds the frames of a clip's task, kept at the clip's first revision."""

MOST: Final = 10
_LEAST = 3  # where little is doubted: the beginning, the middle and the end
_APART = 15  # frames within which two pages would show nearly the same


def choose(doubts: Sequence[Doubt], clip: Clip, *, most: int = MOST) -> tuple[int, ...]:
    """Return at most ``most`` frames, in order: where the gravest doubts are settled, else spread over the clip.

    Doubts that lie close together are one visit, so no two frames show nearly the same. There is always one frame, and in a clip
    that is long enough there are three.
    """
    inside = [doubt for doubt in doubts if 0 <= doubt.frame < clip.frames]
    chosen = [visit.frame for visit in worst(inside, within=_APART)][: max(1, most)]
    for frame in _spread(clip.frames, _LEAST):
        if len(chosen) < min(_LEAST, most) and _apart(frame, chosen):
            chosen.append(frame)
    return tuple(sorted(chosen))


def _apart(frame: int, chosen: Sequence[int]) -> bool:
    """Tell whether a frame lies far from all that are chosen."""
    return all(abs(frame - other) > _APART for other in chosen)


def _spread(frames: int, many: int) -> tuple[int, ...]:
    """Return frames in the middle of equal parts of a clip."""
    return tuple(sorted({frames * (2 * part + 1) // (2 * many) for part in range(many)}))


def pages(
    findings: Findings, clip: Clip, *, first: int, doubts: Sequence[Doubt], most: int = MOST
) -> tuple[int, ...]:
    """Return the frames that a clip's task shows: those chosen once, kept at its ``first`` revision, or chosen and kept now.

    A task that is there keeps its pages, whatever is doubted about later revisions; so must their predictions.

    Raises:
        SelectionError: there is no such revision.
    """
    kept = _kept(findings.get(first, PAGES), clip)
    if kept:
        return kept
    chosen = choose(doubts, clip, most=most)
    findings.put(first, PAGES, json.dumps(chosen))
    return chosen


def _kept(text: str | None, clip: Clip) -> tuple[int, ...]:
    """Read frames that were kept; none where the text is damaged."""
    try:
        raw = json.loads(text or "[]")
        frames = tuple(sorted({int(frame) for frame in raw}))
    except (ValueError, TypeError):
        return ()
    return frames if all(0 <= frame < clip.frames for frame in frames) else ()


def frames_to_result(
    clip: Clip,
    revision: int,
    tracks: Sequence[Track],
    rows: Iterable[FrameMasks],
    *,
    frames: Sequence[int],
) -> list[dict[str, Any]]:
    """Return a brush region for every mask on the pages, which show ``frames``, page by page.

    Args:
        clip: the clip, for the size of its pictures.
        revision: id of the revision whose masks they are.
        tracks: the classes.
        rows: masks of at least those frames, in any order; others are passed over.
        frames: frame number of each page.

    Raises:
        SelectionError: a frame of a page is not among the rows.
    """
    labels = {track.id: track.label for track in tracks}
    shown = {row.frame: row.masks for row in rows if row.frame in frames}
    if lost := [frame for frame in frames if frame not in shown]:
        raise SelectionError(
            f"clip {clip.id}: no row of frames {lost}, which its pages show; choose frames from 0 to {clip.frames - 1}"
        )
    return [
        _region(clip, Name(revision, mask.track, frame), mask, labels, page=page)
        for page, frame in enumerate(frames)
        for mask in shown[frame]
    ]


def _region(
    clip: Clip, name: Name, mask: TrackMask, labels: Mapping[int, str], *, page: int
) -> dict[str, Any]:
    """Return one mask as a region."""
    return {
        "id": str(name),
        "type": "brushlabels",
        "from_name": BRUSH,
        "to_name": IMAGES,
        "origin": "prediction",
        "item_index": page,
        "original_width": clip.width,
        "original_height": clip.height,
        "image_rotation": 0,
        "score": round(mask.score, 3),
        "meta": {"text": [f"track {mask.track}"]},
        "value": {
            "format": "rle",
            "rle": to_brush(mask.rle),
            "brushlabels": [labels.get(mask.track) or "ball"],
        },
    }
