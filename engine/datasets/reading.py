"""Which format a folder holds, and its clips; each format has a file of its own."""

from pathlib import Path

from engine.datasets import davis, rendered, sav
from engine.datasets.clip import LabelledClip
from engine.datasets.files import marker
from engine.errors import SelectionError


def read_dataset(path: Path, *, split: str | None = None) -> tuple[LabelledClip, ...]:
    """Return the clips of a dataset in the order of their names; nothing is decoded before it is asked for.

    Recognised are: rendered clips (NAME.mp4 beside NAME.json) in a folder, or in folders "train" and "val" of
    it, each of which is a split; SA-V; DAVIS 2017.

    Args:
        path: folder of the dataset.
        split: only clips of this split, as a rule "train" or "val".

    Raises:
        SelectionError: there is no dataset of a known format at ``path``, or no clip of the split.
        InputError: one of its files is damaged.
    """
    clips = _davis(path) or _sav(path) or _rendered(path)
    if not clips:
        raise SelectionError(
            f"{path}: no clips; expected rendered ones (NAME.mp4 beside NAME.json), SA-V (*_manual.json) or "
            "DAVIS (Annotations/); render some with `engine synth`, or export with `engine export`"
        )
    chosen = tuple(one for one in clips if split in (None, one.clip.split))
    if not chosen:
        known = sorted({one.clip.split for one in clips})
        raise SelectionError(f"{path}: no clips of {split = }; there are {', '.join(known)}")
    return chosen


def _davis(path: Path) -> list[LabelledClip]:
    """Return the clips of a DAVIS dataset."""
    facts = marker(path) if (folders := davis.found(path)) else {}
    return [
        davis.read(masks, facts.get(name, {}), split=davis.split_of(path, name))
        for name, masks in folders.items()
    ]


def _sav(path: Path) -> list[LabelledClip]:
    """Return the clips of a SA-V dataset."""
    facts = marker(path) if (files := sav.found(path)) else {}
    return [
        sav.read(file, facts.get(name, {}), name=name, split=sav.split_of(path, name))
        for name, file in sorted(files.items())
    ]


def _rendered(path: Path) -> list[LabelledClip]:
    """Return rendered clips, those in the folder itself or those in a folder for each split."""
    if files := rendered.found(path):
        split = "val" if path.name == "val" else "train"
        return [rendered.read(file, split=split) for file in files]
    return [
        rendered.read(file, split=split)
        for split in ("train", "val")
        for file in rendered.found(path / split)
    ]
