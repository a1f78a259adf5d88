"""Clips with true masks: their pictures, their parts, what the dataset calls them; knows no format."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from engine import rle
from engine.datasets.files import read_still
from engine.errors import InputError
from engine.media import decode
from engine.ports import LabelledClip
from engine.ports.labelled import Part
from engine.types import RLE, Clip, FrameMasks, Image, TrackMask

__all__ = ["LabelledClip", "Part", "stretch"]

Rows: TypeAlias = Callable[[int, int], Iterator[FrameMasks]]
"""The truth of the labelled frames from a start up to a stop, in order."""


@dataclass(frozen=True, slots=True)
class Footage:
    """The pictures of a clip: called, it passes over them.

    ``name`` is what the dataset calls the clip. Frame k is the picture ``folder / files[k]``; without ``files`` it is
    picture k of the video ``clip.media``. ``rate`` is that of a video known to keep it: a look into its middle then begins
    at the keyframe before, where any other video is counted from its first frame.
    """

    clip: Clip
    name: str
    folder: Path = Path()
    files: tuple[str, ...] = ()
    rate: Fraction | None = None

    def __call__(self, start: int = 0, stop: int | None = None) -> Iterator[Image]:
        """Yield frames ``start`` up to ``stop``, uint8 (H, W, 3), one at a time.

        Raises:
            InputError: a picture is missing, damaged or of another size, or the video ends too early.
        """
        last = max(start, self.clip.frames if stop is None else min(stop, self.clip.frames))
        if self.files:
            return (self._still(self.folder / name) for name in self.files[start:last])
        rate = self.rate if start else None
        return decode(Path(self.clip.media), start=start, stop=last, rate=rate)

    def _still(self, path: Path) -> Image:
        """Read one picture."""
        rgb = read_still(path)
        if rgb.shape[:2] != (self.clip.height, self.clip.width):
            raise InputError(
                f"{path}: {rgb.shape[1]} x {rgb.shape[0]} pixels, expected "
                f"{self.clip.width} x {self.clip.height} as its clip has; scale it, or take it away"
            )
        return rgb


def assemble(
    footage: Footage, *, labels: Mapping[int, str], labelled: tuple[int, ...], rows: Rows
) -> LabelledClip:
    """Return the clip of some pictures and of the truth on its ``labelled`` frames."""
    clip = footage.clip
    return LabelledClip(
        clip,
        labels,
        labelled,
        footage,
        lambda: rows(0, clip.frames),
        lambda start, stop: (footage(start, stop), rows(start, stop)),
    )


def row_of(
    frame: int, masks: Iterable[tuple[int, RLE, float]], *, clip: Clip, where: str
) -> FrameMasks:
    """Return the truth of a frame from (track, mask, stability); empty masks are not visible ones.

    Raises:
        InputError: a mask is not of the clip's size, or a track appears twice; ``where`` says in which file.
    """
    seen, size = [], (clip.height, clip.width)
    for track, mask, stability in masks:
        if mask.size != size:
            raise InputError(
                f"{where}: track {track} has a mask of {mask.size} (height, width), its pictures are {size}"
            )
        if rle.area(mask):
            seen.append(TrackMask(track, mask, stability=stability))
    try:
        return FrameMasks(frame, tuple(seen))
    except InputError as error:
        raise InputError(f"{where}: {error}; expected one mask for each object") from error


def stretch(labelled: LabelledClip, start: int, stop: int) -> Part:
    """Return the pictures of frames ``start`` up to ``stop``, and the truth of those among them that carry any."""
    if labelled.seek is not None:
        return labelled.seek(start, stop)
    rows = (row for row in labelled.frames() if start <= row.frame < stop)
    return islice(labelled.pictures(), start, stop), rows


def name_of(labelled: LabelledClip) -> str:
    """Return what the dataset itself calls the clip, which may hold characters that no clip id has."""
    pictures = labelled.pictures
    return pictures.name if isinstance(pictures, Footage) else labelled.clip.id


def files_of(labelled: LabelledClip) -> tuple[Path, ...]:
    """Return the picture file of each frame in order, nothing where the clip is a video."""
    pictures = labelled.pictures
    if not isinstance(pictures, Footage):
        return ()
    return tuple(pictures.folder / name for name in pictures.files)
