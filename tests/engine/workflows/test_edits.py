"""On how many frames people changed each track: by pixels, once a frame, in what was chosen alone."""

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.errors import StoreError
from engine.fakes.queue import MemoryDatabase
from engine.types import Clip, FrameMasks, Kind, Revision, TrackMask, Video
from engine.workflows.edits import EDITED, edited

FRAMES = 6
ALL = range(FRAMES)


def mask(track: int, pixels: int, score: float = 1.0) -> TrackMask:
    drawn = np.zeros((8, 8), bool)
    drawn.flat[:pixels] = True
    return TrackMask(track, rle.encode(drawn), score)


def row(frame: int, areas: Mapping[int, int], score: float = 1.0) -> FrameMasks:
    return FrameMasks(
        frame, tuple(mask(track, area, score) for track, area in areas.items() if area)
    )


@pytest.fixture
def stores() -> MemoryDatabase:
    return stocked()


def stocked() -> MemoryDatabase:
    made = MemoryDatabase()
    video = Video("a" * 64, "a.mp4", "a.mp4", 8, 8, Fraction(30), FRAMES)
    clip = Clip("game-1", video.sha256, "a.mp4", 0, FRAMES, 8, 8, Fraction(30))
    made.catalog.add_video(video, [clip])
    return made


def add(
    stores: MemoryDatabase,
    kind: Kind,
    frames: Sequence[FrameMasks],
    provenance: Mapping[str, str] | None = None,
) -> None:
    head = stores.revisions.head("game-1")
    parent = head.id if head else None
    author = "maria" if kind is Kind.MANUAL else "det-sam2"
    stores.revisions.append(Revision("game-1", parent, kind, author, (), provenance or {}), frames)


def draw(stores: MemoryDatabase) -> None:
    add(stores, Kind.AUTO, [row(frame, {1: 4, 2: 9}) for frame in ALL])


def counted(stores: MemoryDatabase, frames: range = ALL, **options: object) -> Mapping[int, int]:
    return edited(stores.revisions, stores.revisions.history("game-1"), frames, **options)  # type: ignore[arg-type]  # options pass through


def test_a_clip_that_nobody_touched_has_no_edits(stores: MemoryDatabase) -> None:
    draw(stores)
    assert counted(stores) == {}


def test_a_frame_counts_once_however_often_it_was_changed(stores: MemoryDatabase) -> None:
    draw(stores)
    add(stores, Kind.MANUAL, [row(2, {1: 5, 2: 9}), row(3, {1: 5, 2: 9})])
    add(stores, Kind.MANUAL, [row(3, {1: 6, 2: 9}), row(5, {})])
    assert counted(stores) == {1: 3, 2: 1}


def test_a_change_that_was_taken_back_was_still_made_by_a_person(stores: MemoryDatabase) -> None:
    draw(stores)
    add(stores, Kind.MANUAL, [row(2, {1: 5, 2: 9})])
    add(stores, Kind.MANUAL, [row(2, {1: 4, 2: 9})])
    assert counted(stores) == {1: 1}


def test_a_score_alone_is_no_edit(stores: MemoryDatabase) -> None:
    draw(stores)
    add(stores, Kind.MANUAL, [row(2, {1: 4, 2: 9}, score=0.5)])
    assert counted(stores) == {}


def test_what_models_drew_over_counts_no_more(stores: MemoryDatabase) -> None:
    draw(stores)
    add(stores, Kind.MANUAL, [row(2, {1: 5, 2: 9})])
    draw(stores)
    assert counted(stores) == {}
    add(stores, Kind.MANUAL, [row(4, {1: 4})])
    assert counted(stores) == {2: 1}


def test_only_the_frames_tracks_and_steps_chosen_count(stores: MemoryDatabase) -> None:
    draw(stores)
    add(stores, Kind.MANUAL, [row(frame, {1: 5, 2: 8}) for frame in ALL])
    assert counted(stores, range(1, 4)) == {1: 3, 2: 3}
    assert counted(stores, range(1, 6), step=3) == {1: 2, 2: 2}
    assert counted(stores, tracks=frozenset({2})) == {2: 6}


def test_what_an_import_brought_along_counts_with_what_came_after(stores: MemoryDatabase) -> None:
    drawn = [row(frame, {1: 4, 2: 9}) for frame in ALL]
    add(stores, Kind.MANUAL, drawn, {EDITED: json.dumps({"1": 2, "3": 0})})
    assert counted(stores) == {1: 2}
    add(stores, Kind.MANUAL, [row(2, {1: 5, 2: 8})])
    assert counted(stores) == {1: 3, 2: 1}
    assert counted(stores, range(2, 3)) == {1: 1, 2: 1}


def test_a_child_that_carries_the_provenance_of_its_import_hides_no_edit(
    stores: MemoryDatabase,
) -> None:
    said = {EDITED: json.dumps({"1": 2})}
    add(stores, Kind.MANUAL, [row(frame, {1: 4}) for frame in ALL], said)
    add(stores, Kind.MANUAL, [row(2, {1: 5})], said)
    assert counted(stores) == {1: 3}


def test_a_first_revision_by_hand_counts_nothing_that_nobody_noted(stores: MemoryDatabase) -> None:
    add(stores, Kind.MANUAL, [row(frame, {1: 4}) for frame in ALL])
    assert counted(stores) == {}


def test_an_import_that_noted_no_counts_counts_nothing(stores: MemoryDatabase) -> None:
    add(stores, Kind.MANUAL, [row(frame, {1: 4}) for frame in ALL], {EDITED: ""})
    assert counted(stores) == {}


@pytest.mark.parametrize("text", ["{", "[1]", "7", '{"a": 1}', '{"1": null}'])
def test_counts_that_cannot_be_read_are_told_with_their_revision(
    text: str, stores: MemoryDatabase
) -> None:
    add(stores, Kind.MANUAL, [], {EDITED: text})
    with pytest.raises(StoreError, match=r"revision 1.*import the clip again"):
        counted(stores)


TABLES = st.lists(
    st.dictionaries(
        st.integers(0, FRAMES - 1), st.dictionaries(st.integers(1, 3), st.integers(0, 9))
    ),
    max_size=4,
)


@given(TABLES, st.integers(0, FRAMES - 1), st.integers(1, FRAMES), st.integers(1, 3))
def test_counting_agrees_with_comparing_every_revision_with_the_one_before(
    changes: list[dict[int, dict[int, int]]], start: int, length: int, step: int
) -> None:
    stores = stocked()
    draw(stores)
    for change in changes:
        add(stores, Kind.MANUAL, [row(frame, areas) for frame, areas in sorted(change.items())])
    frames = range(start, min(FRAMES, start + length))
    state = {frame: {1: 4, 2: 9} for frame in ALL}
    expected: dict[int, set[int]] = {}
    for change in changes:
        for frame, areas in change.items():
            old, new = state[frame], {track: area for track, area in areas.items() if area}
            for track in (1, 2, 3):
                if frame in frames[::step] and old.get(track) != new.get(track):
                    expected.setdefault(track, set()).add(frame)
            state[frame] = new
    wanted = {track: len(found) for track, found in expected.items()}
    assert counted(stores, frames, step=step) == wanted
