"""What every format needs: clips that can be held at all, clean masks, counted frames, notes. Knows no format."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from engine import rle
from engine.errors import DiskFull, EngineError, ExportError, VerificationError
from engine.ports import ExportItem
from engine.types import FrameMasks, Image, TrackMask
from exports.publish import MARKER
from exports.verify import verify

MOST_FRAMES = 100_000  # loaders sort names of five digits as text
NAME = re.compile(r"[A-Za-z0-9_-]+")
Progress: TypeAlias = Callable[[str, int, int], None]
Facts: TypeAlias = dict[str, Any]


@dataclass(slots=True)
class Notes:
    """What a format could not hold, in words, in the order it was found."""

    lines: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        """Write one more line."""
        self.lines.append(line)


def chosen(items: Sequence[ExportItem]) -> tuple[ExportItem, ...]:
    """Return the clips, checked together before anything is written.

    Raises:
        ExportError: there is none, one comes twice, or clips of one recording are in two splits.
    """
    if not items:
        raise ExportError("no clip to export; choose at least one")
    where: dict[str, ExportItem] = {}
    for item in items:
        other = where.setdefault(item.clip.video, item)
        if other.clip.split != item.clip.split:
            raise ExportError(
                f"clip {item.clip.id} is in {item.clip.split}, but {other.clip.id} of its recording "
                f"is in {other.clip.split}; give a recording one split when it is ingested"
            )
    names = [item.clip.id for item in items]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ExportError(f"clips {twice} are named twice; name each once")
    return tuple(items)


def misfit(item: ExportItem, *, fewest: int) -> str:
    """Return why the loaders cannot hold a clip, whatever is on it; empty when they can."""
    clip = item.clip
    if not NAME.fullmatch(clip.id):
        return "its name has characters besides A-Z, a-z, 0-9, '-' and '_', which list files cut"
    if clip.frames < fewest:
        return f"{clip.frames} frames, at least {fewest} are needed"
    if clip.frames >= MOST_FRAMES:
        return f"{clip.frames} frames, loaders count to {MOST_FRAMES}; cut it into clips"
    return ""


def write_each(
    items: Sequence[ExportItem],
    write: Callable[[ExportItem], Facts],
    discard: Callable[[str], None],
    notes: Notes,
) -> dict[str, Facts]:
    """Write clip by clip; one that fails is discarded with a note and does not stop the others.

    Raises:
        ExportError: not one clip is left; it says why.
        DiskFull: no room.
    """
    done: dict[str, Facts] = {}
    for item in items:
        try:
            done[item.clip.id] = write(item)
        except DiskFull:
            raise
        except EngineError as error:
            discard(item.clip.id)
            notes.add(f"{item.clip.id}: {error}: left out")
    if not done:
        raise ExportError("; ".join(notes.lines))
    return done


def check(folder: Path, out: Path) -> None:
    """Verify what was written.

    Raises:
        VerificationError: it breaks a guarantee of its format.
    """
    if failures := verify(folder).failures:
        raise VerificationError(f"{out}: {len(failures)} guarantees broken, first: {failures[0]}")


def write_json(path: Path, value: Any) -> None:
    """Write JSON in one fixed form, so that the same value gives the same bytes."""
    path.write_text(json.dumps(value, separators=(",", ":"), sort_keys=False) + "\n")


def write_marker(
    folder: Path, *, format_name: str, min_area: int, clips: Mapping[str, Facts], notes: Notes
) -> None:
    """Write our own side file, which also says that the folder is ours."""
    content = {"format": format_name, "min_area": min_area, "clips": clips, "notes": notes.lines}
    (folder / MARKER).write_text(json.dumps(content, indent=1) + "\n")


def about(item: ExportItem) -> Facts:
    """Return what the side file says of a clip in every format."""
    clip = item.clip
    return {
        "revision": item.revision.id,
        "recording": clip.video,
        "start": clip.start,
        "frames": clip.frames,
        "rate": [clip.rate.numerator, clip.rate.denominator],
        "split": clip.split,
        "provenance": dict(item.revision.provenance),
    }


def write_lists(folder: Path, items: Sequence[ExportItem], notes: Notes) -> None:
    """Write ``train.txt`` and ``val.txt`` with one clip a line; a split without clips gets a note and no file."""
    folder.mkdir(parents=True, exist_ok=True)
    for split in ("train", "val"):
        names = [item.clip.id for item in items if item.clip.split == split]
        if names:
            (folder / f"{split}.txt").write_text("".join(f"{name}\n" for name in names))
        elif split == "train":
            notes.add("no clip is in train: there is no train.txt; ingest with --split train")


def cleaned(
    item: ExportItem, *, min_area: int, dropped: dict[int, int] | None = None
) -> Iterator[FrameMasks]:
    """Yield the clip's frames without masks under ``min_area`` pixels, which are counted by track.

    Raises:
        ExportError: a frame is missing or doubled, or a mask is of another size or of an unknown track.
    """
    known = {track.id for track in item.revision.tracks}
    count = 0
    for row in item.frames():
        if row.frame != count:
            raise ExportError(f"masks of frame {count} expected, those of {row.frame} came")
        count += 1
        small = {mask.track for mask in row.masks if _area(item, row, mask, known) < max(1, min_area)}
        for track in small if dropped is not None else ():
            dropped[track] = dropped.get(track, 0) + 1
        yield FrameMasks(row.frame, tuple(mask for mask in row.masks if mask.track not in small))
    if count != item.clip.frames:
        raise ExportError(f"masks of {count} frames for {item.clip.frames}")


def _area(item: ExportItem, row: FrameMasks, mask: TrackMask, known: set[int]) -> int:
    """Return the area of a mask that fits the clip, in pixels."""
    size = (item.clip.height, item.clip.width)
    if mask.rle.size != size:
        raise ExportError(
            f"frame {row.frame}: track {mask.track} has a mask of {mask.rle.size} on pictures of {size}"
        )
    if mask.track not in known:
        raise ExportError(
            f"frame {row.frame}: track {mask.track} is not among the revision's {sorted(known)}"
        )
    return rle.area(mask.rle)


def pictures(item: ExportItem, progress: Progress) -> Iterator[tuple[int, Image]]:
    """Yield the clip's frames with their numbers, and tell progress once each is dealt with.

    Raises:
        ExportError: a picture is missing, doubled or of another size.
    """
    clip, number = item.clip, 0
    for batch in item.pictures():
        for offset, rgb in enumerate(batch.rgb):
            if batch.first + offset != number or rgb.shape[:2] != (clip.height, clip.width):
                raise ExportError(
                    f"picture {number} of {(clip.height, clip.width)} expected, "
                    f"{batch.first + offset} of {rgb.shape[:2]} came"
                )
            yield number, rgb
            number += 1
            progress(clip.id, number, clip.frames)
    if number != clip.frames:
        raise ExportError(f"{number} pictures for {clip.frames} frames")


def told_specks(clip: str, dropped: Mapping[int, int], min_area: int, notes: Notes) -> None:
    """Say which masks were too small."""
    for track, count in sorted(dropped.items()):
        notes.add(
            f"{clip}: track {track} is smaller than {min_area} pixels on {count} frames: not visible there"
        )
