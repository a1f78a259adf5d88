"""COCO with identities: video (videos, images with a frame_id) and per frame (images of one folder and name). Knows no exporter.

Which object an annotation is of is its ``track_id`` or ``instance_id``, or CVAT's ``attributes.track_id``; without one the
dataset is refused, for no rule could tell the balls of two frames apart. Annotations with ``iscrowd`` are objects like others:
many tools set it for everything that is not a polygon.
"""

import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from engine.datasets.clip import Footage, LabelledClip, assemble, row_of
from engine.datasets.entry import Entry
from engine.datasets.files import side, spacing, value, whole
from engine.datasets.index import Index, commonest, spread
from engine.datasets.marker import Facts, facts_of
from engine.datasets.places import Place
from engine.datasets.segmentation import mask_of
from engine.datasets.tracks import track_ids
from engine.errors import InputError
from engine.types import RLE, Clip, FrameMasks

RATE = Fraction(30)
SLOWEST, FASTEST = 0.01, 10_000.0  # frames per second that anybody means
_NUMBERED = re.compile(r"^(.*?)[-_. ]?(\d{1,9})$")
_FRAME = ("frame_id", "frame_index")


@dataclass(frozen=True, slots=True)
class _Group:
    """The images of one clip, by the number of their frames, and what is known of the video."""

    name: str
    images: Mapping[int, int]
    video: Mapping[str, Any]


def entries(index: Index, place: Place) -> list[Entry]:
    """Return the clips of an index.

    Raises:
        InputError: annotations have no identity, or images belong to no clip.
    """
    for number in range(len(index.shelf)):
        if index.identity(number) is None:
            raise InputError(
                f"{index.where(number)}: has no track_id and no instance_id; masks without identity do not become "
                "masklets: export with identities (CVAT: tracks; COCO video: instance_id)"
            )
    groups = _by_video(index) if index.videos else _by_name(index)
    return [Entry(group.name, partial(_opened, index, place, group)) for group in groups]


def _by_video(index: Index) -> list[_Group]:
    """Return the images of each video, in the order of its frames."""
    frames: dict[int, dict[int, int]] = {video: {} for video in index.videos}
    for image, said in index.images.items():
        at = f"{index.path}: image {image}"
        video = whole(said, "video_id", at)
        if video not in frames:
            raise InputError(f"{at}: video_id {video} is no id of videos")
        key = next((key for key in _FRAME if key in said), _FRAME[0])
        _add(frames[video], whole(said, key, at), image, index)
    return [
        _Group(str(said.get("name", video)), dict(sorted(frames[video].items())), said)
        for video, said in index.videos.items()
    ]


def _by_name(index: Index) -> list[_Group]:
    """Return the images of each folder and beginning of names, in the order of the numbers at their end."""
    frames: dict[tuple[str, str], dict[int, int]] = {}
    for image, said in index.images.items():
        path = PurePosixPath(str(value(said, "file_name", f"{index.path}: image {image}")))
        found = _NUMBERED.match(path.stem)
        if not found:
            raise InputError(
                f"{index.path}: image {image}: {path} ends in no number; expected the frame's number, as in ball_00012.jpg"
            )
        key = (str(path.parent), found[1])
        _add(frames.setdefault(key, {}), int(found[2]), image, index)
    names = _names(list(frames))
    return [
        _Group(name, dict(sorted(images.items())), {})
        for name, images in zip(names, frames.values(), strict=True)
    ]


def _add(frames: dict[int, int], frame: int, image: int, index: Index) -> None:
    """Take an image as a frame of its clip."""
    if (first := frames.setdefault(frame, image)) != image:
        raise InputError(
            f"{index.path}: images {first} and {image} are both frame {frame} of a clip"
        )


def _names(keys: Sequence[tuple[str, str]]) -> list[str]:
    """Return a name for each folder and beginning: the shorter one where it tells them apart."""
    short = [beginning or PurePosixPath(folder).name for folder, beginning in keys]
    if len(set(short)) == len(short):
        return short
    return [str(PurePosixPath(folder) / beginning) for folder, beginning in keys]


