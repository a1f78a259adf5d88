"""Datasets as imports take them: each clip with its recording, its files and what was counted of it. Knows no workspace."""

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.datasets import cvat, label_studio, x_anylabeling
from engine.datasets.annotations import Drawing, labelled
from engine.datasets.clip import LabelledClip, files_of, name_of
from engine.datasets.files import read_json
from engine.datasets.marker import MARKER, facts_of, marker
from engine.datasets.pieces import pieces
from engine.datasets.reading import read_dataset
from engine.errors import InputError, SelectionError
from engine.workflows.importing_values import Incoming

AUTO, DATASET, LABEL_STUDIO, X_ANYLABELING = "auto", "dataset", "label-studio", "x-anylabeling"
FORMATS = (DATASET, "cvat", LABEL_STUDIO, X_ANYLABELING)
SAV_COUNTS = "masklet_edited_frame_count"
_ABOUT = (MARKER, "manifest.json")
_STILLS = (".jpg", ".jpeg")


def incoming(
    path: Path,
    *,
    format_name: str = AUTO,
    masks: str = "manual",
    hold: bool = False,
    damaged: Callable[[str, InputError], None] | None = None,
) -> tuple[Incoming, ...]:
    """Return the clips of a dataset, or of a tool's annotations, with all that an import wants to know.

    ``format_name`` is one of ``FORMATS``, or "auto" to look at the files. ``hold`` lets a tool's keyframe stand until the
    next one. Other arguments as for ``read_dataset``.

    Raises:
        SelectionError: nothing at ``path`` can be imported.
        InputError: it can be read in part only, and ``damaged`` is not given.
    """
    kind = kind_of(path) if format_name == AUTO else format_name
    if kind not in FORMATS:
        raise SelectionError(f"no format {kind!r} to import; known: {AUTO}, {', '.join(FORMATS)}")
    if kind != DATASET:
        return tuple(_drawn(drawing) for drawing in _drawings(path, kind, hold=hold))
    root = path if path.is_dir() else path.parent
    clips = read_dataset(path, masks=masks, damaged=damaged)
    said, digests = marker(root), _annotations(path, root, clips, masks)
    return tuple(
        _incoming(root, one, said, masks=masks, annotation=digest)
        for one, digest in zip(clips, digests, strict=True)
    )


def kind_of(path: Path) -> str:
    """Return which of ``FORMATS`` lies at ``path``, judging by its files."""
    if not path.exists():
        raise SelectionError(f"{path}: there is nothing; check the path")
    if path.suffix.lower() == ".zip":
        raise SelectionError(f"{path}: unpack it first, then import the folder or the file inside")
    if path.suffix.lower() == ".xml" or (path / cvat.FILE).is_file():
        return "cvat"
    if path.is_file():
        return LABEL_STUDIO if _is_list(path) else DATASET
    first = next((file for file in sorted(path.glob("*.json")) if file.name != MARKER), None)
    return X_ANYLABELING if first and x_anylabeling.is_one(first) else DATASET


def format_of(path: Path, format_name: str = AUTO) -> str:
    """Return what is known of the format of ``path``: for a dataset of ours its own name."""
    kind = kind_of(path) if format_name == AUTO else format_name
    side = path / MARKER
    if kind == DATASET and side.is_file():
        return str(read_json(side).get("format", kind))
    return kind


def _is_list(path: Path) -> bool:
    """Return whether a JSON file begins with a list."""
    with path.open("rb") as file:
        return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")


def _drawings(path: Path, kind: str, *, hold: bool) -> Sequence[Drawing]:
    """Read a tool's annotations."""
    if kind == "cvat":
        return cvat.drawings(path / cvat.FILE if path.is_dir() else path, hold=hold)
    return label_studio.drawings(path) if kind == LABEL_STUDIO else x_anylabeling.drawings(path)


def _drawn(drawing: Drawing) -> Incoming:
    """Return a clip without pictures."""
    return Incoming(
        labelled(drawing),
        drawing.other,
        counted=drawing.frames is not None,
        sha256=sha256_of_files(drawing.files),
    )


def _incoming(
    root: Path, labelled: LabelledClip, said: Mapping[str, Any], *, masks: str, annotation: str
) -> Incoming:
    """Return one clip, with the SHA-256 of its ``annotation``; its recording is known where our side file names it."""
    name = name_of(labelled)
    facts = said.get(name, {})
    start = facts.get("start")
    sav = _sav_file(root, name, masks)
    return Incoming(
        labelled,
        name,
        str(facts.get("recording", "")),
        start if isinstance(start, int) else None,
        files_of(labelled),
        sha256=annotation,
        edited=_edited(sav, root, name, said) if sav else None,
        video=video if sav and (video := sav.with_name(f"{name}.mp4")).is_file() else None,
    )


def _sav_file(root: Path, name: str, masks: str) -> Path | None:
    """Return the file of SA-V that a clip was read from, None where there is none."""
    kinds = ("auto", "manual") if masks == "auto" else ("manual", "auto")
    files = (root / f"{name}_{kind}.json" for kind in kinds)
    return next((file for file in files if file.is_file()), None)


def _annotations(path: Path, root: Path, clips: Sequence[LabelledClip], masks: str) -> list[str]:
    """Return the SHA-256 of each clip's annotation: of its own files, else of the indexes that it shares with others."""
    below, own = _by_name(root), []
    for clip in clips:
        name = name_of(clip)
        sav = _sav_file(root, name, masks)
        own.append([sav] if sav else _own_files(clip, below.get(name, ())))
    if all(own):
        return [sha256_of_files(files) for files in own]
    indexes = [path] if path.is_file() else [*root.glob("*.json"), *root.glob("annotations/*.json")]
    shared = sha256_of_files(sorted(file for file in indexes if file.name not in _ABOUT))
    return [sha256_of_files(files) if files else shared for files in own]


def _by_name(root: Path) -> Mapping[str, Sequence[Path]]:
    """Return the folders of a dataset by their name."""
    found: dict[str, list[Path]] = {}
    for folder, inner, _ in os.walk(root):
        for name in inner:
            found.setdefault(name, []).append(Path(folder, name))
    return found


def _own_files(clip: LabelledClip, folders: Sequence[Path]) -> list[Path]:
    """Return the files in folders of the clip's name, but for its pictures."""
    pictures = set(files_of(clip))
    files = (file for folder in folders for file in folder.rglob("*") if file.is_file())
    return sorted(file for file in files if file not in pictures and file.suffix not in _STILLS)


def sha256_of_files(files: Iterable[Path]) -> str:
    """Return the SHA-256 over the contents of files in their order; of a single file it is the file's own."""
    digests = []
    for path in files:
        try:
            with path.open("rb") as file:
                digests.append(hashlib.file_digest(file, "sha256").hexdigest())
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error}); check its permissions") from error
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest() if digests else ""


def _edited(path: Path, root: Path, name: str, said: Mapping[str, Any]) -> Mapping[int, int] | None:
    """Return by track on how many frames SA-V says that a person edited it, None where it does not say."""
    fields = {
        piece.key: piece.value for piece in pieces(path, walked=("masklet",)) if piece.number < 0
    }
    ids, counts = fields.get("masklet_id"), fields.get(SAV_COUNTS)
    if not isinstance(ids, list) or not isinstance(counts, list) or len(ids) != len(counts):
        return None
    facts = facts_of(root, name, said)
    known = facts.auto if path.stem.endswith("_auto") else facts.objects
    tracks = (known[n].id if n in known else n + 1 for n in ids)
    return {track: int(count) for track, count in zip(tracks, counts, strict=True) if count}
