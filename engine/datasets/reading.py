"""Which format a folder holds, and its clips; each format has a file of its own."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from engine.datasets import davis, indexed, mots, rendered, sav, sav_val, yolo, youtube_vos
from engine.datasets.clip import LabelledClip
from engine.datasets.entry import Entry
from engine.datasets.naming import clip_ids
from engine.errors import InputError, SelectionError

Damaged: TypeAlias = Callable[[str, InputError], None]

READERS: tuple[Callable[[Path], Sequence[Entry]], ...] = (
    sav_val.entries,
    youtube_vos.entries,
    davis.entries,
    sav.entries,
    rendered.entries,
    mots.entries,
    indexed.entries,
    yolo.entries,
)
"""Each returns the clips of a folder that holds its format and nothing for another; the first that knows it reads it."""


def read_dataset(
    path: Path,
    *,
    split: str | None = None,
    masks: str = "manual",
    damaged: Damaged | None = None,
) -> tuple[LabelledClip, ...]:
    """Return the clips of a dataset in the order of their names; nothing is decoded before it is asked for.

    Recognised are: rendered clips (NAME.mp4 beside NAME.json) in a folder, or in folders "train" and "val" of it, each
    of which is a split; SA-V for training and for validation; DAVIS; MOSE; YouTube-VOS; plain frames with a PNG for each
    object; YouTube-VIS; COCO with identities, by video or by frame; MOTS as text or PNG.

    Args:
        path: folder of the dataset, or the JSON file of YouTube-VIS or COCO.
        split: only clips of this split, as a rule "train" or "val".
        masks: "manual", or "auto" for the model's own masks, which SA-V alone keeps apart. A clip of SA-V without manual
            masks is read with its own either way.
        damaged: told the name and the error of each clip whose files are damaged, which then is left out. Without it the
            error is raised.

    Raises:
        SelectionError: there is no dataset of a known format at ``path``, or no clip of the split.
        InputError: one of its files is damaged.
    """
    entries = _entries(path, masks)
    ids = clip_ids([entry.name for entry in entries])
    clips = tuple(_opened(list(zip(entries, ids, strict=True)), damaged))
    chosen = tuple(one for one in clips if split in (None, one.clip.split))
    if not chosen and (clips or damaged is None):
        known = sorted({one.clip.split for one in clips})
        raise SelectionError(
            f"{path}: no clips of {split = }; there are {', '.join(known) or 'none'}"
        )
    return chosen


def _entries(path: Path, masks: str) -> Sequence[Entry]:
    """Return the clips of a dataset, not opened yet."""
    if masks not in ("manual", "auto"):
        raise SelectionError(f"{masks = }; expected 'manual' or 'auto'")
    if masks == "auto":
        found: Sequence[Entry] = sav.entries(path, "auto")
        if not found:
            raise SelectionError(
                f"{path}: no *_auto.json; only SA-V keeps a model's own masks apart"
            )
        return found
    found = next((found for reader in READERS if (found := reader(path))), ())
    if not found:
        raise SelectionError(
            f"{path}: no clips; expected rendered ones (NAME.mp4 beside NAME.json), SA-V (*_manual.json, or "
            "Annotations_..fps/), DAVIS, MOSE, YouTube-VOS or plain frames (Annotations/), COCO or YouTube-VIS (*.json), "
            "MOTS (*/gt/gt.txt, instances/); render some with `engine synth`, or export with `engine export`"
        )
    return found


def _opened(entries: Sequence[tuple[Entry, str]], damaged: Damaged | None) -> list[LabelledClip]:
    """Open every clip; one that cannot be is told, or raises."""
    clips = []
    for entry, clip in entries:
        try:
            clips.append(entry.open(clip))
        except InputError as error:
            if damaged is None:
                raise
            damaged(entry.name, error)
    return clips
