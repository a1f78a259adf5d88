"""Following new evidence back: how far, until when, and who was there before."""

from collections.abc import Iterator, Sequence

import pytest

from engine import rle
from engine.fakes.frames import FakeFrameSource
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.fakes.segmenter import ColourSegmenter
from engine.geometry import center
from engine.repair import Path, backwards, follow_back, overlay_path, reading
from engine.types import Clip, FrameBatch, FrameMasks, Prompt, TrackMask

RED, BLUE = (200, 20, 20), (20, 20, 200)
SCENE = Scene(
    [Disc(RED, "cue", rolls(20, 45, dx=1)), Disc(BLUE, "solid", rests(120, 60, start=9))], 40
)


def back(
    track: int,
    box: tuple[float, float, float, float],
    known: Sequence[FrameMasks] = (),
    *,
    stop: int = 0,
) -> Path:
    rows = {30: FrameMasks(30), **{row.frame: row for row in known}}
    paths = follow_back(
        SCENE.clip,
        SCENE.paint(SCENE.clip, 30),
        [Prompt(30, track, box=box)],
        known=rows,
        stop=stop,
        source=FakeFrameSource(SCENE.paint),
        segmenter=ColourSegmenter(),
    )
    return paths[track]


ROLLER, RESTING = (45.0, 40.0, 55.0, 50.0), (115.0, 55.0, 125.0, 65.0)


def renamed(row: FrameMasks, *, old: int, new: int) -> FrameMasks:
    return FrameMasks(row.frame, tuple(TrackMask(new, m.rle) for m in row.masks if m.track == old))


def test_a_path_holds_every_frame_back_to_the_limit() -> None:
    path = back(7, ROLLER, stop=12)
    assert sorted(path.masks) == list(range(12, 30))
    assert path.masks[20].rle == SCENE.truth(20).masks[0].rle


def test_a_path_ends_where_the_ball_came_into_sight() -> None:
    path = back(7, RESTING)
    assert sorted(path.masks) == list(range(9, 30))
    assert path.ended


def test_a_path_ends_where_it_agrees_with_what_is_known() -> None:
    rows = [renamed(SCENE.truth(i), old=1, new=7) for i in range(31)]
    path = back(7, ROLLER, rows)
    assert sorted(path.masks) == [27, 28, 29]


def test_a_path_ends_where_it_meets_another_track() -> None:
    rows = [renamed(SCENE.truth(i), old=1, new=3) for i in range(20)]
    path = back(7, ROLLER, rows)
    assert sorted(path.masks) == list(range(20, 30))
    assert path.met == {3}
    assert path.owner is None


def test_a_track_that_jumped_off_the_ball_owns_its_past() -> None:
    before = [renamed(SCENE.truth(i), old=1, new=3) for i in range(20)]
    jumped = [renamed(SCENE.truth(i), old=2, new=3) for i in range(20, 31)]
    path = back(7, ROLLER, [*before, *jumped])
    assert path.met == {3}
    assert path.owner == 3


def test_a_path_that_jumped_itself_owns_nothing() -> None:
    """The prompt's place is far from where the motion of the known track leads."""
    rows = [renamed(SCENE.truth(i), old=1, new=3) for i in range(31)]
    path = back(7, ROLLER, rows)
    assert path.owner is None


def test_no_frame_before_the_first_is_asked_for() -> None:
    assert back(7, ROLLER, stop=30).masks == {}


@pytest.mark.parametrize("run", [1, 7, 16, 100])
def test_pictures_come_backwards_once_each(run: int) -> None:
    source = FakeFrameSource(SCENE.paint)
    seen = list(backwards(SCENE.clip, source=source, start=5, stop=33, run=run))
    assert [frame for frame, _ in seen] == list(range(32, 4, -1))
    assert all((rgb == SCENE.paint(SCENE.clip, frame)).all() for frame, rgb in seen[::9])


def test_the_decoder_is_closed_when_the_repair_stops_early() -> None:
    closed: list[bool] = []

    def batches(clip: Clip) -> Iterator[FrameBatch]:
        try:
            yield from FakeFrameSource(SCENE.paint).batches(clip)
        finally:
            closed.append(True)

    with reading(batches(SCENE.clip)) as opened:
        next(opened)
    assert closed == [True]


def test_a_path_replaces_only_its_own_track() -> None:
    rows = {row.frame: row for row in (SCENE.truth(10), SCENE.truth(11))}
    path = Path(center(ROLLER), {10: TrackMask(9, rle.empty((90, 160)))})
    overlay_path(rows, 2, path)
    assert rows[10].by_track()[2].rle == rle.empty((90, 160))
    assert rows[10].by_track()[1] == SCENE.truth(10).by_track()[1]
    assert rows[11] == SCENE.truth(11)
