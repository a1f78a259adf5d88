"""Any clip that a format with PNGs takes comes back as it was: written, verified, read by our own reader."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import rle
from engine.datasets import read_dataset
from engine.errors import ExportError
from engine.ports import ExportItem, ExportReport
from engine.types import RLE, Clip, FrameBatch, FrameMasks, Kind, Revision, Track, TrackMask
from exports.overlap import separate
from exports.registry import exporter
from exports.verify import verify

RATES = (Fraction(30), Fraction(30000, 1001), Fraction(25), Fraction(60))


@dataclass(frozen=True)
class Random:
    """A clip's size, rate and step, and the masks of every frame."""

    size: tuple[int, int]
    rate: Fraction
    step: int
    rows: tuple[tuple[TrackMask, ...], ...]

    def item(self) -> ExportItem:
        high, wide = self.size
        frames = len(self.rows)
        clip = Clip("random", "f00d", "none.mp4", 0, frames, wide, high, self.rate)
        tracks = tuple(Track(n, ("cue", "solid")[n % 2]) for n in range(1, 8))
        revision = Revision("random", None, Kind.MANUAL, "somebody", tracks, {}, 7)
        return ExportItem(clip, revision, self.masks, self.pictures, step=self.step)

    def masks(self) -> Iterator[FrameMasks]:
        return (FrameMasks(k, row) for k, row in enumerate(self.rows))

    def pictures(self) -> Iterator[FrameBatch]:
        yield FrameBatch(0, np.full((len(self.rows), *self.size, 3), 90, np.uint8))


@st.composite
def clips(draw: st.DrawFn) -> Random:
    size = draw(st.tuples(st.integers(2, 33), st.integers(2, 33)))  # odd sizes too
    frames, balls = draw(st.integers(3, 13)), draw(st.integers(0, 5))
    tracks = draw(st.lists(st.integers(1, 7), min_size=balls, max_size=balls, unique=True))
    rows = tuple(
        tuple(
            TrackMask(track, draw(boxes(size)), draw(st.sampled_from([0.5, 0.9])))
            for track in sorted(tracks)
            if draw(st.booleans())  # late, gone, returning, never there
        )
        for _ in range(frames)
    )
    return Random(size, draw(st.sampled_from(RATES)), draw(st.integers(1, 4)), rows)


@st.composite
def boxes(draw: st.DrawFn, size: tuple[int, int]) -> RLE:
    """Anything from one pixel to the whole picture, touching and overlapping as it comes."""
    mask = np.zeros(size, bool)
    y, x = draw(st.integers(0, size[0] - 1)), draw(st.integers(0, size[1] - 1))
    mask[y : y + draw(st.integers(1, 9)), x : x + draw(st.integers(1, 9))] = True
    return rle.encode(mask)


def silent(_clip: str, _done: int, _total: int) -> None:
    """Take progress and show nothing."""


def kept(random: Random, name: str) -> list[dict[int, RLE]]:
    """Return what is expected of each annotated frame, by track."""
    rows = [FrameMasks(k, row) for k, row in enumerate(random.rows)][:: random.step]
    if name == "mose":
        rows = [separate(row, {}) for row in rows]
    scored = {mask.track for row in rows[1:-1] for mask in row.masks}
    return [
        {mask.track: mask.rle for mask in row.masks if name != "sav-val" or mask.track in scored}
        for row in rows
    ]


def export(name: str, random: Random, out: Path) -> tuple[ExportReport | None, str]:
    """Return what was written, or why the clip was refused."""
    try:
        return exporter(name, min_area=1)([random.item()], out, progress=silent), ""
    except ExportError as error:
        return None, str(error)


@pytest.mark.parametrize("name", ["frames", "sav-val", "mose"])
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(random=clips())
def test_a_random_clip_comes_back_as_it_was_or_is_refused_with_a_reason(
    name: str, random: Random
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        report, refusal = export(name, random, Path(folder) / "out")
        if report is None:
            assert refusal.startswith("random: ")
            assert refusal.endswith(": left out")
            return
        assert not verify(report.out).failures
        (clip,) = read_dataset(report.out)
        found = [{mask.track: mask.rle for mask in row.masks} for row in clip.frames()]
        assert found == kept(random, name)
        step = random.step if name == "sav-val" else 1
        assert clip.labelled == tuple(range(0, clip.clip.frames, step))
        assert clip.clip.rate == random.rate / (1 if name == "sav-val" else random.step)
