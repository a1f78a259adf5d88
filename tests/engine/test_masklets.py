"""Rows and columns of the mask table are two readings of one thing."""

from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.masklets import complete, frames_of, masklets, overlay, replaced, without
from engine.types import FrameMasks, Track, TrackMask

TRACKS = (Track(1, "cue"), Track(2, "solid"), Track(3, "solid"))


def mask(track: int, score: float = 1.0) -> TrackMask:
    return TrackMask(track, rle.empty((2, 2)), score)


visible = st.sets(st.sampled_from([1, 2, 3]))
scores = st.floats(0, 1, width=32)


@st.composite
def tables(draw: st.DrawFn, frames: st.SearchStrategy[list[int]]) -> list[FrameMasks]:
    return [
        FrameMasks(frame, tuple(mask(track, draw(scores)) for track in draw(visible)))
        for frame in draw(frames)
    ]


every = st.integers(1, 8).map(lambda n: list(range(n)))
some = st.sets(st.integers(0, 11)).map(sorted)


@given(tables(every))
def test_rows_to_columns_and_back_changes_nothing(table: list[FrameMasks]) -> None:
    assert list(frames_of(masklets(table, TRACKS), start=0, stop=len(table))) == table


@given(tables(some), tables(some))
def test_a_child_frame_hides_its_parents_and_no_other(
    parent: list[FrameMasks], child: list[FrameMasks]
) -> None:
    expected = {row.frame: row for row in parent} | {row.frame: row for row in child}
    assert list(overlay(parent, child)) == [expected[frame] for frame in sorted(expected)]


@given(tables(some), tables(some), tables(some))
def test_overlays_may_be_grouped_either_way(
    a: list[FrameMasks], b: list[FrameMasks], c: list[FrameMasks]
) -> None:
    assert list(overlay(overlay(a, b), c)) == list(overlay(a, list(overlay(b, c))))


@given(tables(some), st.integers(0, 6), st.integers(0, 12))
def test_a_completed_table_has_every_frame_once(
    table: list[FrameMasks], start: int, stop: int
) -> None:
    rows = list(complete(table, start=start, stop=stop))
    assert [row.frame for row in rows] == list(range(start, stop))
    assert [row for row in rows if row.masks] == [
        row for row in table if row.masks and start <= row.frame < stop
    ]


def test_overlay_reads_no_further_than_it_must() -> None:
    def endless() -> object:
        frame = 0
        while True:
            yield FrameMasks(frame)
            frame += 1

    rows = overlay(endless(), [FrameMasks(1, (mask(2),))])
    assert [len(next(rows).masks) for _ in range(3)] == [0, 1, 0]


def test_a_track_that_is_never_visible_is_an_empty_masklet() -> None:
    columns = masklets([FrameMasks(0, (mask(1),))], TRACKS)
    assert [len(column.masks) for column in columns] == [1, 0, 0]


def test_masks_of_one_frame_are_removed_and_replaced_by_track() -> None:
    row = FrameMasks(4, (mask(1), mask(2)))
    assert without(row, [1, 9]) == FrameMasks(4, (mask(2),))
    assert replaced(row, [mask(2, 0.5), mask(3)]) == FrameMasks(4, (mask(1), mask(2, 0.5), mask(3)))
