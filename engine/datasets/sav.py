"""SA-V for training: a video and JSON of masklets for each clip, ours or Meta's own. Knows no exporter.

Masklets are read from ``NAME_manual.json``, as SAM 2's own training code does, or from ``NAME_auto.json``
where there is no other. A masklet's track is what ``engine.json`` says, else its ``masklet_id`` plus one.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import ceil, inf
from operator import eq
from pathlib import Path
from typing import Any

from engine import rle
from engine.datasets.clip import Footage, LabelledClip, assemble, row_of
from engine.datasets.entry import Entry, subfolders
from engine.datasets.files import numbered, side, value, whole
from engine.datasets.lists import SPLITS, listed, split_of
from engine.datasets.marker import MARKER, Facts, facts_of, marker
from engine.datasets.pieces import Shelf, pieces, shelf
from engine.errors import InputError
from engine.types import RLE, Clip, FrameMasks, Track

KINDS = ("manual", "auto")
OWN_STEP = (
    4  # frames from one annotation to the next in Meta's own files: 24 frames/s, annotated at 6
)
_MASKS, _STABILITY = "masklet", "masklet_stability_score"


@dataclass(frozen=True, slots=True)
class _File:
    """What an annotation file says: its fields, and where the masks and scores of each annotated frame lie."""

    fields: Mapping[str, Any]
    masks: Shelf
    stability: Shelf


def entries(path: Path, masks: str = "manual") -> list[Entry]:
    """Return the clips of a folder by their annotation files, those of the ``masks`` "auto" or else "manual".

    A clip that has only "auto" masks is among both. Meta's own files lie in folders of a thousand (``sav_train/sav_000``);
    folders in ``path`` are looked into where it holds none, but for those that are datasets of ours by themselves.
    """
    inner = (one for one in subfolders(path) if not (one / MARKER).is_file())
    return _entries(path, masks) or [found for one in inner for found in _entries(one, masks)]


def _entries(path: Path, masks: str) -> list[Entry]:
    """Return the clips of one folder."""
    kinds = ("auto",) if masks == "auto" else ("auto", "manual")  # the last one stands
    files = {
        file.stem.removesuffix(f"_{kind}"): (file, kind)
        for kind in kinds
        for file in sorted(path.glob(f"*_{kind}.json"))
    }
    if not files:
        return []
    said = marker(path)
    lists = listed(file for file in path.glob("*.txt") if file.stem != "auto")

    def opened(file: Path, kind: str, name: str, clip: str) -> LabelledClip:
        facts = facts_of(path, name, said)
        split = split_of(name, lists, facts.split, SPLITS.get(path.name, ""))
        return read(file, facts, name=name, clip=clip, split=split, kind=kind)

    return [
        Entry(name, partial(opened, file, kind, name))
        for name, (file, kind) in sorted(files.items())
    ]


def read(
    path: Path, facts: Facts, *, name: str, clip: str, split: str, kind: str = "manual"
) -> LabelledClip:
    """Return the clip ``name`` of an annotation file under the id ``clip``.

    Raises:
        InputError: the file is damaged, or neither video nor pictures lie beside it.
    """
    file = _parse(path)
    frames, rows = whole(file.fields, "video_frame_count", path, least=1), len(file.masks)
    step = facts.step or _step(frames, rows, path)
    if ceil(frames / step) != rows:
        raise InputError(f"{path}: {rows} annotations, expected one for every {step}. of {frames}")
    tracks = _tracks(file.fields, facts.auto if kind == "auto" else facts.objects, path)
    media, names, thin = _media(path.parent, name, frames, step)
    made = Clip(
        clip,
        facts.recording or name,
        str(media),
        0,
        ceil(frames / thin),
        side(file.fields, "video_width", path),
        side(file.fields, "video_height", path),
        (facts.rate or _rate(file.fields, frames, path)) / thin,
        split,
    )
    source = _Rows(path, made, file, tuple(track.id for track in tracks), step // thin)
    return assemble(
        Footage(made, name, media, names, facts.rate),
        labels={track.id: track.label for track in tracks},
        labelled=tuple(range(0, rows * source.step, source.step)),
        rows=source,
    )


def _parse(path: Path) -> _File:
    """Read an annotation file once, keeping of its masks only where they lie."""
    fields: dict[str, Any] = {}
    walked = {_MASKS: shelf(path), _STABILITY: shelf(path)}
    for piece in pieces(path, walked=walked):
        if piece.number >= 0:
            walked[piece.key].put(piece)
        else:
            fields[piece.key] = piece.value
    if not isinstance(value(fields, _MASKS, path), list):
        raise InputError(f"{path}: masklet is no list of annotated frames")
    return _File(fields, walked[_MASKS], walked[_STABILITY])


def _media(folder: Path, name: str, frames: int, step: int) -> tuple[Path, tuple[str, ...], int]:
    """Return the video, or the folder of pictures and their names, and how many frames lie from one to the next.

    Pictures are taken where every frame is there, since they lost least; a video else; without one, those pictures of
    every annotated frame that are there.
    """
    stills, video = folder / "JPEGImages" / name, folder / f"{name}.mp4"
    found = numbered(stills)
    if _are(found, range(frames)):
        return stills, tuple(found.values()), 1
    if video.is_file():
        return video, (), 1
    thin = list(found)[1] if len(found) > 1 else step
    if thin and step % thin == 0 and _are(found, range(0, frames, thin)):
        return stills, tuple(found.values()), thin
    gap = next((n for n in range(frames) if n not in found), frames)
    lacking = f", {gap:05d}.jpg is missing" if found else ""
    raise InputError(f"{video}: not there, nor all {frames} pictures in {stills}{lacking}")


def _are(found: Collection[int], wanted: range) -> bool:
    """Return whether these are the numbers wanted, in order; a file may claim more frames than any list could hold."""
    return len(found) == len(wanted) and all(map(eq, found, wanted))


def _rate(fields: Mapping[str, Any], frames: int, path: Path) -> Fraction:
    """Return frames over seconds, 24 where the seconds are not said, as in Meta's own videos."""
    seconds = fields.get("video_duration") or frames / 24
    if not isinstance(seconds, int | float) or not 0 < seconds < inf:
        raise InputError(f"{path}: video_duration is {seconds!r}, expected seconds")
    rate = Fraction(frames / seconds).limit_denominator(1001)
    if rate <= 0:
        raise InputError(f"{path}: {frames} frames in {seconds} s are no footage")
    return rate


