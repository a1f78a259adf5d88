"""Any clip that a format with an index takes comes back as it was: written, verified, read by our own reader."""

import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine import rle
from engine.datasets import read_dataset
from engine.ports import ExportItem
from engine.types import Clip, FrameBatch, FrameMasks, Kind, Revision, Track, TrackMask
from exports.overlap import separate
from exports.registry import exporter
from exports.verify import verify

Rows = list[FrameMasks]
LAYOUTS = [("coco", "frame"), ("coco", "video"), ("youtube-vis", ""), ("mots", "")]
LABELS = ("cue", "solid", "eight", "marker")  # the last one is foreign
RATES = (Fraction(30), Fraction(30000, 1001), Fraction(25))


@st.composite
def clips(draw: st.DrawFn, name: str, video: str) -> ExportItem:
    """Odd sizes; balls late, gone, returning, touching, of one pixel, in parts, with holes."""
    high, wide = draw(st.integers(2, 33)), draw(st.integers(2, 33))
    frames, rate = draw(st.integers(1, 6)), draw(st.sampled_from(RATES))
    ids = draw(st.lists(st.integers(1, 40), max_size=4, unique=True))
    dice = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    rows = [
        FrameMasks(
            k, tuple(_mask(dice, track, (high, wide)) for track in ids if dice.random() < 0.6)
        )
        for k in range(frames)
    ]
    clip = Clip(name, video, "none.mp4", 0, frames, wide, high, rate, draw(_splits))
    tracks = tuple(Track(track, LABELS[track % 4]) for track in ids)
    revision = Revision(name, None, Kind.MANUAL, "somebody", tracks, {}, 7)
    stills = np.full((frames, high, wide, 3), 90, np.uint8)
    return ExportItem(clip, revision, lambda: iter(rows), lambda: iter([FrameBatch(0, stills)]))


_splits = st.sampled_from(["train", "val"])


def _mask(dice: np.random.Generator, track: int, size: tuple[int, int]) -> TrackMask:
    """Return noise in a box: never empty."""
    mask = np.zeros(size, bool)
    y, x = dice.integers(size[0]), dice.integers(size[1])
    box = mask[y : y + dice.integers(1, 12), x : x + dice.integers(1, 12)]
    box[...] = dice.random(box.shape) < dice.choice([0.5, 0.9, 1])
    mask[y, x] = True
    return TrackMask(track, rle.encode(mask), float(dice.choice([0.5, 0.9])))


def expected(
    item: ExportItem, change: Callable[[FrameMasks], FrameMasks]
) -> list[dict[int, object]]:
    return [{m.track: m.rle for m in change(row).masks} for row in item.frames()]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "layout"), LAYOUTS)
@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(one=clips("one", "f00d"), two=clips("two", "cafe"))
def test_random_clips_come_back_as_they_were(
    name: str, layout: str, one: ExportItem, two: ExportItem
) -> None:
    items = [item for item in (one, two) if any(row.masks for row in item.frames())]
    assume(items)
    rule = (lambda row: separate(row, {})) if name == "mots" else (lambda row: row)
    with tempfile.TemporaryDirectory() as folder:
        made = exporter(name, layout=layout, min_area=1)
        out = made(items, Path(folder) / "out", progress=lambda *_: None).out
        assert verify(out).failures == ()
        found = {clip.clip.id: clip for clip in read_dataset(out)}
        assert sorted(found) == sorted(item.clip.id for item in items)
        for item in items:
            read = found[item.clip.id]
            rows = [{mask.track: mask.rle for mask in row.masks} for row in read.frames()]
            assert rows == expected(item, rule)
            assert (read.clip.rate, read.clip.split) == (item.clip.rate, item.clip.split)
            seen = {track for row in rows for track in row}
            labels = {track.id: track.label for track in item.revision.tracks if track.id in seen}
            assert {track: read.labels[track] for track in seen} == labels
