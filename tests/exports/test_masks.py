"""The masks of a clip are read once: thinned, without specks, with all that is known of them."""

import pickle
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from engine import rle
from engine.errors import ExportError
from engine.ports import ExportItem
from engine.types import FrameMasks, Track, TrackMask
from exports.masks import areas_of, exported_clip, read_masks, visible
from exports.notes import Notes

MakeItem = Callable[..., ExportItem]
SIZE = (64, 96)


def square(side: int) -> rle.RLE:
    mask = np.zeros(SIZE, np.bool_)
    mask[:side, :side] = True
    return rle.encode(mask)


def test_specks_are_not_visible_and_counted_by_track(item: ExportItem) -> None:
    notes = Notes()
    masks = read_masks(item, min_area=20, sparse=True, notes=notes)
    assert [track.id for track in masks.tracks] == [1, 2, 3]
    assert not any(mask.track == 4 for row in masks.rows for mask in row.masks)
    assert notes.lines == [
        "game-1: track 4 is smaller than 20 pixels on 1 frames: not visible there",
        "game-1: track 4 is visible nowhere: left out",
    ]


@pytest.mark.parametrize(("least", "seen"), [(0, True), (1, True), (4, True), (5, False)])
def test_the_least_area_is_still_visible(least: int, seen: bool, make_item: MakeItem) -> None:  # noqa: FBT001
    item = make_item(masks=lambda _: (TrackMask(1, square(2)),))
    masks = read_masks(item, min_area=least, sparse=True, notes=Notes())
    assert bool(masks.rows[0].masks) is seen


def test_an_empty_mask_is_never_visible(make_item: MakeItem) -> None:
    item = make_item(masks=lambda _: (TrackMask(1, rle.empty(SIZE)),))
    masks = read_masks(item, min_area=0, sparse=True, notes=Notes())
    assert masks.tracks == ()
    assert not any(row.masks for row in masks.rows)


@pytest.mark.parametrize("step", [1, 2, 5, 12, 40])
def test_where_frames_can_go_without_annotation_pictures_stay_all(
    step: int, item: ExportItem
) -> None:
    masks = read_masks(replace(item, step=step), min_area=0, sparse=True, notes=Notes())
    assert [row.frame for row in masks.rows] == list(range(0, 12, step))
    assert (masks.clip, masks.step, masks.thin) == (item.clip, step, 1)
    assert masks.about["step"] == step
    assert len(masks.auto) == len(masks.rows)


@pytest.mark.parametrize(("step", "frames"), [(1, 12), (2, 6), (5, 3), (12, 1), (40, 1)])
def test_where_they_cannot_pictures_are_thinned_too(
    step: int, frames: int, item: ExportItem
) -> None:
    masks = read_masks(replace(item, step=step), min_area=0, sparse=False, notes=Notes())
    whole = tuple(item.frames())
    assert [row.frame for row in masks.rows] == list(range(frames))
    assert [row.masks for row in masks.rows] == [row.masks for row in whole[::step]]
    assert (masks.clip.frames, masks.clip.rate) == (frames, Fraction(30, step))
    assert (masks.step, masks.thin) == (1, step)
    assert masks.about["rate"] == [masks.clip.rate.numerator, masks.clip.rate.denominator]
    assert masks.clip == exported_clip(replace(item, step=step), sparse=False)


def test_thinning_keeps_the_time_that_a_clip_takes(item: ExportItem) -> None:
    ntsc = replace(item.clip, frames=300, rate=Fraction(30000, 1001))
    thinned = exported_clip(replace(item, clip=ntsc, step=5), sparse=False)
    assert thinned.rate == Fraction(6000, 1001)
    assert thinned.seconds == pytest.approx(ntsc.seconds)


def test_a_mask_of_another_size_is_named_with_the_next_step(make_item: MakeItem) -> None:
    tall = rle.encode(np.ones((96, 64), np.bool_))
    item = make_item(masks=lambda _: (TrackMask(3, tall),))
    with pytest.raises(ExportError, match=r"game-1: track 3 has a mask of \(96, 64\) on pictures of \(64, 96\); draw"):  # fmt: skip
        read_masks(item, min_area=20, sparse=True, notes=Notes())


def test_remarks_of_the_choice_come_first(item: ExportItem) -> None:
    notes = Notes()
    read_masks(replace(item, notes=("frames 0 to 12",)), min_area=20, sparse=True, notes=notes)
    assert notes.lines[0] == "frames 0 to 12"


def test_without_masks_of_the_model_there_are_none(item: ExportItem) -> None:
    masks = read_masks(replace(item, auto=None), min_area=20, sparse=True, notes=Notes())
    assert (masks.auto, masks.auto_tracks) == ((), ())


def test_what_is_known_of_the_clip_goes_along(item: ExportItem) -> None:
    known = replace(item, camera="north", licence="CC-BY-4.0")
    masks = read_masks(known, min_area=20, sparse=True, notes=Notes())
    assert masks.edited == {1: 2}
    assert masks.about == {
        "revision": 7,
        "recording": "f00d",
        "start": 0,
        "camera": "north",
        "licence": "CC-BY-4.0",
        "split": "train",
        "rate": [30, 1],
        "frames": 12,
        "size": [64, 96],
        "provenance": {"segmenter": "nano"},
        "step": 1,
    }


def test_areas_are_those_of_the_masks_and_0_where_there_is_none(item: ExportItem) -> None:
    masks = read_masks(item, min_area=20, sparse=True, notes=Notes())
    areas = masks.areas()
    assert list(areas) == [1, 2, 3]
    assert areas[2][:3] == [0, 0, 0]
    assert areas[3][4:7] == [0, 0, 0]
    for row in masks.rows:
        for mask in row.masks:
            assert areas[mask.track][row.frame] == rle.decode(mask.rle).sum()
    assert areas_of((), masks.tracks) == {1: [], 2: [], 3: []}


def test_a_track_that_nobody_named_is_a_ball() -> None:
    row = FrameMasks(0, (TrackMask(9, square(5)), TrackMask(2, square(5))))
    assert visible((row,), [Track(2, "cue"), Track(5, "eight")]) == (
        Track(2, "cue"),
        Track(9, "ball"),
    )


def test_they_travel_to_another_process(item: ExportItem) -> None:
    masks = read_masks(item, min_area=20, sparse=True, notes=Notes())
    assert pickle.loads(pickle.dumps(masks)) == masks  # noqa: S301 - our own
