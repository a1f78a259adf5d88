"""Does a dataset hold what the database holds: every mask to the pixel, every picture as recorded? Changes nothing.

Masks are read from the files by the readers of ``engine.datasets``, which know no exporter, and compared with those of
the revision after what the manifest says was done to them (specks, overlaps, size). Knows no format by name but for
what SA-V alone keeps apart, and YOLO, whose labels tell no ball from another.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any, Final

from engine import rle
from engine.datasets import LabelledClip, name_of, read_dataset
from engine.datasets.marker import MARKER
from engine.errors import ExportError, InputError, SelectionError
from engine.ports import ExportItem
from engine.types import RLE, FrameMasks, Track
from exports.checks.against_pictures import check_pictures
from exports.checks.against_polygons import check_polygons
from exports.checks.base import said_of
from exports.crew import Progress
from exports.format import Format
from exports.manifest import MANIFEST, read_manifest
from exports.masks import ClipMasks, read_masks
from exports.notes import Notes
from exports.registry import exporter

MOST: Final = 20
"""Differences of one clip that are told."""

_OPTIONS: Final = ("resolution", "trust_auto")


@dataclass(frozen=True, slots=True)
class _Exported:
    """A dataset of ours: the format that wrote it, the smallest area, and what engine.json says of each clip."""

    path: Path
    format: Format
    min_area: int
    clips: Mapping[str, Mapping[str, Any]]
    read: dict[str, dict[str, LabelledClip | InputError]] = field(default_factory=dict)

    def found(self, name: str, kind: str) -> LabelledClip:
        """Return a clip as its files hold it, with masks of a kind.

        Raises:
            InputError: it is not there, or damaged.
        """
        if kind not in self.read:
            damaged: dict[str, LabelledClip | InputError] = {}
            clips = read_dataset(self.path, masks=kind, damaged=damaged.__setitem__)
            self.read[kind] = damaged | {name_of(clip): clip for clip in clips}
        clip = self.read[kind].get(name, InputError(f"{self.path}: no clip {name} with masks"))
        if isinstance(clip, InputError):
            raise clip
        return clip


@dataclass(frozen=True, slots=True)
class _Table:
    """Masks as a database has them, and as which tracks a file holds them."""

    rows: tuple[FrameMasks, ...]
    tracks: tuple[Track, ...]


def against(
    path: Path, items: Mapping[str, ExportItem] | Sequence[ExportItem], *, progress: Progress
) -> tuple[str, ...]:
    """Return every difference between the dataset at ``path`` and ``items``, the same clips from the database.

    Each difference names clip, frame, track and how many pixels differ. ``progress(clip, clips done, clips in all)`` is
    called after each clip.

    Raises:
        SelectionError: the dataset is none of ours, and so nobody knows which revisions it holds.
        InputError: its manifest, or an index of all clips, cannot be read.
    """
    exported = _read(path)
    known = items if isinstance(items, Mapping) else {item.clip.id: item for item in items}
    told: list[str] = []
    for done, name in enumerate(exported.clips, 1):
        if name in known:
            told += _told(name, _check_clip(exported, name, known[name]))
        else:
            told.append(f"{name}: in the dataset, and not among the clips it is compared with")
        progress(name, done, len(exported.clips))
    told += _check_left_out(exported, known)
    return tuple(told)


def _read(path: Path) -> _Exported:
    """Read how the dataset was made."""
    said, clips = said_of(path), said_of(path).get("clips")
    if not isinstance(clips, dict) or not isinstance(said.get("format"), str):
        raise SelectionError(
            f"{path / MARKER}: not there, or not ours; only datasets of `engine export` name the revisions they hold"
        )
    settings = read_manifest(path).get("settings", {}) if (path / MANIFEST).exists() else {}
    options = {key: settings[key] for key in _OPTIONS if settings.get(key)}
    made = exporter(said["format"], layout=str(said.get("layout", "")), **options).format
    return _Exported(path, made, int(settings.get("min_area", 20)), clips)


def _told(name: str, lines: Iterator[str]) -> list[str]:
    """Collect the differences of one clip; files that cannot be read are one."""
    told: list[str] = []
    try:
        told.extend(islice(lines, MOST))
    except (InputError, ExportError) as error:
        told.append(f"{name}: {error}")
    return told


def _check_clip(exported: _Exported, name: str, item: ExportItem) -> Iterator[str]:
    """Compare one clip: its revision, its masks, its pictures."""
    facts = exported.clips[name]
    if facts.get("revision") != item.revision.id:
        yield f"{name}: revision {facts.get('revision')}, compared with {item.revision.id}"
    masks = _masks(exported, item)
    for kind, table in _tables(exported, masks, facts):
        found = exported.found(name, kind)
        yield from _check_labels(name, table, found)
        yield from _check_rows(name, table, found.frames())
    if exported.format.name == "yolo-seg":
        yield from check_polygons(exported.path, masks)
    yield from _check_tracks(name, masks, facts)
    yield from check_pictures(exported.path, exported.format, masks, item.pictures())


def _masks(exported: _Exported, item: ExportItem) -> ClipMasks:
    """Return the masks as the format holds them."""
    nobody = Notes()
    masks = read_masks(
        item, min_area=exported.min_area, sparse=exported.format.sparse, notes=nobody
    )
    return exported.format.prepare(masks, nobody)


def _tables(
    exported: _Exported, masks: ClipMasks, facts: Mapping[str, Any]
) -> Iterator[tuple[str, _Table]]:
    """Yield what is expected in the files of masks: one kind, but for SA-V, which keeps the model's own apart."""
    named = {track.id: track for track in (*masks.tracks, *masks.auto_tracks)}
    if exported.format.name == "yolo-seg":
        return
    if "masklets" not in facts:
        yield "manual", _Table(masks.rows, _chosen(facts.get("objects"), named))
        return
    if facts["masklets"]:
        yield "manual", _Table(masks.rows, _chosen(facts["masklets"], named))
    if facts.get("auto_masklets"):
        rows = masks.auto if masks.auto_tracks else masks.rows
        yield "auto", _Table(rows, _chosen(facts["auto_masklets"], named))


