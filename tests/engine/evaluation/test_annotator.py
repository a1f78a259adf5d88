"""The simulated annotator: what is found, clicked, carried and charged, on films small enough to count by hand."""

from dataclasses import replace

import numpy as np
import pytest

from annotator_ui.simulated import page_tool
from engine import rle
from engine.evaluation.annotator import Person, correct
from engine.evaluation.effort import Effort
from engine.evaluation.labour import labour
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.fakes.segmenter import ColourSegmenter
from engine.types import FrameMasks, TrackMask


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


def test_effort_is_what_the_sam_2_paper_charges_and_a_keystroke() -> None:
    assert Effort(looked=300).seconds == pytest.approx(30)
    assert Effort(finds=1).seconds == 1
    assert Effort(clicks=2).seconds == 3
    assert Effort(keys=100).seconds == pytest.approx(28)
    assert Effort(1, 2, 3, 4) + Effort(10, 20, 30, 40) == Effort(11, 22, 33, 44)


def test_a_perfect_annotation_costs_one_look(world) -> None:
    done = correct(world, list(world.frames()), page_tool(ColourSegmenter()))
    assert done.effort == Effort(looked=12)
    assert done.effort.seconds == pytest.approx(1.2)
    assert (done.wrong, done.looks[0].j) == (0, 1)
    assert done.rows == tuple(world.frames())


def test_from_nothing_each_ball_takes_a_find_a_click_its_class_and_a_spread_and_a_look_confirms(
    world,
) -> None:
    done = correct(world, empty(world), page_tool(ColourSegmenter()))
    assert done.effort == Effort(looked=24, finds=2, clicks=2, keys=2 + 2)
    assert done.looks[0].wrong == 12 + 7
    assert done.wrong == 0
    assert done.rows == tuple(world.frames())


def test_a_correction_is_carried_both_ways_from_the_worst_frame(world) -> None:
    rows = lost(world, track=1, frames=range(3, 9))
    done = correct(world, rows, page_tool(ColourSegmenter()))
    assert done.effort == Effort(looked=24, finds=1, clicks=1, keys=1)
    assert done.rows == tuple(world.frames())


def test_a_track_on_no_ball_is_deleted_for_one_find_and_one_click(world, square) -> None:
    stray = rle.encode(rle.decode(square(150, 2, 8))[:, :160], size=(90, 160), origin=(0, 0))
    rows = [replace(row, masks=(*row.masks, TrackMask(9, stray))) for row in world.frames()]
    done = correct(world, rows, page_tool(ColourSegmenter()))
    assert done.effort == Effort(looked=12, finds=1, clicks=1)
    assert done.rows == tuple(world.frames())


def test_a_mask_that_outlives_its_ball_is_cut_off_with_two_clicks(world) -> None:
    last = next(row for row in world.frames() if row.frame == 8).masks[1]
    rows = [
        row if row.frame < 9 else replace(row, masks=(*row.masks, last)) for row in world.frames()
    ]
    done = correct(world, rows, page_tool(ColourSegmenter()))
    assert done.looks[0].wrong == 3
    assert done.effort == Effort(looked=24, finds=1, clicks=2)
    assert done.rows == tuple(world.frames())


def test_tracks_keep_their_balls_whatever_their_numbers_were(world) -> None:
    renumbered = [
        replace(row, masks=tuple(replace(m, track=m.track + 40) for m in row.masks))
        for row in world.frames()
    ]
    done = correct(world, renumbered, page_tool(ColourSegmenter()))
    assert done.effort.clicks == 0
    assert done.rows == tuple(world.frames())


def test_what_no_click_can_mend_is_given_up_and_counted(world, brush) -> None:
    person = Person(clicks=5, patience=2, looks=4)
    done = correct(world, empty(world), page_tool(brush(until=0)), person=person)
    assert done.wrong == done.looks[0].wrong == 19
    assert len(done.looks) == 5
    assert done.effort.finds == 2 * 4
    assert done.effort.clicks == 2 * 4 * 3  # one click, and two that make nothing better
    assert done.effort.keys == 2 * 4 * (3 + 1)  # each is taken back, and the class was said
    assert done.rows == tuple(empty(world))


