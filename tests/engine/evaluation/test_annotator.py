"""The simulated annotator: what is found, clicked, carried and charged, on films small enough to count by hand."""

from dataclasses import replace

import pytest

from engine import rle
from engine.evaluation.annotator import Person, correct
from engine.evaluation.carrying import Standing, carry
from engine.evaluation.effort import Effort
from engine.evaluation.labour import labour
from engine.evaluation.running import DatasetSource
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.fakes.segmenter import ColourSegmenter
from engine.types import FrameMasks, Point, Prompt, TrackMask


def empty(labelled) -> list[FrameMasks]:
    return [FrameMasks(frame) for frame in range(labelled.clip.frames)]


def lost(labelled, *, track: int, frames: range) -> list[FrameMasks]:
    """Return the truth without a track on some frames."""
    return [
        FrameMasks(
            row.frame, tuple(m for m in row.masks if row.frame not in frames or m.track != track)
        )
        for row in labelled.frames()
    ]


def test_effort_is_what_the_sam_2_paper_charges() -> None:
    assert Effort(looked=300).seconds == pytest.approx(30)
    assert Effort(finds=1).seconds == 1
    assert Effort(clicks=2).seconds == 3
    assert Effort(1, 2, 3) + Effort(10, 20, 30) == Effort(11, 22, 33)


def test_a_perfect_annotation_costs_one_look(world) -> None:
    done = correct(world, list(world.frames()), ColourSegmenter())
    assert done.effort == Effort(looked=12)
    assert done.effort.seconds == pytest.approx(1.2)
    assert (done.wrong, done.looks[0].j) == (0, 1)
    assert done.rows == tuple(world.frames())


def test_from_nothing_each_ball_takes_one_find_one_click_and_a_look_that_confirms(world) -> None:
    done = correct(world, empty(world), ColourSegmenter())
    assert done.effort == Effort(looked=24, finds=2, clicks=2)
    assert done.looks[0].wrong == 12 + 7
    assert done.wrong == 0
    assert done.rows == tuple(world.frames())


def test_a_correction_is_carried_both_ways_from_the_worst_frame(world) -> None:
    rows = lost(world, track=1, frames=range(3, 9))
    done = correct(world, rows, ColourSegmenter())
    assert done.effort == Effort(looked=24, finds=1, clicks=1)
    assert done.rows == tuple(world.frames())


def test_a_track_on_no_ball_is_deleted_for_one_find_and_one_click(world, square) -> None:
    stray = rle.encode(rle.decode(square(150, 2, 8))[:, :160], size=(90, 160), origin=(0, 0))
    rows = [replace(row, masks=(*row.masks, TrackMask(9, stray))) for row in world.frames()]
    done = correct(world, rows, ColourSegmenter())
    assert done.effort == Effort(looked=12, finds=1, clicks=1)
    assert done.rows == tuple(world.frames())


def test_a_mask_that_outlives_its_ball_is_cut_off_with_two_clicks(world) -> None:
    last = next(row for row in world.frames() if row.frame == 8).masks[1]
    rows = [
        row if row.frame < 9 else replace(row, masks=(*row.masks, last)) for row in world.frames()
    ]
    done = correct(world, rows, ColourSegmenter())
    assert done.looks[0].wrong == 3
    assert done.effort == Effort(looked=24, finds=1, clicks=2)
    assert done.rows == tuple(world.frames())


def test_tracks_keep_their_balls_whatever_their_numbers_were(world) -> None:
    renumbered = [
        replace(row, masks=tuple(replace(m, track=m.track + 40) for m in row.masks))
        for row in world.frames()
    ]
    done = correct(world, renumbered, ColourSegmenter())
    assert done.effort.clicks == 0
    assert done.rows == tuple(world.frames())


def test_what_no_click_can_mend_is_given_up_and_counted(world, brush) -> None:
    person = Person(clicks=5, patience=2, looks=4)
    done = correct(world, empty(world), brush(until=0), person=person)
    assert done.wrong == done.looks[0].wrong == 19
    assert len(done.looks) == 5
    assert done.effort.finds == 2 * 4
    assert done.effort.clicks == 2 * 4 * 3  # one click, and two that make nothing better
    assert done.rows == tuple(empty(world))