def _chosen(objects: Any, named: Mapping[int, Track]) -> tuple[Track, ...]:
    """Return the tracks that engine.json names for a clip, as the database knows them."""
    numbers = [of.get("track") for of in objects.values()] if isinstance(objects, dict) else []
    return tuple(named.get(number, Track(number, "")) for number in numbers)


def _check_labels(name: str, table: _Table, found: LabelledClip) -> Iterator[str]:
    """Compare the classes of the tracks."""
    for track in table.tracks:
        said = found.labels.get(track.id)
        if said is None:
            yield f"{name}: track {track.id}: not in the files"
        elif said != track.label:
            yield f"{name}: track {track.id}: is {said!r} in the files, {track.label!r} in the database"


def _check_rows(name: str, table: _Table, found: Iterable[FrameMasks]) -> Iterator[str]:
    """Compare masks frame by frame, pixel by pixel."""
    tracks = {track.id for track in table.tracks}
    for expected, row in zip_longest(table.rows, found):
        if expected is None or row is None or expected.frame != row.frame:
            frames = (expected.frame if expected else "none", row.frame if row else "none")
            yield f"{name}: frame {frames[1]} is annotated where frame {frames[0]} is expected"
            return
        old, new = expected.by_track(), row.by_track()
        for track in sorted((old.keys() & tracks) | new.keys()):
            nothing = rle.empty((old.get(track) or new[track]).rle.size)
            one = old[track].rle if track in old and track in tracks else nothing
            other = new[track].rle if track in new else nothing
            if one != other and (pixels := _apart(one, other)):
                yield f"{name}: frame {row.frame}, track {track}: {pixels} pixels differ"


def _apart(one: RLE, other: RLE) -> int:
    """Return how many pixels are in one mask only; masks of different pictures differ in all."""
    if one.size != other.size:
        return one.size[0] * one.size[1]
    return rle.area(one) + rle.area(other) - 2 * rle.intersection(one, other)


def _check_tracks(name: str, masks: ClipMasks, facts: Mapping[str, Any]) -> Iterator[str]:
    """Name tracks that the database has and no file."""
    parts = [facts.get(key) for key in ("objects", "masklets", "auto_masklets")]
    held = {of.get("track") for part in parts if isinstance(part, dict) for of in part.values()}
    for track in masks.tracks:
        if track.id not in held:
            yield f"{name}: track {track.id}: in the database, and not in engine.json"


def _check_left_out(exported: _Exported, known: Mapping[str, ExportItem]) -> Iterator[str]:
    """Name clips that the format could have held and the dataset does not."""
    for name, item in known.items():
        if name in exported.clips:
            continue
        try:
            reason = exported.format.refuse(_masks(exported, item))
        except (InputError, ExportError) as error:
            reason = str(error)
        if not reason:
            yield f"{name}: in the database, and not in the dataset, which could hold it"
