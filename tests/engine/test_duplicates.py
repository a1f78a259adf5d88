"""Two tracks on one ball are noticed, and the right one stays."""

import numpy as np

from engine import rle
from engine.duplicates import guilty, watch
from engine.tracks import Tracks, born, boxes_of, lose, observe
from engine.types import Box, Detection, FrameMasks, TrackMask

HERE, THERE = (10, 10), (40, 10)


def row(frame: int, *places: tuple[int, int]) -> FrameMasks:
    square = np.ones((10, 10), bool)
    masks = [
        TrackMask(index, rle.encode(square, origin=place, size=(60, 80)))
        for index, place in enumerate(places, start=1)
    ]
    return FrameMasks(frame, tuple(masks))


def known(*places: tuple[int, int]) -> Tracks:
    tracks = Tracks()
    for x, y in places:
        box: Box = (x, y, x + 10, y + 10)
        tracks = born(tracks, Detection(0, box, "solid", 0.9))
    return tracks


def follow(tracks: Tracks, *rows: FrameMasks) -> Tracks:
    for one in rows:
        boxes = boxes_of(one)
        tracks = observe(watch(tracks, one, boxes, overlap=0.7), one.frame, boxes)
    return tracks


def test_tracks_apart_are_no_twins() -> None:
    assert follow(known(HERE, THERE), row(1, HERE, THERE)).twins == ()


def test_twins_are_guilty_only_after_some_frames_together() -> None:
    tracks = follow(known(HERE, HERE), *(row(frame, HERE, HERE) for frame in range(3)))
    assert guilty(tracks, frame=2, frames=4) == ()
    assert [twins.wrong for twins in guilty(tracks, frame=2, frames=3)] == [2]


def test_a_moment_apart_begins_the_count_anew() -> None:
    tracks = follow(
        known(HERE, HERE), row(0, HERE, HERE), row(1, HERE, THERE), row(2, HERE, (11, 10))
    )
    (twins,) = tracks.twins
    assert twins.since == 2


def test_the_younger_goes_when_both_were_born_there() -> None:
    (twins,) = follow(known(HERE, HERE), row(0, HERE, HERE)).twins
    assert (twins.wrong, twins.other, twins.seen) == (2, 1, -1)


def test_the_one_that_jumped_goes_even_if_it_is_older() -> None:
    tracks = follow(known(HERE, THERE), row(1, HERE, THERE), row(2, THERE, THERE))
    (twins,) = tracks.twins
    assert (twins.wrong, twins.other) == (1, 2)
    assert (twins.box, twins.seen) == ((10.0, 10.0, 20.0, 20.0), 1)


def test_the_wrong_one_is_lost_where_it_was_last_apart() -> None:
    tracks = follow(known(HERE, THERE), row(1, HERE, THERE), row(2, THERE, THERE))
    (twins,) = tracks.twins
    tracks = lose(tracks, twins.wrong, box=twins.box, seen=twins.seen)
    back = tracks.get(1)
    assert back is not None
    assert (back.box, back.seen) == ((10.0, 10.0, 20.0, 20.0), 1)
    assert tracks.twins == ()
