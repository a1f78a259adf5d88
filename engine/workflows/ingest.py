"""Add recordings: each file once, cut into clips, with a working copy where it needs one. Decodes nothing itself.

A recording is known by the SHA-256 of its bytes, so that it may be moved, renamed and given twice. One
file that cannot be used never stops the others.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Protocol

from engine.errors import DiskFull, InputError, SettingsError, VideoError
from engine.ports import Catalog
from engine.types import Video
from engine.workflows.cutting import clips_of, cut, split_of
from engine.workflows.recordings import copy_into, find_videos, is_folder, sha256_of

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Footage:
    """What has to be known of a file before it becomes clips.

    Size, ``rate`` and ``frames`` are of the pictures as they would be used: of the file itself, or with
    ``reasons`` of its working copy, whose frame k shows picture ``frame_map[k]`` of the file (k itself
    where the map is empty).
    """

    width: int
    height: int
    rate: Fraction
    frames: int
    reasons: tuple[str, ...] = ()
    frame_map: tuple[int, ...] = ()


class Prober(Protocol):
    """Looks at video files and makes working copies of them."""

    def look(self, path: Path, *, progress: Progress) -> Footage:
        """Decode the file once; ``progress(frames, expected)`` is called on the way.

        Raises:
            VideoError: it is no video, truncated, damaged, or holds no pictures.
        """
        ...

    def copy(self, path: Path, out: Path, footage: Footage, *, progress: Progress) -> None:
        """Write the constant-rate working copy that ``footage`` describes; it appears when complete.

        Raises:
            VideoError: the file does not decode any more.
            DiskFull: no room; nothing is left of the copy.
        """
        ...


@dataclass(frozen=True, slots=True)
class Added:
    """A new recording: its clips, and why a working copy was made (empty: used as it is)."""

    path: Path
    clips: tuple[str, ...]
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """A recording that was ingested before, under this name or another, with its clips.

    ``changed`` says what is known of it anew, in words: its camera, its licence.
    """

    path: Path
    clips: tuple[str, ...]
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be used, and why."""

    path: Path
    error: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of every file."""

    added: tuple[Added, ...] = ()
    known: tuple[Known, ...] = ()
    failed: tuple[Failed, ...] = ()


@dataclass(frozen=True, slots=True)
class _Ways:
    """What is the same for every file of a batch."""

    catalog: Catalog
    prober: Prober
    media: Path
    clip_seconds: float
    split: str | None
    copy: bool
    camera: str | None
    licence: str | None
    progress: Callable[[str, int, int], None]


def ingest(  # noqa: PLR0913 - the composition root hands in every part by name
    paths: Sequence[Path],
    *,
    catalog: Catalog,
    prober: Prober,
    workspace: Path,
    clip_seconds: float = 10.0,
    split: str | None = None,
    copy: bool = False,
    camera: str | None = None,
    licence: str | None = None,
    progress: Callable[[str, int, int], None],
) -> IngestReport:
    """Add files, and whatever videos the folders among ``paths`` hold at any depth.

    Recordings stay where they are and are referenced by absolute path, unless they need a working copy
    (``workspace/media/<sha256>.mp4``) or ``copy`` asks for one of the bytes. ``split`` is ``train`` or
    ``val``; None decides by the content, about 10 % val. ``camera`` and ``licence`` are names by which exports
    choose; given for a recording that is known already, they replace those that it has.
    ``progress(path, frames_done, frames_total)``.

    Raises:
        SettingsError: ``clip_seconds`` is not positive, ``split`` is neither, or a name is no plain text.
        StoreError: the database refuses; files added before are kept.
    """
    if clip_seconds <= 0 or split not in (None, "train", "val"):
        raise SettingsError(
            f"{clip_seconds=} {split=}: expected a positive length, and 'train', 'val' or nothing"
        )
    _refuse_odd(camera=camera, licence=licence)
    ways = _Ways(
        catalog=catalog,
        prober=prober,
        media=workspace.absolute() / "media",
        clip_seconds=clip_seconds,
        split=split,
        copy=copy,
        camera=camera,
        licence=licence,
        progress=progress,
    )
    outcomes = [_outcome(path, ways) for path in _files(paths, workspace)]
    return IngestReport(
        tuple(x for x in outcomes if isinstance(x, Added)),
        tuple(x for x in outcomes if isinstance(x, Known)),
        tuple(x for x in outcomes if isinstance(x, Failed)),
    )


def _refuse_odd(**names: str | None) -> None:
    """Refuse names that no list of clips could show on one line."""
    for what, name in names.items():
        if name is not None and (not name.isprintable() or name != name.strip()):
            raise SettingsError(
                f"{what} {name!r}: expected plain text on one line, without spaces around it"
            )


def _files(paths: Sequence[Path], workspace: Path) -> Iterator[Path | Failed]:
    """Yield the files, those of folders in the order of their names; a folder without any is a failure."""
    for path in paths:
        if not is_folder(path):
            yield path
            continue
        found = find_videos(path, without=workspace)
        yield from found
        if not found:
            yield Failed(path, f"{path}: no video files in this folder; name the files themselves")


def _outcome(path: Path | Failed, ways: _Ways) -> Added | Known | Failed:
    """Ingest one file; whatever is wrong with it, or with the room for it, becomes its report."""
    if isinstance(path, Failed):
        return path
    try:
        return _ingest_one(path, ways)
    except (InputError, DiskFull, OSError) as error:
        return Failed(path, str(error))


def _ingest_one(path: Path, ways: _Ways) -> Added | Known:
    """Recognise the file, or look at it, make its copy and store it with its clips."""
    sha256 = sha256_of(path)
    known = ways.catalog.video(sha256)
    if known is not None:
        _restore(known, path, ways)
        return _recognised(path, known, ways)
    footage = _look(path, ways)
    ranges = cut(footage.frames, rate=footage.rate, clip_seconds=ways.clip_seconds, what=str(path))
    video = Video(
        sha256,
        str(path.absolute()),
        str(_media(path, sha256, footage, ways)),
        footage.width,
        footage.height,
        footage.rate,
        footage.frames,
        footage.frame_map,
        ways.camera or "",
        ways.licence or "",
    )
    clips = clips_of(video, ranges, split=ways.split or split_of(sha256))
    if not ways.catalog.add_video(video, clips):
        return _recognised(path, ways.catalog.video(sha256) or video, ways)
    return Added(path, tuple(clip.id for clip in clips), footage.reasons)


def _recognised(path: Path, known: Video, ways: _Ways) -> Known:
    """Report a known recording, after noting what is said of it anew."""
    new = ways.catalog.describe(known.sha256, camera=ways.camera, licence=ways.licence)
    pairs = (("camera", known.camera, new.camera), ("licence", known.licence, new.licence))
    changed = tuple(f"{what} is now {b!r}, was {a!r}" for what, a, b in pairs if a != b)
    return Known(path, _known_clips(known.sha256, ways.catalog), changed)


def _look(path: Path, ways: _Ways) -> Footage:
    """Decode the file once."""
    return ways.prober.look(path, progress=partial(ways.progress, str(path)))


def _media(path: Path, sha256: str, footage: Footage, ways: _Ways) -> Path:
    """Return what is to be decoded: the file itself, or a copy, which is made unless it is there."""
    if not footage.reasons and not ways.copy:
        return path.absolute()
    ways.media.mkdir(parents=True, exist_ok=True)
    out = ways.media / f"{sha256}.mp4"
    if out.exists():
        return out
    if footage.reasons:
        progress = partial(ways.progress, f"{path} (working copy)")
        ways.prober.copy(path, out, footage, progress=progress)
    else:
        copy_into(path, out)
    return out


def _restore(video: Video, path: Path, ways: _Ways) -> None:
    """Make a known recording's lost copy again from ``path``, which holds the same bytes.

    Raises:
        VideoError: what is lost is the recording itself, at a place that is not ours to fill.
    """
    media = Path(video.media)
    if media.exists():
        return
    if media.parent != ways.media:
        raise VideoError(
            f"{path}: ingested before from {media}, where it is no more; its clips need it there: "
            f"move it back, or link it with: ln -s '{path.absolute()}' '{media}'"
        )
    _media(path, video.sha256, _look(path, ways), replace(ways, copy=True))


def _known_clips(sha256: str, catalog: Catalog) -> tuple[str, ...]:
    """Return the ids of a known video's clips."""
    return tuple(known.clip.id for known in catalog.clips() if known.clip.video == sha256)