def _opened(index: Index, place: Place, group: _Group, clip: str) -> LabelledClip:
    """Return one clip.

    Raises:
        InputError: frames or pictures are missing, sizes differ, or a category is unknown.
    """
    where = f"{index.path}: {group.name}"
    if not group.images:
        raise InputError(f"{where}: has no images; take it out of videos")
    apart = spacing(list(group.images), where)
    facts = facts_of(place.root, group.name, place.said)
    images = [index.images[image] for image in group.images.values()]
    high, wide = _size(images, where)
    files = [str(value(said, "file_name", where)) for said in images]
    folder = place.folder_of(files)
    made = Clip(
        clip,
        facts.recording or group.name,
        str(folder),
        0,
        len(images),
        wide,
        high,
        facts.rate or rate_of(group.video.get("fps"), RATE, where) / apart,
        place.split(facts),
    )
    owned = tuple(index.of(image) for image in group.images.values())
    rows = _Rows(index, made, owned, _tracks(index, owned, facts, where))
    return assemble(
        Footage(made, group.name, folder, tuple(files)),
        labels=_labels(index, rows, facts),
        labelled=tuple(range(len(images))),
        rows=rows,
    )


def rate_of(said: object, otherwise: Fraction, where: str) -> Fraction:
    """Return frames per second as a JSON file says them: 29.97 is 30000/1001.

    Raises:
        InputError: it is no rate.
    """
    if said is None:
        return otherwise
    if not isinstance(said, int | float):
        raise InputError(f"{where}: fps is {said!r}, expected frames per second")
    if not SLOWEST <= said <= FASTEST:
        raise InputError(
            f"{where}: fps is {said}, expected {SLOWEST} to {FASTEST} frames per second"
        )
    rate = float(said)
    broadcast = Fraction(round(rate) * 1000, 1001)
    return broadcast if abs(rate - broadcast) < 5e-3 else Fraction(rate).limit_denominator(1001)


def _size(images: Sequence[Mapping[str, Any]], where: str) -> tuple[int, int]:
    """Return (height, width) of all images of a clip."""
    sizes = {(side(i, "height", where), side(i, "width", where)) for i in images}
    if len(sizes) > 1:
        raise InputError(f"{where}: images of {sorted(sizes)} (height, width), expected one size")
    return sizes.pop()


def _tracks(
    index: Index, owned: Sequence["array[int]"], facts: Facts, where: str
) -> dict[int | str, int]:
    """Return the track of each identity of a clip."""
    found = (index.identity(number) for numbers in owned for number in numbers)
    return track_ids([one for one in found if one is not None], facts.objects, where)


def _labels(index: Index, rows: "_Rows", facts: Facts) -> dict[int, str]:
    """Return the class of each track: what the side file says, else the category it has most often."""
    found: dict[int, list[str]] = {}
    for numbers in rows.owned:
        for number in numbers:
            found.setdefault(rows.track(number), []).append(index.label(number))
    return {track: commonest(labels) for track, labels in sorted(found.items())} | facts.labels()


@dataclass(frozen=True, slots=True)
class _Rows:
    """Called, reads the truth of frames from the places of their annotations."""

    index: Index
    clip: Clip
    owned: tuple["array[int]", ...]
    tracks: Mapping[int | str, int]

    def track(self, number: int) -> int:
        """Return the track of an annotation."""
        identity = self.index.identity(number)
        return self.tracks[identity if identity is not None else ""]

    def __call__(self, start: int, stop: int) -> Iterator[FrameMasks]:
        """Yield the truth of frames ``start`` up to ``stop``."""
        for frame, said in enumerate(spread(self.index, self.owned[start:stop]), start):
            where = f"{self.index.path}: {self.clip.id}: frame {frame}"
            yield row_of(frame, self._masks(said), clip=self.clip, where=where)

    def _masks(self, said: Sequence[tuple[int, Any]]) -> Iterator[tuple[int, RLE, float]]:
        """Yield track, mask and stability of what is visible."""
        for number, annotation in said:
            try:
                mask = mask_of(annotation.get("segmentation"), (self.clip.height, self.clip.width))
            except InputError as error:
                raise InputError(f"{self.index.where(number)}: {error}") from error
            if mask is not None:
                yield self.track(number), mask, 1.0
