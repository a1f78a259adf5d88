"""Which clips are for training and which for validation, as lists of one clip a line. Knows no format."""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.errors import ExportError
from engine.types import Clip
from exports.files import Files


def refuse_divided(clips: Iterable[Clip]) -> None:
    """Refuse clips of one recording in two splits: training would see what it is validated on.

    Raises:
        ExportError: there are some.
    """
    first: dict[str, Clip] = {}
    for clip in clips:
        other = first.setdefault(clip.video, clip)
        if other.split != clip.split:
            raise ExportError(
                f"clip {clip.id} is in {clip.split}, {other.id} of the same recording in {other.split}; "
                "ingest the recording into one split"
            )


def by_split(clips: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the clips of each split, from their facts, both in their order."""
    found: dict[str, list[str]] = {}
    for name, facts in clips.items():
        found.setdefault(facts["split"], []).append(name)
    return found


def write_lists(files: Files, folder: str, clips: Mapping[str, Mapping[str, Any]]) -> None:
    """Write ``FOLDER/train.txt`` and so on; a split without clips gets no file."""
    for split, names in by_split(clips).items():
        files.write(f"{folder}{split}.txt", "".join(f"{name}\n" for name in names).encode())