def test_who_is_content_with_less_clicks_less(world, brush) -> None:
    strict, easy = (
        correct(world, empty(world), brush(side=9), person=Person(threshold=t, looks=3))
        for t in (0.9, 0.5)
    )
    assert easy.effort.clicks < strict.effort.clicks
    assert easy.wrong < strict.looks[0].wrong


def test_slivers_are_left_alone(label) -> None:
    thin = label(Scene([Disc((200, 0, 0), "cue", rests(30, 30), radius=2)], frames=3))
    done = correct(thin, empty(thin), ColourSegmenter())
    assert done.effort == Effort(looked=3)
    assert done.wrong == 0


def test_frames_without_truth_are_carried_to_but_not_judged(world) -> None:
    sparse = replace(
        world,
        labelled=(0, 5, 10),
        frames=lambda: (row for row in world.frames() if row.frame % 5 == 0),
    )
    done = correct(sparse, empty(world), ColourSegmenter())
    assert done.looks[0].judged == 4
    assert done.wrong == 0
    assert done.rows[3] == next(row for row in world.frames() if row.frame == 3)


def test_progress_is_told_look_by_look(world) -> None:
    heard = []
    correct(world, empty(world), ColourSegmenter(), progress=lambda *said: heard.append(said))
    assert heard == [("scene", 1, 10), ("scene", 2, 10)]


def carried(labelled, segmenter, *, frame, standing) -> dict[int, rle.RLE]:
    rgb = list(labelled.pictures())[frame]
    click = Prompt(frame, 1, points=(Point(20.5 + 3 * frame, 40.5),))
    new = carry(
        labelled.clip,
        rgb,
        [click],
        standing=standing,
        source=DatasetSource(labelled),
        segmenter=segmenter,
    )
    return new[1]


def test_where_nothing_stood_a_mask_is_carried_to_both_ends(world) -> None:
    new = carried(world, ColourSegmenter(), frame=5, standing=Standing({}))
    assert sorted(new) == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]


def test_it_is_carried_until_it_has_agreed_with_what_stood_for_two_frames(world) -> None:
    column = {row.frame: row.masks[0].rle for row in world.frames() if row.frame not in (4, 5, 6)}
    new = carried(world, ColourSegmenter(), frame=5, standing=Standing({1: column}))
    assert sorted(new) == [2, 3, 4, 6, 7, 8]


def test_it_is_not_carried_over_a_frame_that_was_settled_before(world) -> None:
    standing = Standing({}, {1: frozenset({2, 8})})
    assert sorted(carried(world, ColourSegmenter(), frame=5, standing=standing)) == [3, 4, 6, 7]


def test_where_it_is_lost_what_stood_stays(world, brush) -> None:
    column = {frame: rle.encode(rle.decode(world_mask(world, 0))) for frame in range(12)}
    new = carried(world, brush(until=7), frame=5, standing=Standing({1: column}))
    assert max(new) == 6


def world_mask(labelled, frame: int) -> rle.RLE:
    return next(row for row in labelled.frames() if row.frame == frame).masks[0].rle


def test_labour_adds_clips_up_and_reckons_a_whole_dataset(label) -> None:
    def clip(name: str, frames: int):
        one = label(Scene([Disc((200, 0, 0), "cue", rolls(20, 40, dx=2), radius=6)], frames), name)
        return correct(one, empty(one), ColourSegmenter())

    done = labour([clip("a", 10), clip("b", 20)])
    assert (done.clips, done.frames) == (2, 30)
    assert done.effort == Effort(looked=60, finds=2, clicks=2)
    assert done.person_seconds == pytest.approx(6 + 2 + 3)
    assert done.clicks_per_frame == pytest.approx(2 / 30)
    assert done.seconds_per_frame == pytest.approx(11 / 30)
    assert done.hours == pytest.approx(11 / 1 * 2000 / 3600)  # 30 frames are one second
    assert (done.wrong_before, done.wrong_after) == (1, 0)
    assert (done.j_before, done.j_after) == (0, pytest.approx(1))
