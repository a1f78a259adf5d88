"""What every RevisionStore promises: append-only, whole or not at all, every frame once and in order."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.connect import Database
from engine.errors import InputError, SelectionError, StaleParent
from engine.fakes.queue import MemoryDatabase
from engine.fakes.store import ManualClock
from engine.types import RLE, FrameMasks, Kind, Revision, Track, TrackMask

Stores: TypeAlias = Database | MemoryDatabase


def drawn(frame: int, *tracks: int, by: bytes = b"runs") -> FrameMasks:
    """Return a frame with one mask per track; stores never look into the run lengths."""
    return FrameMasks(frame, tuple(TrackMask(t, RLE((48, 64), by), 0.5, 0.25) for t in tracks))


def revision(parent: int | None = None, *, clip: str = "table-0", author: str = "ada") -> Revision:
    return Revision(
        clip, parent, Kind.AUTO, author, (Track(1, "cue"), Track(2, "solid")), {"model": "nano"}
    )


def numbers(frames: Iterable[FrameMasks]) -> list[int]:
    return [frame.frame for frame in frames]


def test_the_first_revision_comes_back_with_an_id_and_the_time(
    stocked: Stores, clock: ManualClock
) -> None:
    stored = stocked.revisions.append(revision(), [drawn(0, 1)])
    assert stored.id > 0
    assert stored.created == clock.now
    assert stored.created is not None
    assert stored.created.utcoffset() == timedelta(0)


def test_everything_about_a_revision_is_kept(stocked: Stores) -> None:
    stored = stocked.revisions.append(revision(), [drawn(0, 1)])
    assert stocked.revisions.revision(stored.id) == stored
    assert stored.tracks == (Track(1, "cue"), Track(2, "solid"))
    assert stored.provenance == {"model": "nano"}


def test_a_clip_without_revisions_has_no_head_and_no_history(stocked: Stores) -> None:
    assert stocked.revisions.head("table-0") is None
    assert stocked.revisions.history("table-0") == ()


def test_the_head_is_the_newest_and_the_history_is_oldest_first(stocked: Stores) -> None:
    first = stocked.revisions.append(revision(), [])
    second = stocked.revisions.append(revision(first.id, author="bo"), [])
    assert stocked.revisions.head("table-0") == second
    assert stocked.revisions.history("table-0") == (first, second)


def test_clips_have_lines_of_their_own(stocked: Stores) -> None:
    here = stocked.revisions.append(revision(), [drawn(0, 1)])
    there = stocked.revisions.append(revision(clip="table-1"), [drawn(0, 2)])
    assert stocked.revisions.head("table-0") == here
    assert stocked.revisions.head("table-1") == there
    assert next(stocked.revisions.frames(there.id)) == drawn(0, 2)


def test_every_frame_of_the_clip_comes_once_and_in_order(stocked: Stores) -> None:
    stored = stocked.revisions.append(revision(), [drawn(5, 1), drawn(70, 1, 2)])
    frames = list(stocked.revisions.frames(stored.id))
    assert numbers(frames) == list(range(80))
    assert frames[5] == drawn(5, 1)
    assert frames[70] == drawn(70, 1, 2)
    assert frames[6] == FrameMasks(6)


def test_a_range_of_frames_can_be_read_alone(stocked: Stores) -> None:
    stored = stocked.revisions.append(revision(), [drawn(k, 1) for k in range(80)])
    assert numbers(stocked.revisions.frames(stored.id, start=30, stop=35)) == [30, 31, 32, 33, 34]
    assert numbers(stocked.revisions.frames(stored.id, start=79)) == [79]
    assert numbers(stocked.revisions.frames(stored.id, start=7, stop=7)) == []


@pytest.mark.parametrize(("start", "stop"), [(-1, 4), (0, 81), (9, 3)])
def test_a_range_outside_the_clip_is_refused(stocked: Stores, start: int, stop: int) -> None:
    stored = stocked.revisions.append(revision(), [])
    with pytest.raises(InputError, match="80"):
        stocked.revisions.frames(stored.id, start=start, stop=stop)


def test_a_child_reads_through_to_its_parents_where_it_changed_nothing(stocked: Stores) -> None:
    first = stocked.revisions.append(revision(), [drawn(k, 1) for k in range(80)])
    second = stocked.revisions.append(revision(first.id), [drawn(40, 1, by=b"edit")])
    third = stocked.revisions.append(revision(second.id), [drawn(41, 2)])
    frames = list(stocked.revisions.frames(third.id))
    assert frames[39] == drawn(39, 1)
    assert frames[40] == drawn(40, 1, by=b"edit")
    assert frames[41] == drawn(41, 2)


def test_a_frame_given_without_masks_hides_what_the_parent_saw(stocked: Stores) -> None:
    first = stocked.revisions.append(revision(), [drawn(k, 1) for k in range(80)])
    child = stocked.revisions.append(revision(first.id), [FrameMasks(40)])
    assert next(stocked.revisions.frames(child.id, start=40)) == FrameMasks(40)


def test_a_parent_reads_the_same_after_its_children_came(stocked: Stores) -> None:
    first = stocked.revisions.append(revision(), [drawn(k, 1) for k in range(80)])
    before = list(stocked.revisions.frames(first.id))
    stocked.revisions.append(revision(first.id), [drawn(k, 2) for k in range(80)])
    assert list(stocked.revisions.frames(first.id)) == before


def test_a_reader_in_the_middle_is_not_disturbed_by_a_new_revision(stocked: Stores) -> None:
    first = stocked.revisions.append(revision(), [drawn(k, 1) for k in range(80)])
    reader = stocked.revisions.frames(first.id)
    head = [next(reader) for _ in range(3)]
    stocked.revisions.append(revision(first.id), [drawn(k, 2) for k in range(80)])
    assert head + list(reader) == [drawn(k, 1) for k in range(80)]


def test_a_revision_can_be_made_of_the_frames_of_its_parent(stocked: Stores) -> None:
    first = stocked.revisions.append(revision(), [drawn(k, 1) for k in range(80)])
    child = stocked.revisions.append(revision(first.id), stocked.revisions.frames(first.id))
    assert list(stocked.revisions.frames(child.id)) == list(stocked.revisions.frames(first.id))


def test_a_stale_parent_is_refused_and_nothing_is_stored(stocked: Stores) -> None:
    first = stocked.revisions.append(revision(), [drawn(0, 1)])
    second = stocked.revisions.append(revision(first.id), [])
    for parent in (None, first.id, 999):
        with pytest.raises(StaleParent, match="newest"):
            stocked.revisions.append(revision(parent), [drawn(0, 2)])
    assert stocked.revisions.history("table-0") == (first, second)
    assert next(stocked.revisions.frames(second.id)) == drawn(0, 1)


def test_the_parent_of_a_first_revision_must_be_none(stocked: Stores) -> None:
    with pytest.raises(StaleParent):
        stocked.revisions.append(revision(1), [])


def test_frames_that_break_off_leave_nothing_behind(stocked: Stores) -> None:
    def torn() -> Iterator[FrameMasks]:
        yield from (drawn(k, 1) for k in range(50))
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        stocked.revisions.append(revision(), torn())
    assert stocked.revisions.head("table-0") is None


def test_an_unknown_clip_is_refused_with_the_nearest_name(stocked: Stores) -> None:
    with pytest.raises(SelectionError, match="table-0"):
        stocked.revisions.append(revision(clip="tabel-0"), [])


def test_an_unknown_revision_is_refused_before_the_first_frame(stocked: Stores) -> None:
    with pytest.raises(SelectionError, match="77"):
        stocked.revisions.revision(77)
    with pytest.raises(SelectionError, match="77"):
        stocked.revisions.frames(77)


@pytest.mark.parametrize(
    "frames",
    [
        [drawn(80, 1)],
        [drawn(-1, 1)],
        [drawn(3, 1), drawn(3, 1)],
        [drawn(4, 1), drawn(3, 1)],
        [FrameMasks(0, (TrackMask(1, RLE((64, 48), b"")),))],
    ],
    ids=["past the end", "negative", "twice", "out of order", "of another size"],
)
def test_frames_that_do_not_fit_the_clip_are_refused(
    stocked: Stores, frames: list[FrameMasks]
) -> None:
    with pytest.raises(InputError, match="table-0"):
        stocked.revisions.append(revision(), frames)
    assert stocked.revisions.head("table-0") is None


def test_scores_keep_the_precision_of_float32(stocked: Stores) -> None:
    mask = TrackMask(1, RLE((48, 64), b"r"), 0.1, 0.7)
    stored = stocked.revisions.append(revision(), [FrameMasks(0, (mask,))])
    kept = next(stocked.revisions.frames(stored.id)).masks[0]
    assert kept.score == np.float32(0.1)
    assert kept.stability == np.float32(0.7)


layers = st.lists(
    st.dictionaries(st.integers(0, 79), st.sets(st.integers(1, 4), max_size=3), max_size=30),
    min_size=1,
    max_size=4,
)


@given(layers)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_line_of_changes_reads_as_if_each_had_overwritten_the_last(
    stocked: Stores, changes: list[dict[int, set[int]]]
) -> None:
    head = stocked.revisions.head("table-2")
    parent = None if head is None else head.id
    wanted = {} if parent is None else {f.frame: f for f in stocked.revisions.frames(parent)}
    for change in changes:
        frames = [drawn(frame, *tracks) for frame, tracks in sorted(change.items())]
        parent = stocked.revisions.append(revision(parent, clip="table-2"), frames).id
        wanted |= {frame.frame: frame for frame in frames}
    assert parent is not None
    expected = [wanted.get(k, FrameMasks(k)) for k in range(80)]
    assert list(stocked.revisions.frames(parent)) == expected
