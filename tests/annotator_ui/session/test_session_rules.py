"""What is in force after which deeds: the rules of clicks, boxes, brushes, hiding, identity and spreading, one by one."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from annotator_ui.session import (
    ConfirmDeed,
    Deed,
    EditDeed,
    HideDeed,
    PromptDeed,
    Redo,
    Session,
    SpreadDeed,
    Undo,
    Why,
    applied,
    begin,
    describe,
    dropped,
)
from engine import rle
from engine.propagate_edits import Deed as Change
from engine.propagate_edits import Edit
from engine.types import RLE, Clip, Origin, Point, Prompt, Track

SIZE = (20, 40)
CLIP = Clip("clip", "video", "media", 0, 10, SIZE[1], SIZE[0], Fraction(30))
TRACKS = (Track(1, "cue"), Track(2, "red"))


def patch(x: int = 3, width: int = 4) -> RLE:
    pixels = np.zeros(SIZE, bool)
    pixels[5:9, x : x + width] = True
    return rle.encode(pixels)


def click(frame: int, track: int = 1, x: float = 5, *, positive: bool = True) -> PromptDeed:
    return PromptDeed(frame, track, point=Point(x, 5, positive))


def box(frame: int, track: int = 1, x: float = 2) -> PromptDeed:
    return PromptDeed(frame, track, box=(x, 2, x + 6, 9))


def brush(frame: int, track: int = 1, x: int = 3) -> PromptDeed:
    return PromptDeed(frame, track, mask=patch(x))


def edit(change: Change, track: int, frames: range, other: int = 0, label: str = "") -> EditDeed:
    return EditDeed(Edit(change, track, frames, other, label))


def after(*deeds: Deed, confirmed: tuple[range, ...] = ()) -> Session:
    """Return the session after some deeds, numbered from 1, each of which made a revision."""
    session = begin(CLIP, head=100, tracks=TRACKS, confirmed=confirmed)
    for seq, deed in enumerate(deeds, 1):
        session = applied(session, deed, seq=seq, after=100 + seq, tracks=TRACKS)
    return session


def said(frame: int, track: int, **what) -> Prompt:
    return Prompt(frame, track, origin=Origin.PERSON, **what)


def places(session: Session) -> set[tuple[int, int]]:
    return {(prompt.frame, prompt.track) for prompt in session.in_force()}


# clicks, boxes, brushes


def test_clicks_on_a_place_add_up_in_one_prompt() -> None:
    session = after(click(3), click(3, x=7, positive=False), click(4))
    both = said(3, 1, points=(Point(5, 5), Point(7, 5, positive=False)))
    assert session.at(3, 1) == (both,)
    assert session.in_force() == (both, said(4, 1, points=(Point(5, 5),)))


def test_a_box_begins_a_place_afresh_and_clicks_refine_it() -> None:
    session = after(click(3), box(3), click(3, x=7))
    assert session.at(3, 1) == (said(3, 1, box=(2, 2, 8, 9), points=(Point(7, 5),)),)
    assert after(box(3), box(3, x=9)).at(3, 1) == (said(3, 1, box=(9, 2, 15, 9)),)


def test_a_brush_replaces_what_was_said_and_is_a_prompt_itself() -> None:
    session = after(click(3), box(3), brush(3))
    assert session.at(3, 1) == (said(3, 1, mask=patch()),)
    assert session.held() == {(3, 1)}


def test_a_click_on_a_painted_ball_is_told_after_the_paint_and_lets_the_model_draw_again() -> None:
    session = after(brush(3), click(3))
    assert session.at(3, 1) == (said(3, 1, mask=patch()), said(3, 1, points=(Point(5, 5),)))
    assert session.held() == frozenset()


def test_a_ball_that_a_brush_left_nothing_of_is_hidden() -> None:
    session = after(brush(3), PromptDeed(3, 1, mask=rle.empty(SIZE)))
    assert session.hidden() == {(3, 1): Why.ABSENT}
    assert session.in_force() == ()


# hiding and deleting


def test_what_is_hidden_drops_what_was_said_there_and_is_held() -> None:
    session = after(click(3), click(4), HideDeed(3, 1, Why.OCCLUDED))
    assert places(session) == {(4, 1)}
    assert session.hidden() == {(3, 1): Why.OCCLUDED}
    assert session.held() == session.held_by_hand() == {(3, 1)}


@pytest.mark.parametrize("deed", [click(3), box(3), brush(3)])
def test_what_is_said_where_a_ball_was_hidden_shows_it_again(deed) -> None:
    assert after(HideDeed(3, 1), deed).hidden() == {}


def test_what_is_deleted_drops_what_was_said_and_does_not_come_back_by_a_spread() -> None:
    session = after(click(3), click(7), HideDeed(8, 1), edit(Change.DELETE, 1, range(5, 10)))
    assert places(session) == {(3, 1)}
    assert session.hidden() == {}
    assert session.held() == {(frame, 1) for frame in range(5, 10)}


def test_a_click_inside_what_was_deleted_takes_that_run_back_and_no_other() -> None:
    gone = edit(Change.DELETE, 1, range(3)), edit(Change.DELETE, 1, range(5, 10))
    others = edit(Change.DELETE, 2, range(10))
    session = after(*gone, others, click(7))
    assert session.held() == {(frame, 1) for frame in range(3)} | {(f, 2) for f in range(10)}


def test_a_gap_that_is_filled_is_neither_hidden_nor_deleted_any_more() -> None:
    gone = edit(Change.DELETE, 1, range(2, 5))
    session = after(gone, HideDeed(5, 1), HideDeed(8, 1), edit(Change.FILL, 1, range(2, 6)))
    assert session.held() == {(8, 1)}


# identity


def test_a_swap_takes_what_was_said_to_the_other_ball_in_its_frames_only() -> None:
    session = after(
        click(2), click(6), box(6, 2), HideDeed(7, 2), edit(Change.SWAP, 1, range(5, 10), 2)
    )
    assert places(session) == {(2, 1), (6, 1), (6, 2)}
    assert session.at(6, 1) == (said(6, 1, box=(2, 2, 8, 9)),)
    assert session.at(6, 2) == (said(6, 2, points=(Point(5, 5),)),)
    assert session.hidden() == {(7, 1): Why.ABSENT}


def test_a_split_takes_what_was_said_to_the_new_ball() -> None:
    session = after(click(2), brush(6), edit(Change.SPLIT, 1, range(5, 10), 3))
    assert places(session) == {(2, 1), (6, 3)}
    assert session.held() == {(6, 3)}
    assert session.new_track() == 4


def test_a_merge_takes_over_what_was_said_of_the_other_ball() -> None:
    session = after(click(2), click(6, 2), click(1, 2), edit(Change.MERGE, 1, range(5, 10), 2))
    assert places(session) == {(2, 1), (6, 1), (1, 2)}


def test_where_both_parts_of_a_merge_were_spoken_of_both_count_but_no_not_this() -> None:
    merge = edit(Change.MERGE, 1, range(10), 2)
    clicks = after(click(3), click(3, 2, 9), click(3, 2, 11, positive=False), merge)
    assert clicks.at(3, 1) == (said(3, 1, points=(Point(5, 5), Point(9, 5))),)
    boxes = after(box(3), box(3, 2, 20), merge)
    assert boxes.at(3, 1) == (said(3, 1, box=(2, 2, 26, 9)),)
    paint = after(brush(3), brush(3, 2, 12), merge)
    assert paint.at(3, 1) == (said(3, 1, mask=rle.merge([patch(), patch(12)])),)
    either = after(brush(3), box(3, 2), merge)
    assert either.at(3, 1) == (said(3, 1, mask=patch()),)
    neither = after(click(3, positive=False), click(3, 2, positive=False), merge)
    assert neither.at(3, 1) == ()


def test_after_a_merge_a_ball_is_absent_only_where_both_parts_were() -> None:
    hidden = HideDeed(1, 1), HideDeed(2, 2), HideDeed(3, 1), HideDeed(3, 2)
    assert after(*hidden, edit(Change.MERGE, 1, range(10), 2)).hidden() == {(3, 1): Why.ABSENT}


def test_another_class_changes_nothing_that_was_said() -> None:
    before, renamed = after(click(2)), edit(Change.RELABEL, 1, range(10), label="black")
    assert after(click(2), renamed).evidence == before.evidence


# confirmed frames


def test_confirmed_frames_are_held_whole_but_not_by_hand() -> None:
    session = after(ConfirmDeed(range(2, 6)), ConfirmDeed(range(3, 4), on=False))
    assert session.confirmed() == (range(2, 3), range(4, 6))
    assert session.held() == {(2, 0), (4, 0), (5, 0)}
    assert session.held_by_hand() == frozenset()


def test_frames_of_an_accepted_clip_are_confirmed_from_the_start_and_can_be_given_free() -> None:
    session = after(ConfirmDeed(range(5, 10), on=False), confirmed=(range(10),))
    assert session.confirmed() == (range(5),)


# spreading


def test_a_spread_takes_all_that_is_pending_and_tells_the_rest_as_earlier() -> None:
    session = after(click(2), SpreadDeed(), click(6), click(7, 2))
    assert session.pending() == {
        1: (said(6, 1, points=(Point(5, 5),)),),
        2: (said(7, 2, points=(Point(5, 5),)),),
    }
    assert session.dirty() == {1: range(6, 7), 2: range(7, 8)}
    assert session.earlier(session.spreading()) == session.at(2, 1)


def test_a_spread_of_some_balls_or_frames_leaves_the_others_pending() -> None:
    history = click(2), click(6), click(7, 2)
    assert set(after(*history, SpreadDeed((2,))).pending()) == {1}
    session = after(*history, SpreadDeed(frames=range(5, 10)))
    assert session.pending() == {1: session.at(2, 1)}
    assert after(*history).dirty() == {1: range(2, 7), 2: range(7, 8)}


def test_a_new_click_where_others_were_spread_makes_the_whole_place_pending() -> None:
    session = after(click(2), SpreadDeed(), click(2, x=8))
    assert session.spreading() == (said(2, 1, points=(Point(5, 5), Point(8, 5))),)


def test_undoing_a_spread_makes_its_prompts_pending_again() -> None:
    session = after(click(2), SpreadDeed(), Undo())
    assert session.spreading() == session.at(2, 1)
    assert after(click(2), SpreadDeed(), Undo(), Redo()).spreading() == ()


def test_a_spread_that_was_stopped_leaves_its_prompts_pending() -> None:
    session = after(click(2))
    stopped = applied(session, SpreadDeed(), seq=2, after=102, tracks=TRACKS, stopped=True)
    assert stopped.pending() == session.pending()
    assert stopped.undo_step.deed == SpreadDeed()


def test_a_click_that_came_while_a_spread_ran_is_still_to_be_spread() -> None:
    session = after(click(2))
    session = applied(session, click(5), seq=3, after=103, tracks=TRACKS)
    session = applied(session, SpreadDeed(), seq=2, after=104, tracks=TRACKS)
    assert session.spreading() == session.at(5, 1)


# undo, redo, numbers


def test_undo_and_redo_move_the_same_step_from_one_stack_to_the_other() -> None:
    session = after(click(2), click(3), Undo())
    assert (session.head, session.undo_step.seq, session.redo_step.seq) == (103, 1, 2)
    assert (session.redo_step.before, session.redo_step.after) == (101, 102)
    assert after(click(2), click(3), Undo(), Redo()).redo_step is None


def test_a_new_deed_ends_what_could_be_redone() -> None:
    assert after(click(2), Undo(), click(3)).redo_step is None


def test_the_number_of_a_ball_that_was_undone_is_not_given_again() -> None:
    three = (*TRACKS, Track(3, "blue"))
    session = applied(after(), click(2, 3), seq=1, after=101, tracks=three)
    assert session.new_track() == 4
    assert applied(session, Undo(), seq=2, after=102, tracks=TRACKS).new_track() == 4


def test_what_was_asked_for_and_given_up_is_open_no_more() -> None:
    session = replace(after(), unfinished={7: click(2), 8: SpreadDeed()})
    assert dropped(session, 8).unfinished == {7: click(2)}
    assert applied(session, click(2), seq=7, after=101, tracks=TRACKS).unfinished == {
        8: SpreadDeed()
    }


# words and counts


def test_deeds_are_counted_by_kind_and_what_was_undone_is_not() -> None:
    counts = after(
        click(2), click(2), box(3, 2), brush(4), HideDeed(5, 1), SpreadDeed(),
        edit(Change.SWAP, 1, range(6, 8), 2), edit(Change.RELABEL, 1, range(10), label="black"),
        ConfirmDeed(range(10)), click(9), Undo(),
    ).counts()  # fmt: skip
    assert (counts.clicks, counts.boxes, counts.strokes, counts.hides) == (2, 1, 1, 1)
    assert (counts.spreads, counts.edits, counts.confirms) == (1, 2, 1)
    assert (counts.tracks_touched, counts.frames_touched) == (2, 6)


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        (click(120, 5), "click on ball #5, frame 120"),
        (click(120, 5, positive=False), '"not this" for ball #5, frame 120'),
        (box(3), "box around ball #1, frame 3"),
        (brush(3), "brush on ball #1, frame 3"),
        (HideDeed(7, 2, Why.OCCLUDED), "ball #2 occluded, frame 7"),
        (SpreadDeed(), "propagation"),
        (SpreadDeed((2, 4)), "propagation of ball #2, #4"),
        (ConfirmDeed(range(3, 4)), "frame 3 right"),
        (ConfirmDeed(range(3, 9), on=False), "frames 3 to 8 no longer right"),
        (edit(Change.SWAP, 1, range(3, 9), 2), "swap of balls #1 and #2, frames 3 to 8"),
        (edit(Change.SPLIT, 1, range(3, 9), 4), "ball #4 split off ball #1, frames 3 to 8"),
        (edit(Change.MERGE, 1, range(3, 9), 2), "ball #2 merged into ball #1, frames 3 to 8"),
        (edit(Change.DELETE, 1, range(3, 4)), "ball #1 deleted, frame 3"),
        (edit(Change.RELABEL, 1, range(3, 4), label="eight"), "ball #1 is eight"),
        (edit(Change.FILL, 1, range(3, 9)), "gap of ball #1 filled, frames 3 to 8"),
        (Undo(), "undo"),
        (Redo(), "redo"),
    ],
)
def test_a_deed_is_named_in_the_words_of_a_menu(deed, words) -> None:
    assert describe(deed) == words
