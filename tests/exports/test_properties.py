"""Whatever a clip holds: every format writes it, proves it, and reads it again as it was, or says why it cannot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine import rle
from engine.datasets import read_dataset
from engine.errors import ExportError
from engine.ports import ExportItem
from engine.types import Clip, FrameBatch, FrameMasks, Kind, Revision, Track, TrackMask
from exports.registry import FORMATS, LAYOUTS, exporter
from exports.verify import verify

Silent = Callable[[str, int, int], None]
Shown: TypeAlias = Mapping[int, NDArray[np.bool_]]  # bool (H, W) of each track that is visible
PAIRS = [(name, layout) for name in sorted(FORMATS) for layout in LAYOUTS[name]]
ONE_OWNER = {"davis", "mose", "mots"}  # one number for each pixel
NEVER_READ = {"yolo-seg"}
SCORES = (0.5, 0.9, 0.7)  # of track 1, 2, 3, 4, ... in turn


@dataclass(frozen=True)
class Ball:
    """A disc that moves: ``radius`` 0 is one pixel. It is there from ``first`` on but for ``gone``, half-open."""

    x: int
    y: int
    radius: int
    speed: tuple[int, int]
    first: int
    gone: tuple[int, int]

    def on(self, frame: int, size: tuple[int, int]) -> NDArray[np.bool_]:
        """Return its mask, empty where it is not there or out of the picture."""
        rows, columns = np.mgrid[: size[0], : size[1]]
        x, y = self.x + frame * self.speed[0], self.y + frame * self.speed[1]
        here = frame >= self.first and not self.gone[0] <= frame < self.gone[1]
        return here & ((columns - x) ** 2 + (rows - y) ** 2 <= self.radius**2)


@dataclass(frozen=True)
class Play:
    """A random clip."""

    size: tuple[int, int]
    frames: int
    rate: Fraction
    step: int
    balls: tuple[Ball, ...]

    def shown(self, frame: int) -> dict[int, NDArray[np.bool_]]:
        masks = {n: ball.on(frame, self.size) for n, ball in enumerate(self.balls, 1)}
        return {n: mask for n, mask in masks.items() if mask.any()}

    def row(self, frame: int) -> FrameMasks:
        shown = self.shown(frame).items()
        return FrameMasks(
            frame, tuple(TrackMask(n, rle.encode(mask), SCORES[n % 3]) for n, mask in shown)
        )

    def item(self, name: str = "game-1", split: str = "train") -> ExportItem:
        high, wide = self.size
        clip = Clip(name, split, "none.mp4", 0, self.frames, wide, high, self.rate, split)
        tracks = tuple(
            Track(n, ("cue", "solid", "stripe")[n % 3]) for n in range(1, len(self.balls) + 1)
        )
        revision = Revision(name, None, Kind.MANUAL, "ana", tracks, {}, 7)
        picture = np.full((1, high, wide, 3), 90, np.uint8)
        return ExportItem(
            clip,
            revision,
            lambda: (self.row(k) for k in range(self.frames)),
            lambda: (FrameBatch(k, picture) for k in range(self.frames)),
            step=self.step,
        )


BALLS = st.builds(
    Ball,
    st.integers(-2, 26),
    st.integers(-2, 20),
    st.integers(0, 5),
    st.tuples(st.integers(-2, 2), st.integers(-2, 2)),
    st.integers(0, 6),
    st.tuples(st.integers(0, 9), st.integers(0, 9)),
)
STILL = Ball(5, 5, 3, (0, 0), 0, (0, 0))
PLAYS = st.builds(
    lambda size, frames, rate, step, balls: Play(size, frames, rate, step, (STILL, *balls)),
    st.sampled_from([(12, 16), (10, 24), (18, 12), (19, 24), (16, 13), (11, 25)]),  # height, width
    st.integers(8, 12),
    st.sampled_from([Fraction(30), Fraction(30000, 1001), Fraction(25), Fraction(24000, 1001)]),
    st.sampled_from([1, 1, 1, 2, 5]),
    st.lists(BALLS, max_size=5),
)


def owned(shown: Shown) -> dict[int, NDArray[np.bool_]]:
    """Give every pixel to the higher score, then to the lower track; leave out who has none."""
    order = sorted(shown, key=lambda n: (-SCORES[n % 3], n))
    taken, kept = np.zeros(next(iter(shown.values())).shape, np.bool_), {}
    for number in order:
        kept[number] = shown[number] & ~taken
        taken |= shown[number]
    return {number: mask for number, mask in kept.items() if mask.any()}


def expected(play: Play, name: str, *, sparse: bool) -> dict[int, Shown]:
    """Return what a dataset holds of a clip, by annotated frame, worked out pixel by pixel."""
    frames = range(0, play.frames, play.step)
    rows = {k if sparse else k // play.step: play.shown(k) for k in frames}
    if name in ONE_OWNER:
        rows = {k: owned(shown) if shown else {} for k, shown in rows.items()}
    if name == "sav-val":  # objects that are on no frame that is scored are left out
        scored = {n for shown in list(rows.values())[1:-1] for n in shown}
        rows = {k: {n: m for n, m in shown.items() if n in scored} for k, shown in rows.items()}
    return rows


def read(folder: Path, clip: str) -> tuple[dict[int, Shown], Fraction]:
    """Return what our reader finds of a clip, by frame; and its rate."""
    found = next(one for one in read_dataset(folder) if one.clip.id == clip)
    rows = {row.frame: row for row in found.frames()}
    assert tuple(rows) == found.labelled
    return {
        k: {mask.track: rle.decode(mask.rle) for mask in row.masks} for k, row in rows.items()
    }, found.clip.rate


def same(one: Mapping[int, Shown], other: Mapping[int, Shown]) -> bool:
    """Say whether the same tracks have the same pixels on the same frames."""
    return one.keys() == other.keys() and all(
        one[k].keys() == other[k].keys()
        and all(np.array_equal(one[k][n], other[k][n]) for n in one[k])
        for k in one
    )


def must_refuse(play: Play, name: str) -> bool:
    """Say whether a format may leave a clip out that has a ball on every frame."""
    annotated = -(-play.frames // play.step)
    odd = play.size[0] % 2 or play.size[1] % 2
    fewest = {"sav": 8, "mose": 8, "davis": 3, "sav-val": 3}.get(name, 1)
    return bool(annotated < fewest or (name == "sav" and odd))


def check(play: Play, name: str, layout: str, folder: Path, silent: Silent) -> None:
    """Write a clip, verify it, read it again; or see it refused for a reason."""
    made = exporter(name, layout=layout, min_area=1)
    write = partial(made, [play.item()], folder, progress=silent)
    if must_refuse(play, name):
        with pytest.raises(ExportError, match=r"game-1: .*: left out"):
            write()
        assert not folder.exists()
        return
    write()
    assert verify(folder).failures == ()
    if name in NEVER_READ:
        return
    rows, rate = read(folder, "game-1")
    sparse = made.format.sparse
    assert same(rows, expected(play, name, sparse=sparse))
    assert rate == (play.rate if sparse else play.rate / play.step)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "layout"), PAIRS)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(play=PLAYS)
def test_any_clip_is_read_again_as_it_was_or_refused_for_a_reason(
    name: str,
    layout: str,
    play: Play,
    tmp_path_factory: pytest.TempPathFactory,
    silent: Silent,
) -> None:
    check(play, name, layout, tmp_path_factory.mktemp("random") / "out", silent)


MANY = Play(
    (64, 64),
    9,
    Fraction(30000, 1001),
    1,
    tuple(Ball(3 * (n % 21), 3 * (n // 21), 1, (0, 0), n % 2, (4, 4 + n % 3)) for n in range(254)),
)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_254_balls_late_gone_and_returning(name: str, tmp_path: Path, silent: Silent) -> None:
    check(MANY, name, "", tmp_path / "out", silent)


@pytest.mark.parametrize("name", sorted(ONE_OWNER - {"mots"}))
def test_one_ball_more_than_a_palette_holds_is_refused(
    name: str, tmp_path: Path, silent: Silent
) -> None:
    balls = (*MANY.balls, Ball(63, 63, 0, (0, 0), 0, (0, 0)))
    more = Play(MANY.size, 9, Fraction(30), 1, balls)
    with pytest.raises(ExportError, match="255 balls, a palette holds 254"):
        exporter(name, min_area=1)([more.item()], tmp_path / "out", progress=silent)


@pytest.mark.parametrize("size", [(64, 95), (63, 96), (63, 95)])
def test_odd_sizes_are_named_where_a_video_cannot_hold_them_and_the_others_are_written(
    size: tuple[int, int], item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    odd = Play(size, 9, Fraction(30), 1, (STILL,)).item("odd")
    report = exporter("sav", min_area=1)([odd, item], tmp_path / "out", progress=silent)
    assert report.clips == 1
    shown = f"odd: pictures of {size[1]}x{size[0]}, an mp4 in H.264 holds even sizes only: left out"
    assert shown in report.notes
    assert verify(tmp_path / "out").failures == ()


@pytest.mark.parametrize(("name", "layout"), PAIRS)
def test_clips_of_both_splits_are_read_each_from_its_own(
    name: str, layout: str, tmp_path: Path, silent: Silent
) -> None:
    play = Play((16, 24), 9, Fraction(30), 1, (STILL, Ball(12, 9, 2, (1, 0), 2, (4, 6))))
    items = [play.item("a", "train"), play.item("b", "val")]
    exporter(name, layout=layout, min_area=1)(items, tmp_path / "out", progress=silent)
    assert verify(tmp_path / "out").failures == ()
    if name not in NEVER_READ:
        for clip in ("a", "b"):
            assert same(read(tmp_path / "out", clip)[0], expected(play, name, sparse=False))