def _step(frames: int, rows: int, path: Path) -> int:
    """Return how many frames lie between annotations.

    Raises:
        InputError: no distance or more than one fits, and none is the usual one.
    """
    if frames == rows:
        return 1
    least = ceil(frames / rows) if 0 < rows <= frames else 0
    most = min(frames, (frames - 1) // (rows - 1)) if rows > 1 else frames
    fitting = [s for s in range(least, min(most, least + 9) + 1) if s and ceil(frames / s) == rows]
    if least <= OWN_STEP <= most and ceil(frames / OWN_STEP) == rows:
        return OWN_STEP
    if len(fitting) == 1:
        return fitting[0]
    raise InputError(
        f"{path}: {rows} annotations of {frames} frames fit a distance of {fitting or 'no'} frames; "
        f'say which in an engine.json beside it: {{"clips": {{"{path.stem.rpartition("_")[0]}": {{"step": 5}}}}}}'
    )


def _tracks(fields: Mapping[str, Any], known: Mapping[int, Track], path: Path) -> list[Track]:
    """Return the track of each masklet in the order of the file."""
    ids = value(fields, "masklet_id", path)
    if not isinstance(ids, list) or not all(isinstance(n, int) and n >= 0 for n in ids):
        raise InputError(f"{path}: masklet_id is {str(ids)[:80]}, expected whole numbers from 0 up")
    tracks = [known.get(n, Track(n + 1, "ball")) for n in ids]
    if len({track.id for track in tracks}) != len(tracks):
        raise InputError(f"{path}: an id is twice in masklet_id {str(ids)[:80]}; number them anew")
    return tracks


@dataclass(frozen=True, slots=True)
class _Rows:
    """Called, reads the truth of annotated frames from the places where it lies."""

    path: Path
    clip: Clip
    file: _File
    tracks: tuple[int, ...]
    step: int

    def __call__(self, start: int, stop: int) -> Iterator[FrameMasks]:
        """Yield the truth of the annotated frames from ``start`` up to ``stop``."""
        numbers = range(ceil(start / self.step), min(ceil(stop / self.step), len(self.file.masks)))
        scored = len(self.file.stability) == len(self.file.masks)
        scores = self.file.stability.read(numbers) if scored else (None for _ in numbers)
        rows = self.file.masks.read(numbers)
        for number, row, score in zip(numbers, rows, scores, strict=True):
            where = f"{self.path}: annotation {number}"
            masks = self._masks(row, score, where)
            yield row_of(number * self.step, masks, clip=self.clip, where=where)

    def _masks(self, row: Any, scores: Any, where: str) -> Iterator[tuple[int, RLE, float]]:
        """Yield track, mask and stability of what is visible."""
        if not isinstance(row, list) or len(row) != len(self.tracks):
            raise InputError(f"{where}: expected {len(self.tracks)} masks, got {str(row)[:80]}")
        known = scores if isinstance(scores, list) and len(scores) == len(row) else [1.0] * len(row)
        for track, mask, score in zip(self.tracks, row, known, strict=True):
            if mask is None:
                continue
            try:
                yield (
                    track,
                    rle.from_coco(mask),
                    float(score) if isinstance(score, int | float) else 1.0,
                )
            except InputError as error:
                raise InputError(f"{where}: track {track}: {error}") from error
