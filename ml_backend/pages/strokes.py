"""What somebody painted on the pages of a clip, read from brush regions with care. Knows no tracks but those that ids and notes name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import rle
from engine.errors import InputError
from engine.types import RLE, Clip
from ml_backend.boxes.regions import Name, Region, parse, regions
from ml_backend.pages.brush import from_brush

_NUMBER = re.compile(r"(?:track\s*)?#?(\d{1,9})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stroke:
    """One brush region that is not empty: ``label`` is "" where it has none, ``named`` the track that its note names."""

    id: str
    frame: int
    label: str
    mask: RLE
    named: int | None = None

    @property
    def name(self) -> Name | None:
        """What the id says where it is that of a mask of ours."""
        name = parse(self.id)
        return None if name is None or name.frame is None else name


def strokes(
    result: Sequence[Mapping[str, Any]], clip: Clip, *, frames: Sequence[int]
) -> tuple[Stroke, ...]:
    """Return the brush regions of a list in the order of frames; those that hold no pixel are left out.

    ``frames`` are those that the pages show. Of a mask of ours, the id says the frame.

    Raises:
        InputError: it is no list of regions, or a region is not as Label Studio stores one of this clip's pages.
    """
    regions(result)  # a list that is none is refused before any part of it is read
    found = (_stroke(part, clip, frames) for part in result if part.get("type") == "brushlabels")
    painted = [stroke for stroke in found if rle.area(stroke.mask)]
    return tuple(sorted(painted, key=lambda stroke: stroke.frame))


def _stroke(part: Mapping[str, Any], clip: Clip, frames: Sequence[int]) -> Stroke:
    """Read one region."""
    (region,) = regions([part])
    label = region.labels[0] if region.labels else ""
    mask = _mask(region, part, clip)
    return Stroke(region.id, _frame(region, part, clip, frames), label, mask, _named(region.text))


def _frame(region: Region, part: Mapping[str, Any], clip: Clip, frames: Sequence[int]) -> int:
    """Return the frame that a region is painted on."""
    name, page = region.name, part.get("item_index", 0)
    if name is not None and name.frame is not None:
        if name.frame >= clip.frames:
            raise InputError(
                f"region {region.id}: frame {name.frame} of clip {clip.id}, which has {clip.frames}; is it of another clip?"
            )
        return name.frame
    if isinstance(page, bool) or not isinstance(page, int) or not 0 <= page < len(frames):
        raise InputError(
            f"region {region.id}: on page {str(page)[:20]} of {len(frames)} (the first is 0); open the task anew and paint it again"
        )
    return frames[page]


def _mask(region: Region, part: Mapping[str, Any], clip: Clip) -> RLE:
    """Return what a region paints."""
    size = part.get("original_height"), part.get("original_width")
    if size != (clip.height, clip.width):
        raise InputError(
            f"region {region.id}: of a picture of {str(size[1])[:20]} x {str(size[0])[:20]} pixels, clip {clip.id} has "
            f"{clip.width} x {clip.height}; run `engine labelstudio sync` and paint it again"
        )
    if part.get("image_rotation"):
        raise InputError(f"region {region.id}: its page is turned; turn it back and submit again")
    values = region.value.get("rle")
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise InputError(
            f"region {region.id}: expected a list of bytes as rle, got {str(values)[:40]!r}"
        )
    try:
        return from_brush(values, (clip.height, clip.width))
    except InputError as error:
        raise InputError(f"region {region.id}: {error}") from error


def _named(text: Sequence[str]) -> int | None:
    """Return the number of the track that a note names: "track 5", "#5" or "5", alone on a line."""
    found = (_NUMBER.fullmatch(line.strip()) for text_ in text for line in text_.splitlines())
    return next((int(match[1]) for match in found if match), None)
