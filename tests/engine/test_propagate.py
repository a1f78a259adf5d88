"""Spreading a correction, in a world of flat colours where every mask is known to the pixel."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from engine import rle
from engine.errors import InputError
from engine.fakes.frames import FakeFrameSource
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.fakes.segmenter import ColourSegmenter
from engine.propagate import Correction, Ground, Rows, Rule, correct, parted
from engine.types import RLE, FrameMasks, Point, Prompt, TrackMask

RED, BLUE, GREY = (200, 20, 20), (20, 20, 200), (120, 120, 120)
SCENE = Scene(
    [
        Disc(RED, "cue", rolls(20, 20, dx=1)),
        Disc(BLUE, "solid", rests(120, 60)),
        Disc(GREY, "stripe", rests(60, 70, start=0, stop=50)),
    ],
    80,
)
TRUTH = [SCENE.truth(frame) for frame in range(SCENE.frames)]


def rows_of(table: Sequence[FrameMasks]) -> Rows:
    return lambda start, stop: iter(table[start:stop])


def ground(table: Sequence[FrameMasks]) -> Ground:
    return Ground(SCENE.clip, rows_of(table), FakeFrameSource(SCENE.paint), ColourSegmenter())


def edited(
    change: Callable[[int, dict[int, TrackMask]], object], table: Sequence[FrameMasks] = TRUTH
) -> list[FrameMasks]:
    """Return the table after ``change(frame, masks)`` has been at each row's masks."""
    out = []
    for row in table:
        masks = row.by_track()
        change(row.frame, masks)
        out.append(FrameMasks(row.frame, tuple(masks.values())))
    return out


def shifted(since: int, *, track: int = 1, onto: int = 2) -> list[FrameMasks]:
    """Return the truth with a track that sits on another's ball from a frame on."""

    def change(frame: int, masks: dict[int, TrackMask]) -> None:
        if frame >= since and onto in masks:
            masks[track] = replace(masks[onto], track=track)

    return edited(change)


def lost(frames: range, *, track: int = 1) -> list[FrameMasks]:
    return edited(lambda frame, masks: masks.pop(track, None) if frame in frames else None)


def click(frame: int, x: float, y: float, *, track: int = 1, positive: bool = True) -> Prompt:
    return Prompt(frame, track, points=(Point(x, y, positive),))


def on_red(frame: int, *, track: int = 1) -> Prompt:
    return click(frame, 20 + frame, 20, track=track)


def applied(table: Sequence[FrameMasks], done: Correction) -> list[FrameMasks]:
    out = list(table)
    for row in done.rows(rows_of(table)):
        out[row.frame] = row
    return out


def same_masks(a: Sequence[FrameMasks], b: Sequence[FrameMasks]) -> bool:
    return [[(m.track, m.rle) for m in row.masks] for row in a] == [
        [(m.track, m.rle) for m in row.masks] for row in b
    ]


def test_one_click_puts_a_track_that_jumped_back_on_its_ball_to_the_end() -> None:
    table = shifted(30)
    done = correct(ground(table), [on_red(40)])
    assert same_masks(applied(table, done), TRUTH)
    assert [row.frame for row in done.rows(rows_of(table))] == list(range(30, 80))


def test_a_pass_ends_after_five_frames_in_a_row_that_agree() -> None:
    table = shifted(30)
    done = correct(ground(table), [on_red(40)])
    forward, back = 80 - 40, 1 + (40 - 30) + 5
    assert done.steps == forward + back


def test_where_nothing_was_wrong_nothing_changes() -> None:
    done = correct(ground(TRUTH), [on_red(40)])
    assert list(done.rows(rows_of(TRUTH))) == []
    assert done.steps == 2 * (1 + 5)


def test_a_gap_is_filled_both_ways_and_the_rest_is_the_parents() -> None:
    table = lost(range(20, 60))
    done = correct(ground(table), [on_red(33)])
    rows = {row.frame: row for row in done.rows(rows_of(table))}
    assert sorted(rows) == list(range(20, 60))
    assert same_masks(applied(table, done), TRUTH)


