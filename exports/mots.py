"""MOTS: one text of run lengths for each clip, frames and pictures counted from 1. Knows no database.

Every ball is of class 2, the only one that the evaluation of MOTSChallenge scores; its ids begin with 2000. The real
classes are in our side file. No pixel is in two masks: the evaluation refuses that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.types import Clip, FrameMasks
from exports.files import Files
from exports.format import Pictures
from exports.indexes import Clips
from exports.lists import by_split
from exports.masks import ClipMasks
from exports.notes import Notes
from exports.overlap import separated

CLASS: Final = 2
"""What MOTSChallenge calls a pedestrian."""

PER_CLASS: Final = 1000
"""An id is its class times this, plus a number from 1."""


@dataclass(frozen=True, slots=True)
class Mots:
    """MOTSChallenge; see ``exports.format.Format``."""

    layout: str = "train"
    name: str = "mots"
    sparse: bool = False
    whole: bool = False

    def prepare(self, masks: ClipMasks, notes: Notes) -> ClipMasks:
        """Give every pixel one owner."""
        return separated(masks, notes)

    def refuse(self, masks: ClipMasks) -> str:
        """Refuse what ids of one class cannot tell apart, and what holds nothing to score."""
        if len(masks.tracks) >= PER_CLASS:
            return f"{len(masks.tracks)} balls, ids of one class hold {PER_CLASS - 1}"
        return "" if masks.tracks else "no ball on any frame"

    def pictures(self, clip: Clip, *, step: int) -> Pictures:  # noqa: ARG002 - every frame is annotated
        """Say where the pictures go."""
        pattern = f"{clip.split}/{clip.id}/img1/{{:06d}}.jpg"
        return Pictures(pattern, (clip.height, clip.width), first=1)

    def annotate(self, masks: ClipMasks, files: Files, notes: Notes) -> dict[str, Any]:  # noqa: ARG002 - said in prepare
        """Write masks and facts of the clip; return which id is which ball."""
        folder = f"{masks.clip.split}/{masks.clip.id}"
        ids = {t.id: CLASS * PER_CLASS + n for n, t in enumerate(masks.tracks, 1)}
        lines = (line for row in masks.rows for line in _lines(row, ids))
        files.write(f"{folder}/gt/gt.txt", "".join(lines).encode())
        files.write(f"{folder}/seqinfo.ini", _about(masks.clip).encode())
        return {
            "objects": {str(ids[t.id]): {"track": t.id, "label": t.label} for t in masks.tracks}
        }

    def finish(
        self,
        files: Files,
        clips: Clips,
        fragments: Callable[[str], Path],  # noqa: ARG002 - there are none
    ) -> None:
        """Write the lists of clips that the evaluation reads, the first line of which it skips."""
        for split, names in by_split(clips).items():
            lines = "".join(f"{name}\n" for name in ("name", *names))
            files.write(f"seqmaps/MOTS-{split}.txt", lines.encode())


def _lines(row: FrameMasks, ids: Mapping[int, int]) -> list[str]:
    """Return ``frame id class height width run-lengths`` for every mask, frames counted from 1."""
    return [
        f"{row.frame + 1} {ids[mask.track]} {CLASS} {mask.rle.size[0]} {mask.rle.size[1]} "
        f"{mask.rle.counts.decode('ascii')}\n"
        for mask in row.masks
    ]


def _about(clip: Clip) -> str:
    """Return what evaluations are told of a clip."""
    return (
        f"[Sequence]\nname={clip.id}\nimDir=img1\nframeRate={round(float(clip.rate), 6):g}\n"
        f"seqLength={clip.frames}\nimWidth={clip.width}\nimHeight={clip.height}\nimExt=.jpg\n"
    )
