"""A clip on one page: frames with their masks, and under them each ball through time. Writes one PNG."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine import rle
from engine.media.paint import color, paint, resized, text, zoomed
from engine.media.still import write_png
from engine.types import Clip, FrameBatch, FrameMasks, Image, Track, TrackMask

PAGE, COLUMNS, ROWS = 1440, 3, 3
CROPS, SIDE, LINE = 12, 72, 78
NAME_WIDTH, BAR_LEFT = 132, 132 + CROPS * (SIDE + 4) + 12
BACKGROUND = (24, 26, 30)


@dataclass(slots=True)
class _Collected:
    """What one pass over the clip leaves: a few pictures, a few crops per ball, one score per frame and ball."""

    pictures: list[Image] = field(default_factory=list)
    crops: dict[int, list[tuple[int, Image]]] = field(default_factory=dict)
    scores: dict[int, dict[int, float]] = field(default_factory=dict)


def write_sheet(
    path: Path,
    clip: Clip,
    *,
    pictures: Iterable[FrameBatch],
    frames: Iterable[FrameMasks],
    tracks: Iterable[Track],
) -> Path:
    """Write the contact sheet of a clip to ``path`` (PNG) and return it.

    Nine frames over the whole length; then one line per track: number and class, twelve enlarged
    looks at it, and a bar over time, bright where the model is sure and dark where the ball is absent.
    """
    named = {track.id: track.label for track in tracks}
    found = _collect(clip, pictures, frames, named)
    height = round(PAGE / COLUMNS * clip.height / clip.width)
    grid_rows = -(-len(found.pictures) // COLUMNS)
    page = np.empty((44 + grid_rows * height + 30 + LINE * len(named) + 12, PAGE, 3), np.uint8)
    page[:] = BACKGROUND
    _draw_grid(page, found.pictures, height)
    title = f"{clip.id}   {clip.frames} frames at {float(clip.rate):.2f}/s   {clip.width} x {clip.height}"
    page = text(page, f"{title}   {len(named)} tracks", at=(12, 10), size=20)
    top = 44 + grid_rows * height + 30
    for index, (track, label) in enumerate(named.items()):
        page = _draw_track(page, top + index * LINE, clip, found, track, label)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(path, page)
    return path


def _collect(
    clip: Clip, pictures: Iterable[FrameBatch], frames: Iterable[FrameMasks], names: dict[int, str]
) -> _Collected:
    """Walk through the clip once and keep only what the page shows."""
    shown = set(_spread(clip.frames, COLUMNS * ROWS))
    looked_at = set(_spread(clip.frames, CROPS))
    found, rows = _Collected(), iter(frames)
    for batch in pictures:
        for rgb in batch.rgb:
            row = next(rows)
            for mask in row.masks:
                found.scores.setdefault(mask.track, {})[row.frame] = mask.score
                if row.frame in looked_at:
                    _look(found, row.frame, rgb, mask)
            if row.frame in shown:
                painted = paint(rgb, row, names=names)
                size = max(12, clip.height // 30)
                found.pictures.append(text(painted, f"frame {row.frame}", at=(8, 6), size=size))
    return found


def _look(found: _Collected, frame: int, rgb: Image, mask: TrackMask) -> None:
    """Keep an enlarged look at one ball with its outline."""
    box = rle.bbox(mask.rle)
    if box is not None:
        drawn = paint(rgb, FrameMasks(frame, (mask,)), fill=0.0)
        found.crops.setdefault(mask.track, []).append((frame, zoomed(drawn, box, side=SIDE)))


def _spread(frames: int, count: int) -> list[int]:
    """Return up to ``count`` frames from first to last, evenly apart."""
    return sorted({round(value) for value in np.linspace(0, frames - 1, min(count, frames))})


def _draw_grid(page: Image, pictures: list[Image], height: int) -> None:
    """Lay the frames out, row by row."""
    width = PAGE // COLUMNS
    for index, picture in enumerate(pictures):
        top, left = 44 + index // COLUMNS * height, index % COLUMNS * width
        page[top : top + height - 4, left : left + width - 4] = resized(
            picture, width=width - 4, height=height - 4
        )


def _draw_track(
    page: Image, top: int, clip: Clip, found: _Collected, track: int, label: str
) -> Image:
    """Draw one ball's line: name, looks, bar over time."""
    looked_at = _spread(clip.frames, CROPS)
    for frame, crop in found.crops.get(track, []):
        left = NAME_WIDTH + looked_at.index(frame) * (SIDE + 4)
        page[top : top + SIDE, left : left + SIDE] = crop
    scores = found.scores.get(track, {})
    over_time = np.array([scores.get(frame, 0.0) for frame in range(clip.frames)])
    width = PAGE - BAR_LEFT - 16
    sampled = over_time[np.linspace(0, clip.frames - 1, width).astype(int)]
    bar = 44 + sampled[:, None] * (np.array(color(track)) - 44)
    page[top + 26 : top + 46, BAR_LEFT : BAR_LEFT + width] = bar.astype(np.uint8)
    share = f"{np.count_nonzero(over_time)}/{clip.frames}"
    page[top + 4 : top + SIDE - 4, 4:10] = color(track)
    return text(page, f"{track}  {label}\n{share}", at=(18, top + 18), size=15)