def test_other_tracks_keep_the_very_masks_of_the_parent() -> None:
    table = [
        FrameMasks(row.frame, tuple(replace(m, score=0.25, stability=0.5) for m in row.masks))
        for row in shifted(30)
    ]
    for row in correct(ground(table), [on_red(40)]).rows(rows_of(table)):
        old, new = table[row.frame].by_track(), row.by_track()
        assert {t: new[t] for t in new if t != 1} == {t: old[t] for t in old if t != 1}


def test_a_new_ball_gets_a_track_of_its_own_as_far_as_it_is_seen() -> None:
    table = lost(range(80), track=3)
    done = correct(ground(table), [click(25, 60, 70, track=3)])
    assert same_masks(applied(table, done), TRUTH)


def test_only_frames_of_the_range_change() -> None:
    table = shifted(0)
    done = correct(ground(table), [on_red(40)], frames=range(35, 50))
    assert [row.frame for row in done.rows(rows_of(table))] == list(range(35, 50))
    assert done.steps == 10 + 1 + 5


def test_the_first_and_the_last_frame_need_one_pass_only() -> None:
    table = shifted(0)
    assert correct(ground(table), [on_red(0)]).steps == 80
    assert correct(ground(table), [on_red(79)]).steps == 1 + 80


def test_where_the_track_had_strayed_a_ball_out_of_sight_is_taken_off() -> None:
    """The grey ball is gone from frame 50 on, and its track sits on the blue one from 30 to 70."""

    def change(frame: int, masks: dict[int, TrackMask]) -> None:
        if 30 <= frame < 70:
            masks[3] = replace(masks[2], track=3)

    table = edited(change)
    done = correct(ground(table), [click(35, 60, 70, track=3)])
    assert same_masks(applied(table, done), TRUTH)


def test_masks_that_the_model_merely_lost_stay() -> None:
    """The model cannot see the ball behind the arm, where the parent has it."""
    arm = dict.fromkeys(range(30, 50), (40, 10, 80, 40))
    hidden = Scene(SCENE.discs, SCENE.frames, arms=arm)
    table = edited(lambda frame, masks: masks.pop(1, None) if frame < 10 else None)
    before = replace(ground(table), source=FakeFrameSource(hidden.paint))
    done = correct(before, [on_red(20)], rule=Rule(agree=1.0, stable=20))
    assert same_masks(applied(table, done), TRUTH)


def test_prompts_on_several_frames_share_the_frames_between_them() -> None:
    table = shifted(0)
    done = correct(ground(table), [on_red(10), on_red(60)])
    assert same_masks(applied(table, done), TRUTH)
    assert done.steps == (80 - 10) + (60 + 1)


def test_tracks_that_swapped_balls_are_put_right_together() -> None:
    def change(frame: int, masks: dict[int, TrackMask]) -> None:
        if frame >= 30:
            masks[1], masks[2] = replace(masks[2], track=1), replace(masks[1], track=2)

    table = edited(change)
    done = correct(ground(table), [on_red(40), click(40, 120, 60, track=2)])
    assert same_masks(applied(table, done), TRUTH)


def test_a_frame_between_two_prompts_is_drawn_from_the_nearer_one() -> None:
    """The ball takes another colour on frame 36, so that each pass loses it there."""
    scene = Scene(
        [
            Disc(RED, "cue", lambda frame: (20 + frame, 20) if frame < 36 else None),
            Disc(GREY, "cue", lambda frame: (20 + frame, 20) if frame >= 36 else None),
        ],
        80,
    )
    stand = replace(ground(lost(range(80))), source=FakeFrameSource(scene.paint))
    done = correct(stand, [on_red(20), on_red(50)])
    assert {f: m[1].rle for f, m in done.masks.items()} == {
        f: TRUTH[f].by_track()[1].rle for f in range(80)
    }


