"""A clip of a folder of pictures and one of PNG masks: a palette PNG for each frame, or a folder for each object.

Knows which number is which object and which file is which frame, and refuses to know how a format names its folders.
Frame k is the k-th picture, whatever number its name begins to count from; pictures must lie at even distances. With a palette,
frames without a PNG are not labelled; with a folder for each object every object has one on every labelled frame.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np

from engine import rle
from engine.datasets.clip import Footage, LabelledClip, assemble, row_of
from engine.datasets.entry import subfolders
from engine.datasets.files import numbered, read_numbers, read_size, spacing
from engine.datasets.indices import masks_in
from engine.datasets.marker import Facts
from engine.errors import InputError
from engine.types import RLE, Clip, FrameMasks

PNG = (".png",)
VOID = 255


@dataclass(frozen=True, slots=True)
class Plan:
    """What a format says of a clip: its ``name``, its folders of pictures and masks, and what its files do not tell.

    ``rate`` is that of consecutive numbers, so pictures 0, 5, 10 are shown at a fifth of it. ``labels`` names the class of
    numbers where ``facts`` does not.
    """

    name: str
    stills: Path
    masks: Path
    rate: Fraction
    split: str
    facts: Facts = field(default_factory=Facts)
    labels: Mapping[int, str] = field(default_factory=dict)


def read(plan: Plan, clip: str) -> LabelledClip:
    """Return the clip of two folders under the id ``clip``.

    Raises:
        InputError: pictures or masks are missing, cannot be read or do not belong together.
    """
    pictures = numbered(plan.stills)
    if not pictures:
        raise InputError(f"{plan.stills}: no pictures; expected 00000.jpg and so on")
    apart = spacing(list(pictures), plan.stills)
    wide, high = read_size(plan.stills / next(iter(pictures.values())))
    rate = plan.facts.rate or plan.rate / apart
    recording = plan.facts.recording or plan.name
    made = Clip(clip, recording, str(plan.stills), 0, len(pictures), wide, high, rate, plan.split)
    frames = {number: frame for frame, number in enumerate(pictures)}
    objects = {int(one.name): one for one in subfolders(plan.masks) if one.name.isdecimal()}
    rows, labels = (
        _objects(plan, made, objects, frames) if objects else _palette(plan, made, frames)
    )
    return assemble(
        Footage(made, plan.name, plan.stills, tuple(pictures.values())),
        labels=labels,
        labelled=tuple(rows.files),
        rows=rows,
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """Called, reads the truth of frames from the PNGs of each."""

    clip: Clip
    folder: Path
    files: Mapping[int, str]
    take: Callable[[str], Iterator[tuple[int, RLE]]]

    def __call__(self, start: int, stop: int) -> Iterator[FrameMasks]:
        """Yield the truth of labelled frames from ``start`` up to ``stop``."""
        for frame, name in self.files.items():
            if start <= frame < stop:
                masks = ((track, mask, 1.0) for track, mask in self.take(name))
                yield row_of(frame, masks, clip=self.clip, where=str(self.folder / name))


def _palette(plan: Plan, clip: Clip, frames: Mapping[int, int]) -> tuple[_Rows, dict[int, str]]:
    """Return the rows of PNGs that hold all objects, and the classes."""
    files = numbered(plan.masks, endings=PNG)
    tracks = {number: track.id for number, track in plan.facts.objects.items()}

    def take(name: str) -> Iterator[tuple[int, RLE]]:
        found = dict(masks_in(read_numbers(plan.masks / name)))
        _check_numbers(found, plan.masks / name)
        return ((tracks.get(n, n), mask) for n, mask in found.items() if n != VOID)

    return _Rows(clip, plan.masks, _by_frame(files, frames, plan), take), (
        plan.facts.labels() or dict(plan.labels)
    )


def _check_numbers(found: Collection[int], path: Path) -> None:
    """Refuse numbers that no palette has, and black-and-white masks, whose object would be void."""
    if beyond := [number for number in found if number > VOID]:
        raise InputError(f"{path}: number {beyond[0]}, a palette has 0 to {VOID}")
    if set(found) == {VOID}:
        raise InputError(
            f"{path}: holds {VOID} alone, which is void in a palette; write a single object as number 1"
        )


def _objects(
    plan: Plan, clip: Clip, objects: Mapping[int, Path], frames: Mapping[int, int]
) -> tuple[_Rows, dict[int, str]]:
    """Return the rows of PNGs of one object each, and the classes; numbers that begin with 0 are tracks from 1."""
    tracks = {
        of: plan.facts.objects[number].id
        if number in plan.facts.objects
        else number + (0 in objects)
        for number, of in objects.items()
    }
    if len(set(tracks.values())) != len(tracks):
        raise InputError(
            f"{plan.masks}: two folders are one object: {sorted(o.name for o in tracks)}"
        )
    names = _same_names(plan, objects)

    def take(name: str) -> Iterator[tuple[int, RLE]]:
        for of, track in tracks.items():
            inside = read_numbers(of / name) > 0
            for _, mask in masks_in(inside.astype(np.uint16)):
                yield track, mask
            if inside.shape != (clip.height, clip.width):
                yield track, rle.empty((inside.shape[0], inside.shape[1]))

    labels = {number + (0 in objects): label for number, label in plan.labels.items()}
    return _Rows(clip, plan.masks, _by_frame(names, frames, plan), take), (
        plan.facts.labels() or labels
    )


def _same_names(plan: Plan, objects: Mapping[int, Path]) -> dict[int, str]:
    """Return the names of the PNGs that every object has.

    Raises:
        InputError: one lacks a PNG that another one has; loaders would take the object for gone.
    """
    each = {of: numbered(of, endings=PNG) for of in objects.values()}
    names = {number: name for files in each.values() for number, name in files.items()}
    for of, files in each.items():
        for number, name in names.items():
            if files.get(number) != name:
                raise InputError(
                    f"{of / name}: missing, other objects of {plan.name} have it; "
                    "write a blank one where an object is not visible"
                )
    return dict(sorted(names.items()))


def _by_frame(names: Mapping[int, str], frames: Mapping[int, int], plan: Plan) -> dict[int, str]:
    """Return the PNG of each labelled frame.

    Raises:
        InputError: there are none, or one belongs to no picture.
    """
    if not names:
        raise InputError(f"{plan.masks}: no masks; expected 00000.png and so on")
    for number, name in names.items():
        if number not in frames:
            raise InputError(
                f"{plan.masks / name}: there is no picture {number} in {plan.stills}; "
                f"those go from {min(frames)} to {max(frames)}"
            )
    return {frames[number]: name for number, name in names.items()}
