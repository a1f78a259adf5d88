"""Whatever was there and whatever comes, afterwards the clip shows what came, and no more than that was stored."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.errors import InputError
from engine.fakes.queue import MemoryDatabase
from engine.ports import ClipStatus, LabelledClip
from engine.stages import Stage
from engine.types import Clip, FrameMasks, Kind, Revision, Track, TrackMask, Video
from engine.workflows.importing import import_dataset
from engine.workflows.importing_masks import LARGEST, beside, numbers_for, rows_of
from engine.workflows.importing_places import Place
from engine.workflows.importing_values import Incoming, Wishes

HIGH, WIDE, FRAMES = 4, 6, 5
CLIP = Clip("game-1", "a" * 64, "a.mp4", 0, FRAMES, WIDE, HIGH, Fraction(30))


def mask(track: int, bits: int) -> TrackMask:
    """Draw the picture whose pixels are the bits of a number."""
    pixels = [bool(bits >> k & 1) for k in range(HIGH * WIDE)]
    return TrackMask(track, rle.encode(np.array(pixels).reshape(HIGH, WIDE)))


def row(frame: int, said: dict[int, int]) -> FrameMasks:
    return FrameMasks(frame, tuple(mask(track, bits) for track, bits in said.items() if bits))


rows = st.lists(
    st.dictionaries(st.integers(1, 4), st.integers(0, 2 ** (HIGH * WIDE) - 1), max_size=4),
    min_size=FRAMES,
    max_size=FRAMES,
).map(lambda said: [row(frame, one) for frame, one in enumerate(said)])


def stores_with(old: Sequence[FrameMasks]) -> MemoryDatabase:
    made = MemoryDatabase()
    made.catalog.add_video(Video("a" * 64, "a.mp4", "a.mp4", WIDE, HIGH, Fraction(30), FRAMES), [CLIP])  # fmt: skip
    tracks = tuple(Track(t, "ball") for t in range(1, 5))
    made.revisions.append(Revision(CLIP.id, None, Kind.AUTO, "det", tracks), old)
    return made


def bring(stores: MemoryDatabase, new: Sequence[FrameMasks]):
    frames = tuple(one.frame for one in new)
    labelled = LabelledClip(CLIP, {}, frames, lambda: iter(()), lambda: iter(new))
    wishes = Wishes("maria", sparse=True)
    return import_dataset(
        stores.catalog, stores.revisions, [Incoming(labelled, CLIP.id)], wishes=wishes
    ).outcomes[0]


@given(old=rows, new=rows, kept=st.sets(st.integers(0, FRAMES - 1), min_size=1))
def test_annotated_frames_show_what_came_and_others_what_they_had(old, new, kept) -> None:
    stores = stores_with(old)
    one = bring(stores, [new[frame] for frame in sorted(kept)])
    expected = [new[frame] if frame in kept else old[frame] for frame in range(FRAMES)]
    assert list(stores.revisions.frames(one.revision)) == expected
    differing = [frame for frame in sorted(kept) if new[frame] != old[frame]]
    assert one.frames == len(differing)
    assert one.what == ("imported" if differing else "unchanged")
    if differing:
        assert sorted(stores.revisions._shelf.changed[one.revision]) == differing


@given(old=rows, new=rows)
def test_bringing_the_same_again_changes_nothing(old, new) -> None:
    stores = stores_with(old)
    first = bring(stores, new)
    again = bring(stores, new)
    assert (again.what, again.revision, again.frames) == ("unchanged", first.revision, 0)


@given(st.sets(st.integers(-5, 9) | st.sampled_from([LARGEST, LARGEST + 1]), min_size=1))
def test_every_track_keeps_a_number_of_its_own_and_valid_ones_theirs(tracks) -> None:
    numbers = numbers_for(dict.fromkeys(tracks, "ball"))
    assert numbers.keys() == tracks
    assert len(set(numbers.values())) == len(tracks)
    assert all(1 <= number <= LARGEST for number in numbers.values())
    assert all(numbers[track] == track for track in tracks if 1 <= track <= LARGEST)


def test_a_track_that_nobody_announced_needs_a_number_from_one() -> None:
    given = [FrameMasks(0, (mask(0, 5),))]
    labelled = LabelledClip(CLIP, {}, (0,), lambda: iter(()), lambda: iter(given))
    place = Place(ClipStatus(CLIP, Stage.INGESTED))
    with pytest.raises(InputError, match="frame 0: track 0; tracks are numbered from 1"):
        list(rows_of(labelled, place, {}))


def test_masks_without_a_pixel_are_not_visible() -> None:
    given = [FrameMasks(0, (mask(1, 0), mask(2, 1)))]
    labelled = LabelledClip(CLIP, {}, (0,), lambda: iter(()), lambda: iter(given))
    (one,) = rows_of(labelled, Place(ClipStatus(CLIP, Stage.INGESTED)), {})
    assert [m.track for m in one.masks] == [2]


@pytest.mark.parametrize("frames", [(1, 0), (2, 2), (0, FRAMES)])
def test_rows_that_the_clip_does_not_have_in_this_order_are_refused(frames) -> None:
    old = iter([row(frame, {}) for frame in range(FRAMES)])
    with pytest.raises(InputError, match=f"frame {frames[1]}: outside the clip, or not in order"):
        list(beside(iter([row(frame, {1: 1}) for frame in frames]), old))