def test_frames_between_distant_corrections_are_not_drawn() -> None:
    table = edited(lambda f, masks: masks.pop(1, None) if f in (10, 70) else None)
    done = correct(ground(table), [on_red(10), on_red(70)])
    assert same_masks(applied(table, done), TRUTH)
    assert done.steps == 2 * (1 + 5) * 2


def test_not_this_alone_takes_something_off_the_mask_that_was_there() -> None:
    def change(_: int, masks: dict[int, TrackMask]) -> None:
        masks[1] = TrackMask(1, rle.merge([masks[1].rle, masks[2].rle]))

    table = edited(change)
    asked: list[RLE | None] = []

    class Listening(ColourSegmenter):
        def open(self, *args, **options):
            session = super().open(*args, **options)
            step = session.step

            def heard(frame, rgb, prompts=()):
                asked.extend(prompt.mask for prompt in prompts)
                return step(frame, rgb, prompts)

            session.step = heard
            return session

    stand = replace(ground(table), segmenter=Listening())
    correct(stand, [click(40, 120, 60, positive=False)], frames=range(40, 41))
    assert asked == [table[40].by_track()[1].rle, None]


def test_not_this_alone_is_refused_where_no_mask_is() -> None:
    with pytest.raises(InputError, match="track 1 has no mask on frame 40"):
        correct(ground(lost(range(80))), [click(40, 60, 20, positive=False)])


def test_earlier_clicks_are_told_again_where_the_pass_comes_by() -> None:
    """The ball rolls on behind the arm, further than the model looks for it."""
    arm = dict.fromkeys(range(45, 60), (0, 0, 160, 40))
    hidden = Scene(SCENE.discs, SCENE.frames, arms=arm)
    stand = replace(ground(shifted(0)), source=FakeFrameSource(hidden.paint))
    stand = replace(stand, segmenter=ColourSegmenter(reach=2))
    without = applied(shifted(0), correct(stand, [on_red(40)]))
    told = applied(shifted(0), correct(stand, [on_red(40)], earlier=[on_red(60)]))
    assert 1 not in without[65].by_track()
    assert told[65].by_track()[1].rle == TRUTH[65].by_track()[1].rle


def test_earlier_clicks_at_other_tracks_are_not_asked_for() -> None:
    table = shifted(30)
    done = correct(ground(table), [on_red(40)], earlier=[click(42, 120, 60, track=2)])
    assert {track for masks in done.masks.values() for track in masks} == {1}


def test_a_mask_shown_for_a_click_is_the_one_that_is_spread() -> None:
    table = shifted(30)
    alone = correct(ground(table), [on_red(40)], frames=range(40, 41))
    spread = correct(ground(table), [on_red(40)])
    assert alone.steps == 1
    assert alone.masks[40] == spread.masks[40]


def test_stopping_keeps_what_is_done() -> None:
    table = shifted(30)
    left = iter([False] * 12)
    done = correct(ground(table), [on_red(40)], stop=lambda: next(left, True))
    assert (done.stopped, done.steps) == (True, 12)
    assert [row.frame for row in done.rows(rows_of(table))] == list(range(40, 52))
    assert same_masks(applied(table, done)[40:52], TRUTH[40:52])


def test_the_same_number_of_steps_gives_the_same_masks() -> None:
    def run(steps: int) -> Correction:
        left = iter([False] * steps)
        return correct(ground(shifted(30)), [on_red(40)], stop=lambda: next(left, True))

    assert run(45) == run(45)


def test_progress_hears_the_new_masks_in_the_order_of_the_work() -> None:
    heard: list[FrameMasks] = []
    correct(ground(shifted(30)), [on_red(40)], frames=range(38, 44), progress=heard.append)
    assert [row.frame for row in heard] == [40, 41, 42, 43, 39, 38]
    assert all(set(row.by_track()) == {1} for row in heard)


