"""Every stretch of an export that a trainer could draw loads, with our own reader: pictures and masks of the same frames."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine import rle
from engine.datasets import read_dataset
from engine.ports import ExportItem
from engine.training.segmenter_films import Film, read_film
from engine.types import RLE
from exports.overlap import separate
from exports.registry import exporter
from exports.training import WINDOW

MakeItem = Callable[..., ExportItem]
Silent = Callable[[str, int, int], None]
EXPORTS = {
    "sav": ("sav", {}, 1),
    "sav, every third frame": ("sav", {}, 3),
    "sav-val": ("sav-val", {}, 1),
    "sav-val, every third frame": ("sav-val", {}, 3),
    "davis": ("davis", {}, 1),
    "davis, unsupervised": ("davis", {"layout": "unsupervised"}, 1),
    "mose": ("mose", {}, 1),
    "frames": ("frames", {}, 1),
    "frames, every second": ("frames", {}, 2),
}
SINGLE = ("davis", "mose")  # one number for each pixel


def expected(item: ExportItem, name: str) -> list[dict[int, RLE]]:
    """Return the masks of the annotated frames, by track; the speck is in no export."""
    rows = [row for row in item.frames() if row.frame % item.step == 0]
    kept = [replace(row, masks=tuple(m for m in row.masks if m.track != 4)) for row in rows]
    shown = [separate(row, {}) for row in kept] if name in SINGLE else kept
    return [{mask.track: mask.rle for mask in row.masks} for row in shown]


def shades(item: ExportItem) -> list[float]:
    """Return the mean brightness of each annotated frame, which tells them apart."""
    every = np.concatenate([batch.rgb for batch in item.pictures()])
    return [float(picture.mean()) for picture in every[:: item.step]]


def matches(film: Film, rows: list[dict[int, RLE]], bright: list[float]) -> bool:
    seen = [{track: ball.mask for track, ball in balls.items()} for balls in film.balls]
    close = np.allclose([picture.mean() for picture in film.pictures], bright, atol=2)
    return seen == rows and bool(close)


@pytest.mark.parametrize("which", EXPORTS)
def test_every_window_loads_with_the_masks_of_its_pictures(
    which: str, make_item: MakeItem, tmp_path: Path, silent: Silent
) -> None:
    name, options, step = EXPORTS[which]
    item = replace(make_item(frames=24, rate=Fraction(30)), step=step)
    folder = exporter(name, **options)([item], tmp_path / "data", progress=silent).out
    (clip,) = read_dataset(folder)
    rows, bright = expected(item, name), shades(item)
    assert len(clip.labelled) == len(rows)
    for start in range(len(rows) - WINDOW + 1):
        film = read_film(clip, start=start, length=WINDOW)
        span = slice(start, start + WINDOW)
        assert matches(film, rows[span], bright[span])
        assert len(film.numbers) == WINDOW
        assert not matches(film, rows[span], [shade + 10 * step for shade in bright[span]])


@pytest.mark.parametrize("name", ["sav", "davis", "mose", "frames"])
def test_a_window_lies_no_further_apart_than_the_annotation(
    name: str, make_item: MakeItem, tmp_path: Path, silent: Silent
) -> None:
    item = replace(make_item(frames=24), step=3)
    (clip,) = read_dataset(exporter(name)([item], tmp_path / "data", progress=silent).out)
    film = read_film(clip, start=0, length=WINDOW)
    seconds = [float(number / clip.clip.rate) for number in film.numbers]
    assert np.allclose(np.diff(seconds), 0.1)
    assert all(rle.area(ball.mask) == ball.area for row in film.balls for ball in row.values())
