"""A workspace for measuring the page: one rendered clip, as several recordings, with its true masks as first revisions.

Some balls of the first clip lose their masks for 60 frames: what a person would click at and spread. Measures nothing.
"""

import shutil
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine import rle
from engine.cli import actions
from engine.config import Settings
from engine.datasets import LabelledClip, read_dataset
from engine.types import FrameMasks, Kind, Revision, Track
from engine.wiring import workbench

GAP = 60
"""Frames without a mask."""


@dataclass(frozen=True, slots=True)
class Case:
    """Where the clips lie, their ids, the truth of all, and the balls that the first clip lost, each with its frames."""

    settings: Settings
    clips: Sequence[str]
    truth: Sequence[FrameMasks]
    lost: dict[int, range]

    @property
    def balls(self) -> int:
        """How many balls the clip shows at most."""
        return max(len(row.masks) for row in self.truth)

    def click(self, frame: int, track: int) -> tuple[float, float]:
        """Return the middle of a ball's true box."""
        box = rle.bbox(self.truth[frame].by_track()[track].rle) or (0, 0, 0, 0)
        return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def make(folder: Path, data: Path, *, copies: int, threads: int) -> Case:
    """Fill a new workspace in ``folder`` from the first clip of a rendered dataset."""
    one = next(iter(read_dataset(data)))
    truth = tuple(one.frames())
    lost = gaps(truth)
    settings = Settings(workspace=folder / "workspace", threads=threads)
    actions.init(settings)
    media = [copy(Path(one.clip.media), folder / f"table{k}.mp4", k) for k in range(copies)]
    added = actions.ingest(settings, media, split="train").added
    clips = [each.clips[0] for each in added]
    with workbench(settings) as bench:
        for clip in clips:
            rows = without(truth, lost) if clip == clips[0] else truth
            bench.revisions.append(revision(one, clip), rows)
    return Case(settings, clips, truth, lost)


def copy(media: Path, to: Path, number: int) -> Path:
    """Copy an MP4 so that it shows the same and is another file: a box that players skip holds its number."""
    shutil.copy(media, to)
    with to.open("ab") as file:
        file.write(struct.pack(">I4sI", 12, b"free", number))
    return to


def revision(one: LabelledClip, clip: str) -> Revision:
    """Return the first revision of a clip, with the kinds of its balls."""
    tracks = tuple(Track(number, label) for number, label in sorted(one.labels.items()))
    return Revision(clip, None, Kind.AUTO, "benchmark", tracks)


def gaps(truth: Sequence[FrameMasks], most: int = 6) -> dict[int, range]:
    """Return balls that are to be seen around a middle of the clip, each with the frames that it is to lose."""
    middle = len(truth) // 2
    gap = range(middle - GAP // 2, middle + GAP // 2)
    seen = set.intersection(*({mask.track for mask in truth[f].masks} for f in gap))
    return dict.fromkeys(sorted(seen)[:most], gap)


def without(truth: Sequence[FrameMasks], lost: dict[int, range]) -> tuple[FrameMasks, ...]:
    """Return rows that lack what was lost."""
    return tuple(
        FrameMasks(
            row.frame,
            tuple(m for m in row.masks if row.frame not in lost.get(m.track, range(0))),
        )
        for row in truth
    )