def test_the_parent_is_read_in_blocks_never_whole() -> None:
    asked: list[int] = []

    def rows(start: int, stop: int) -> list[FrameMasks]:
        asked.append(stop - start)
        return table[start:stop]

    table = shifted(0)
    correct(replace(ground(table), parent=rows), [on_red(79)])
    assert asked == [16, 16, 32, 32]


def test_a_model_that_takes_another_tracks_ball_has_lost_its_own() -> None:
    """Two balls of one colour: where one vanishes the model goes on with the other, which another track is on."""
    twins = Scene([Disc(RED, "a", rests(40, 40, stop=30)), Disc(RED, "b", rests(52, 40))], 60)
    table = [FrameMasks(f, _apart(f)) for f in range(60)]
    bare = [FrameMasks(row.frame, tuple(m for m in row.masks if m.track != 1)) for row in table]
    stand = Ground(
        twins.clip, rows_of(bare), FakeFrameSource(twins.paint), ColourSegmenter(reach=1)
    )
    click = Prompt(20, 1, mask=table[20].by_track()[1].rle)
    done = correct(stand, [click])
    assert max(done.masks) < 30
    taken = correct(stand, [replace(click, frame=40, mask=table[40].by_track()[2].rle)])
    assert max(taken.masks) == 59


def _apart(frame: int) -> tuple[TrackMask, ...]:
    """Return the two balls of one colour as tracks 1 and 2."""
    discs = [rests(40, 40, stop=30), rests(52, 40)]
    found = []
    for track, way in enumerate(discs, start=1):
        masks = Scene([Disc(RED, "", way)], 60).truth(frame).masks
        found += [replace(mask, track=track) for mask in masks]
    return tuple(found)


@pytest.mark.parametrize(
    ("prompts", "frames", "said"),
    [
        ([], None, "at least one click"),
        ([on_red(40)], range(50, 60), "only frames 50 to 59 may change"),
        ([on_red(40)], range(81), "clip scene of 80 frames"),
        ([on_red(40)], range(40, 40), "expected a run of frames"),
        ([on_red(40)], range(0, 80, 2), "expected a run of frames"),
        ([click(40, 400, 20)], None, "outside 160 x 90"),
    ],
)
def test_what_cannot_be_spread_is_refused(prompts, frames, said) -> None:
    with pytest.raises(InputError, match=said):
        correct(ground(TRUTH), prompts, frames=frames)


def mask(track: int, *columns: int, score: float = 1.0) -> TrackMask:
    pixels = np.zeros((4, 8), bool)
    pixels[:, list(columns)] = True
    return TrackMask(track, rle.encode(pixels), score)


def test_the_higher_score_has_the_pixels_that_two_corrected_balls_claim() -> None:
    left = parted({1: mask(1, 0, 1, 2, score=0.5), 2: mask(2, 2, 3, score=0.9)}, 7, ())
    assert left == {1: mask(1, 0, 1, score=0.5), 2: mask(2, 2, 3, score=0.9)}


def test_of_equal_scores_the_lower_track_has_them() -> None:
    assert parted({2: mask(2, 2, 3), 1: mask(1, 1, 2)}, 7, ()) == {1: mask(1, 1, 2), 2: mask(2, 3)}


def test_the_prompted_one_has_them_before_any_other() -> None:
    masks = {1: mask(1, 1, 2, score=0.1), 2: mask(2, 2, 3, score=0.9)}
    assert parted(masks, 7, [(7, 1)])[2] == mask(2, 3, score=0.9)
    assert parted(masks, 7, [(8, 1)])[1] == mask(1, 1, score=0.1)


def test_a_ball_of_which_nothing_is_left_is_not_there() -> None:
    assert parted({1: mask(1, 1, 2), 2: mask(2, 2)}, 7, ()) == {1: mask(1, 1, 2), 2: None}
