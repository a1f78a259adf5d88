"""Edits of the table of masks without a model: what each changes, and how it is taken back."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.errors import InputError
from engine.propagate_edits import (
    Deed,
    Edit,
    changes,
    deleted,
    merged,
    split,
    swapped,
    tracks_after,
)
from engine.propagate_fill import filled, moved
from engine.propagate_reading import Rows, restored, stretches
from engine.types import RLE, FrameMasks, Track, TrackMask

SIZE = (12, 16)
FRAMES = 10


def square(x: int, y: int, side: int = 3) -> RLE:
    """Return a square with its top left corner at (x, y), as far as it lies in the picture."""
    pixels = np.zeros(SIZE, bool)
    pixels[max(0, y) : max(0, y + side), max(0, x) : max(0, x + side)] = True
    return rle.encode(pixels)


def seen(*tracks: int, x: int = 2, y: int = 2, score: float = 0.5) -> tuple[TrackMask, ...]:
    return tuple(TrackMask(track, square(x + track, y), score) for track in tracks)


def rows_of(table: Sequence[FrameMasks]) -> Rows:
    return lambda start, stop: iter(table[start:stop])


def applied(table: Sequence[FrameMasks], rows: Iterable[FrameMasks]) -> list[FrameMasks]:
    out = list(table)
    for row in rows:
        out[row.frame] = row
    return out


@st.composite
def masks(draw: st.DrawFn, track: int) -> TrackMask:
    x, y = draw(st.integers(0, 12)), draw(st.integers(0, 8))
    score = draw(st.sampled_from([0.25, 0.5, 1.0]))
    return TrackMask(track, square(x, y, draw(st.integers(1, 4))), score)


@st.composite
def tables(draw: st.DrawFn) -> list[FrameMasks]:
    """Draw ten frames with any of the tracks 1 to 3 on each."""
    visible = st.sets(st.sampled_from([1, 2, 3]))
    return [
        FrameMasks(frame, tuple(draw(masks(track)) for track in sorted(draw(visible))))
        for frame in range(FRAMES)
    ]


@st.composite
def ranges(draw: st.DrawFn) -> range:
    start = draw(st.integers(0, FRAMES - 1))
    return range(start, draw(st.integers(start + 1, FRAMES)))


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    """Draw an edit of track 1, fills left out: they need rims."""
    deed = draw(st.sampled_from([d for d in Deed if d is not Deed.FILL]))
    frames = draw(ranges())
    if deed is Deed.REPLACE:
        mask = draw(st.one_of(masks(1).map(lambda m: m.rle), st.just(rle.empty(SIZE))))
        return Edit(deed, 1, frames[:1], mask=mask)
    return Edit(deed, 1, frames, other=4 if deed is Deed.SPLIT else 2, label="solid")


@given(table=tables(), edit=edits())
def test_any_edit_is_taken_back_exactly_with_the_parents_rows(table, edit) -> None:
    rows = list(changes(edit, rows_of(table)))
    back = restored(rows_of(table), [row.frame for row in rows])
    assert applied(applied(table, rows), back) == table


@given(table=tables(), edit=edits())
def test_an_edit_yields_the_frames_that_differ_in_order_and_inside_its_range(table, edit) -> None:
    rows = list(changes(edit, rows_of(table)))
    assert [row.frame for row in rows] == sorted({row.frame for row in rows})
    assert all(row.frame in edit.frames and row != table[row.frame] for row in rows)


@given(table=tables(), edit=edits())
def test_an_edit_leaves_every_other_track_as_it_was(table, edit) -> None:
    meant = {edit.track, edit.other}
    for row in changes(edit, rows_of(table)):
        old = [mask for mask in table[row.frame].masks if mask.track not in meant]
        assert [mask for mask in row.masks if mask.track not in meant] == old


@given(table=tables(), edit=edits())
def test_every_edit_but_a_swap_changes_nothing_when_it_is_done_twice(table, edit) -> None:
    once = applied(table, changes(edit, rows_of(table)))
    again = applied(once, changes(edit, rows_of(once)))
    assert again == (table if edit.deed is Deed.SWAP else once)


@given(table=tables(), frames=ranges())
def test_merging_what_was_split_gives_back_what_was(table, frames) -> None:
    apart = applied(table, split(table[frames.start : frames.stop], 1, 4))
    assert applied(apart, merged(apart, 1, 4)) == table


@given(table=tables())
def test_splitting_moves_every_mask_and_drops_none(table) -> None:
    apart = applied(table, split(table, 1, 4))
    assert [[m.rle for m in row.masks if m.track == 4] for row in apart] == [
        [m.rle for m in row.masks if m.track == 1] for row in table
    ]


def test_a_swap_gives_each_track_the_others_masks_scores_and_all() -> None:
    row = FrameMasks(0, (TrackMask(1, square(0, 0), 0.5), TrackMask(2, square(8, 8), 0.75)))
    new = next(swapped([row], 1, 2)).by_track()
    assert new == {1: TrackMask(1, square(8, 8), 0.75), 2: TrackMask(2, square(0, 0), 0.5)}


def test_a_swap_with_a_ball_out_of_sight_renames_the_one_in_sight() -> None:
    assert list(swapped([FrameMasks(0, seen(1)), FrameMasks(1, seen(3))], 1, 2)) == [
        FrameMasks(0, (TrackMask(2, square(3, 2), 0.5),))
    ]


def test_merged_parts_of_one_ball_are_one_mask() -> None:
    parts = (TrackMask(1, square(0, 0), 0.5, 0.5), TrackMask(2, square(2, 0), 0.75, 0.25))
    both = rle.merge([square(0, 0), square(2, 0)])
    assert list(merged([FrameMasks(0, parts)], 1, 2)) == [
        FrameMasks(0, (TrackMask(1, both, 0.75, 0.25),))
    ]


def test_deleting_yields_only_frames_that_held_the_track() -> None:
    rows = [FrameMasks(0, seen(1, 2)), FrameMasks(1, seen(2)), FrameMasks(2, seen(1))]
    assert list(deleted(rows, 1)) == [FrameMasks(0, seen(2)), FrameMasks(2)]


def test_a_brush_sets_the_very_pixels_and_is_sure_of_them() -> None:
    table = [FrameMasks(0, seen(1, 2))]
    edit = Edit(Deed.REPLACE, 1, range(1), mask=square(9, 9))
    new = next(changes(edit, rows_of(table))).by_track()
    assert new == {1: TrackMask(1, square(9, 9), 1.0, 1.0), 2: seen(2)[0]}


def test_an_empty_brush_takes_the_ball_off_the_frame() -> None:
    edit = Edit(Deed.REPLACE, 1, range(1), mask=rle.empty(SIZE))
    assert list(changes(edit, rows_of([FrameMasks(0, seen(1))]))) == [FrameMasks(0)]


def test_a_gap_is_crossed_on_a_straight_line_in_the_shape_of_the_nearer_rim() -> None:
    table = [FrameMasks(frame) for frame in range(6)]
    table[0] = FrameMasks(0, (TrackMask(1, square(0, 2, 3)),))
    table[5] = FrameMasks(5, (TrackMask(1, square(10, 7, 4)),))
    rows = list(changes(Edit(Deed.FILL, 1, range(1, 5)), rows_of(table)))
    assert [row.frame for row in rows] == [1, 2, 3, 4]
    assert [row.masks[0].rle for row in rows] == [
        square(2, 3, 3),
        square(4, 4, 3),
        square(6, 5, 4),
        square(8, 6, 4),
    ]


def test_what_was_seen_in_a_gap_stays() -> None:
    table = [FrameMasks(f, seen(1, x=f)) for f in range(5)]
    table[1] = table[3] = FrameMasks(1)
    table[3] = FrameMasks(3)
    assert [row.frame for row in filled(table, 1)] == [1, 3]


@given(table=tables(), frames=ranges())
def test_filling_twice_is_filling_once(table, frames) -> None:
    ends = [frames.start, frames[-1]]
    rims = [FrameMasks(f, (*table[f].by_track().values(), *seen(7, x=0))) for f in ends]
    table = applied(table, rims)[frames.start : frames.stop]
    once = {row.frame: row for row in [*table, *filled(table, 7)]}
    assert list(filled(list(once.values()), 7)) == []
    assert all(7 in row.by_track() for row in once.values())


@pytest.mark.parametrize("at", [0, 4])
def test_a_gap_without_a_rim_is_refused(at) -> None:
    table = [FrameMasks(f, seen(1) if f in (0, 4) and f != at else ()) for f in range(5)]
    with pytest.raises(InputError, match=f"track 1 is not visible on frame {at}"):
        list(changes(Edit(Deed.FILL, 1, range(1, 4)), rows_of(table)))


def test_a_gap_at_the_very_start_has_no_rim() -> None:
    with pytest.raises(InputError, match="not visible on frame 0"):
        list(changes(Edit(Deed.FILL, 1, range(2)), rows_of([FrameMasks(f) for f in range(3)])))


@given(
    x=st.integers(-4, 16), y=st.integers(-4, 12), dx=st.integers(-20, 20), dy=st.integers(-14, 14)
)
def test_a_moved_mask_is_the_mask_drawn_there_cut_at_the_pictures_edge(x, y, dx, dy) -> None:
    whole = np.pad(rle.decode(square(x, y)), 20)
    there = np.roll(whole, (dy, dx), (0, 1))[20:-20, 20:-20]
    assert moved(square(x, y), dx, dy) == rle.encode(there)


@given(numbers=st.sets(st.integers(0, 30)))
def test_runs_of_numbers_hold_each_once_and_do_not_touch(numbers) -> None:
    runs = list(stretches(sorted(numbers)))
    assert [n for run in runs for n in run] == sorted(numbers)
    assert all(a.stop < b.start for a, b in pairwise(runs))


TRACKS = (Track(1, "cue"), Track(2, "solid"))


def test_a_split_lists_its_new_track_with_the_old_class_or_its_own() -> None:
    assert tracks_after(Edit(Deed.SPLIT, 2, range(5, 9), other=3), TRACKS)[2] == Track(3, "solid")
    named = Edit(Deed.SPLIT, 2, range(5, 9), other=3, label="stripe")
    assert tracks_after(named, TRACKS)[2] == Track(3, "stripe")


def test_relabelling_changes_the_class_and_no_mask() -> None:
    edit = Edit(Deed.RELABEL, 2, range(1), label="stripe")
    assert tracks_after(edit, TRACKS) == (Track(1, "cue"), Track(2, "stripe"))
    assert list(changes(edit, rows_of([FrameMasks(0, seen(2))]))) == []


@pytest.mark.parametrize("deed", [Deed.DELETE, Deed.MERGE, Deed.SWAP])
def test_other_edits_leave_the_list_of_tracks(deed) -> None:
    assert tracks_after(Edit(deed, 1, range(3), other=2), TRACKS) == TRACKS


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (Edit(Deed.DELETE, 5, range(3)), r"no track 5; there are \[1, 2\]"),
        (Edit(Deed.SWAP, 1, range(3), other=5), "no track 5"),
        (Edit(Deed.SPLIT, 1, range(3), other=2), "track 2 is there already; take 3"),
    ],
)
def test_tracks_that_do_not_fit_are_refused(edit, said) -> None:
    with pytest.raises(InputError, match=said):
        tracks_after(edit, TRACKS)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"deed": Deed.SWAP}, "expected another track, got 0"),
        ({"deed": Deed.MERGE, "other": 1}, "expected another track, got 1"),
        ({"deed": Deed.RELABEL}, "name the class"),
        ({"deed": Deed.REPLACE}, "one mask and one frame"),
        ({"deed": Deed.REPLACE, "mask": square(1, 1)}, "one mask and one frame"),
        ({"deed": Deed.DELETE, "frames": range(3, 3)}, "no run of frames"),
        ({"deed": Deed.DELETE, "frames": range(0, 9, 3)}, "no run of frames"),
        ({"deed": Deed.DELETE, "frames": range(-2, 3)}, "no run of frames"),
    ],
)
def test_an_edit_that_does_not_say_what_it_needs_is_refused(wrong, said) -> None:
    with pytest.raises(InputError, match=said):
        Edit(**{"track": 1, "frames": range(3), **wrong})


def test_a_painted_mask_with_a_class_makes_a_new_track_and_leaves_the_class_of_a_known_one() -> (
    None
):
    painted = Edit(Deed.REPLACE, 5, range(2, 3), label="red", mask=square(3, 3))
    assert tracks_after(painted, [Track(1, "cue")]) == (Track(1, "cue"), Track(5, "red"))
    assert tracks_after(painted, [Track(5, "cue")]) == (Track(5, "cue"),)
    (row,) = changes(painted, rows_of([FrameMasks(frame) for frame in range(FRAMES)]))
    assert row == FrameMasks(2, (TrackMask(5, square(3, 3)),))
