"""Datasets as imports take them: each clip with its recording, its files and what was counted of it. Knows no workspace."""

import hashlib
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
_SKIPPED = ("JPEGImages", "card")


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
    said = marker(root)
    return tuple(_incoming(root, one, said, masks=masks) for one in clips)


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
    root: Path, labelled: LabelledClip, said: Mapping[str, Any], *, masks: str
) -> Incoming:
    """Return one clip; its recording is known where our side file names it."""
    name = name_of(labelled)
    facts = said.get(name, {})
    start = facts.get("start")
    sav = next((file for file in _sav_files(root, name, masks) if file.is_file()), None)
    return Incoming(
        labelled,
        name,
        str(facts.get("recording", "")),
        start if isinstance(start, int) else None,
        files_of(labelled),
        sha256=sha256_of_files([sav] if sav else _annotation_files(root, name)),
        edited=_edited(sav, root, name, said) if sav else None,
    )


def _sav_files(root: Path, name: str, masks: str) -> Sequence[Path]:
    """Return the files of SA-V that a clip may have been read from, the likeliest first."""
    kinds = ("auto", "manual") if masks == "auto" else ("manual", "auto")
    return [root / f"{name}_{kind}.json" for kind in kinds]


def _annotation_files(root: Path, name: str) -> Sequence[Path]:
    """Return the files below folders of the clip's name, but for its pictures; else the indexes of the whole dataset."""
    folders = (one for one in root.rglob(name) if one.is_dir() and not _pictures(one, root))
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    return sorted(files or [*root.glob("*.json"), *root.glob("annotations/*.json")])


def _pictures(folder: Path, root: Path) -> bool:
    """Return whether a folder holds pictures and no masks."""
    return any(part.startswith(_SKIPPED) for part in folder.relative_to(root).parts)


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
