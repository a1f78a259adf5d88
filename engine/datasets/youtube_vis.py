"""YouTube-VIS: videos with lists of pictures, and for each object a list of segmentations as long. Knows no exporter.

``null`` means not visible. An object's track is what ``engine.json`` says, else its ``track_id`` or ``instance_id``, else its place among the
objects of its video, from 1.
"""

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from engine.datasets.clip import Footage, LabelledClip, assemble, row_of
from engine.datasets.coco import RATE, rate_of
from engine.datasets.entry import Entry
from engine.datasets.files import side, spacing, trailing, value, whole
from engine.datasets.index import Index
from engine.datasets.marker import Facts, facts_of
from engine.datasets.places import Place
from engine.datasets.segmentation import mask_of
from engine.datasets.tracks import track_ids
from engine.errors import InputError
from engine.types import Clip, FrameMasks


def entries(index: Index, place: Place) -> list[Entry]:
    """Return the clips of an index, by the folders of their pictures or, where two share one, by their ids."""
    names = {video: _name(said, video) for video, said in index.videos.items()}
    if len(set(names.values())) < len(names):
        names = {video: str(video) for video in names}
    return [
        Entry(name, partial(_opened, index, place, video, name)) for video, name in names.items()
    ]


def _name(said: Mapping[str, Any], video: int) -> str:
    """Return what a video is called: its name, or the folder of its pictures, or its id."""
    files = said.get("file_names")
    first = str(files[0]) if isinstance(files, list) and files else ""
    return str(said.get("name") or PurePosixPath(first).parent.name or video)


def _opened(index: Index, place: Place, video: int, name: str, clip: str) -> LabelledClip:
    """Return one clip.

    Raises:
        InputError: pictures are missing, lengths differ, or a category is unknown.
    """
    said, where = index.videos[video], f"{index.path}: video {name}"
    files = value(said, "file_names", where)
    if not isinstance(files, list) or not files:
        raise InputError(f"{where}: file_names is {str(files)[:40]}, expected names of pictures")
    if (length := whole(said, "length", where)) != len(files) if "length" in said else False:
        raise InputError(f"{where}: length is {length}, file_names are {len(files)}")
    files = [str(file) for file in files]
    facts = facts_of(place.root, name, place.said)
    folder = place.folder_of(files)
    made = Clip(
        clip,
        facts.recording or name,
        str(folder),
        0,
        len(files),
        side(said, "width", where),
        side(said, "height", where),
        facts.rate or rate_of(said.get("fps"), RATE, where) / _apart(files),
        place.split(facts),
    )
    tracks = _tracks(index, video, facts, where)
    labels = {track: index.label(number) for number, track in tracks.items()}
    return assemble(
        Footage(made, name, folder, tuple(files)),
        labels=labels | facts.labels(),
        labelled=tuple(range(len(files))),
        rows=_Rows(index, made, tracks),
    )


def _apart(files: list[str]) -> Fraction:
    """Return the distance of the pictures by the numbers of their names, 1 where it is not one."""
    numbers = [trailing(PurePosixPath(file).stem) for file in files]
    try:
        return Fraction(max(1, spacing([n for n in numbers if n is not None], "")))
    except InputError:
        return Fraction(1)


def _tracks(index: Index, video: int, facts: Facts, where: str) -> dict[int, int]:
    """Return the track of each annotation of a video."""
    numbers = index.of(video)
    said = [index.identity(n) for n in numbers]
    if facts.objects and None in said:
        said = [index.ids[n] for n in numbers]
    named = [one for one in said if one is not None]
    if len(set(named)) != len(numbers):  # nobody says, or not of all
        return {number: track for track, number in enumerate(numbers, 1)}
    tracks = track_ids(named, facts.objects, where)
    return {number: tracks[one] for number, one in zip(numbers, named, strict=True)}


@dataclass(frozen=True, slots=True)
class _Rows:
    """Called, reads the objects of a clip, which are lists over all of its frames, and yields frames of them."""

    index: Index
    clip: Clip
    tracks: Mapping[int, int]

    def __call__(self, start: int, stop: int) -> Iterator[FrameMasks]:
        """Yield the truth of frames ``start`` up to ``stop``."""
        numbers = array("q", self.tracks)
        objects = {n: self._segmentations(n, said) for n, said in zip(numbers, self.index.shelf.read(numbers), strict=True)}  # fmt: skip
        size = self.clip.height, self.clip.width
        for frame in range(start, min(stop, self.clip.frames)):
            seen = []
            for number, segmentations in objects.items():
                try:
                    mask = mask_of(segmentations[frame], size)
                except InputError as error:
                    raise InputError(
                        f"{self.index.where(number)}: frame {frame}: {error}"
                    ) from error
                seen += [(self.tracks[number], mask, 1.0)] if mask is not None else []
            yield row_of(frame, seen, clip=self.clip, where=f"{self.index.path}: frame {frame}")

    def _segmentations(self, number: int, said: Mapping[str, Any]) -> list[Any]:
        """Return the segmentations of an object, one for each frame."""
        found = said.get("segmentations")
        if not isinstance(found, list) or len(found) != self.clip.frames:
            count = len(found) if isinstance(found, list) else "no"
            raise InputError(
                f"{self.index.where(number)}: {count} segmentations, its video has {self.clip.frames} pictures"
            )
        return found