def test_who_is_content_with_less_clicks_less(world, brush) -> None:
    strict, easy = (
        correct(world, empty(world), page_tool(brush(side=9)), person=Person(threshold=t, looks=3))
        for t in (0.9, 0.5)
    )
    assert easy.effort.clicks < strict.effort.clicks
    assert easy.wrong < strict.looks[0].wrong


@pytest.mark.parametrize(("stood", "frames"), [(9, 0), (3, 6), (0, 6)])
def test_what_is_better_but_not_good_is_carried_only_where_less_than_half_a_mask_stood(
    label, brush, stood, frames
) -> None:
    still = label(Scene([Disc((200, 0, 0), "cue", rests(30, 30), radius=6)], frames=6))
    part = rle.encode(np.ones((stood, stood), bool), origin=(26, 26), size=(90, 160))
    rows = [FrameMasks(f, (TrackMask(1, part),) if stood else ()) for f in range(6)]
    person = Person(threshold=0.99, clicks=1, looks=1)
    done = correct(still, rows, page_tool(brush(side=11)), person=person)
    assert sum(row.masks != old.masks for row, old in zip(done.rows, rows, strict=True)) == frames
    assert (done.looks[-1].j > done.looks[0].j) == (frames > 0)


def test_clicks_that_made_nothing_better_are_taken_back(world, brush) -> None:
    rows = list(world.frames())
    worse = page_tool(brush(side=3))
    done = correct(world, rows, worse, person=Person(threshold=1.0, patience=2, looks=1))
    assert done.rows == tuple(rows)
    assert done.effort == Effort(looked=12)
    tried = correct(world, empty(world), page_tool(brush(until=0)), person=Person(looks=1))
    assert (tried.effort.clicks, tried.effort.keys) == (2 * 4, 2 * (4 + 1))  # undos, and a class


def test_slivers_are_left_alone(label) -> None:
    thin = label(Scene([Disc((200, 0, 0), "cue", rests(30, 30), radius=2)], frames=3))
    done = correct(thin, empty(thin), page_tool(ColourSegmenter()))
    assert done.effort == Effort(looked=3)
    assert done.wrong == 0


def test_frames_without_truth_are_carried_to_but_not_judged(world) -> None:
    sparse = replace(
        world,
        labelled=(0, 5, 10),
        frames=lambda: (row for row in world.frames() if row.frame % 5 == 0),
    )
    done = correct(sparse, empty(world), page_tool(ColourSegmenter()))
    assert done.looks[0].judged == 4
    assert done.wrong == 0
    assert done.rows[3] == next(row for row in world.frames() if row.frame == 3)


def test_progress_is_told_look_by_look(world) -> None:
    heard = []
    correct(
        world, empty(world), page_tool(ColourSegmenter()), progress=lambda *said: heard.append(said)
    )
    assert heard == [("scene", 1, 10), ("scene", 2, 10)]


def test_labour_adds_clips_up_and_reckons_a_whole_dataset(label) -> None:
    def clip(name: str, frames: int):
        one = label(Scene([Disc((200, 0, 0), "cue", rolls(20, 40, dx=2), radius=6)], frames), name)
        return correct(one, empty(one), page_tool(ColourSegmenter()))

    done = labour([clip("a", 10), clip("b", 20)])
    assert (done.clips, done.frames) == (2, 30)
    assert done.effort == Effort(looked=60, finds=2, clicks=2, keys=4)
    assert done.person_seconds == pytest.approx(6 + 2 + 3 + 4 * 0.28)
    assert done.clicks_per_frame == pytest.approx(2 / 30)
    assert done.seconds_per_frame == pytest.approx(12.12 / 30)
    assert done.hours == pytest.approx(12.12 / 1 * 2000 / 3600)  # 30 frames are one second
    assert (done.wrong_before, done.wrong_after) == (1, 0)
    assert (done.j_before, done.j_after) == (0, pytest.approx(1))
