"""The stored log made into a session: what failed, what ran long, what came from elsewhere, what was accepted in between."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from annotator_ui.session import STOPPED, replay
from annotator_ui.session_replay import in_order
from engine.ports.desk import Action, State
from engine.types import Clip, Track

CLIP = Clip("clip", "video", "media", 0, 10, 40, 20, Fraction(30))
TRACKS = (Track(1, "cue"), Track(2, "red"))
START = datetime(2026, 1, 1, tzinfo=UTC)
SPREAD = {"kind": "spread"}
UNDO = {"kind": "undo"}
CONFIRM = {"kind": "confirm", "frames": [0, 2], "on": True}


def click(frame: int, track: int = 1) -> dict:
    return {"kind": "prompt", "frame": frame, "track": track, "point": [5, 5, True]}


def act(seq: int, body: dict, before: int | None, after: int | None, **more) -> Action:
    at = START + timedelta(seconds=seq)
    return Action(
        seq, CLIP.id, "ann", body, before, at, more.pop("state", State.DONE), after, **more
    )


def again(*actions: Action, head: int | None, **more):
    return replay(CLIP, actions, head=head, tracks=TRACKS, **more)


def spoken(session) -> list[tuple[int, int]]:
    return [(prompt.frame, prompt.track) for prompt in session.in_force()]


def test_a_log_of_nothing_is_a_session_at_the_head() -> None:
    session = again(head=4, confirmed=(range(2),))
    assert (session.head, session.base, session.done, session.undo_step) == (4, 4, (), None)
    assert session.confirmed() == (range(2),)
    assert session.new_track() == 3


def test_the_first_click_on_a_clip_without_masks_is_the_first_step() -> None:
    session = again(act(1, click(2), None, 5), head=5)
    assert (session.base, session.undo_step.before, session.head) == (None, None, 5)


def test_steps_come_back_with_the_revisions_that_undo_needs() -> None:
    session = again(
        act(1, click(2), 10, 11), act(2, click(3), 11, 12), act(3, UNDO, 12, 13), head=13
    )
    assert (session.undo_step.before, session.undo_step.after) == (10, 11)
    assert (session.redo_step.before, session.redo_step.after) == (11, 12)
    assert spoken(session) == [(2, 1)]


def test_what_failed_or_was_given_up_is_no_part_of_it() -> None:
    session = again(
        act(1, click(2), 10, 11),
        act(2, click(3), 11, None, state=State.FAILED),
        act(3, SPREAD, 11, None, state=State.DROPPED),
        head=11,
    )
    assert spoken(session) == [(2, 1)]
    assert len(session.done) == 1
    assert session.pending()


def test_what_was_asked_for_and_not_done_is_told() -> None:
    session = again(
        act(1, click(2), 10, 11),
        act(2, SPREAD, 11, None, state=State.ASKED),
        act(3, {"kind": "from the future"}, 11, None, state=State.ASKED),
        head=11,
    )
    assert list(session.unfinished) == [2]


def test_a_spread_that_was_stopped_is_known_by_its_note() -> None:
    log = [act(1, click(2), 10, 11), act(2, SPREAD, 11, 12, note=STOPPED)]
    assert again(*log, head=12).pending()
    assert not again(log[0], replace(log[1], note=""), head=12).pending()


def test_masks_that_came_from_elsewhere_end_what_can_be_undone_and_what_was_said() -> None:
    imported_between = again(act(1, click(2, 7), 10, 11), act(2, click(3), 12, 13), head=13)
    assert spoken(imported_between) == [(3, 1)]
    assert (imported_between.base, len(imported_between.done)) == (12, 1)
    imported_last = again(act(1, click(2), 10, 11), act(2, UNDO, 11, 12), head=14)
    assert (imported_last.done, imported_last.undone) == ((), ())
    assert (imported_last.in_force(), imported_last.head) == ((), 14)
    assert imported_between.new_track() == 8


def test_an_action_that_nobody_can_read_any_more_ends_what_can_be_undone() -> None:
    session = again(
        act(1, click(2), 10, 11), act(2, {"kind": "old"}, 11, 12), act(3, click(3), 12, 13), head=13
    )
    assert (spoken(session), session.base) == ([(3, 1)], 12)


def test_a_spread_that_was_done_after_later_clicks_comes_after_them() -> None:
    log = [act(1, click(2), 10, 11), act(2, SPREAD, 11, 13), act(3, click(5), 11, 12)]
    assert [action.seq for action in in_order(log)] == [1, 3, 2]
    session = again(*log, head=13)
    assert [(step.seq, step.before, step.after) for step in session.done] == [
        (1, 10, 11),
        (3, 11, 12),
        (2, 12, 13),
    ]
    assert [prompt.frame for prompt in session.spreading()] == [5]


def test_a_spread_that_changed_nothing_is_not_taken_for_what_made_a_revision() -> None:
    log = [act(1, click(2), 10, 11), act(2, SPREAD, 11, 12), act(3, click(5), 11, 12)]
    session = again(*log, head=12)
    assert [(step.seq, step.before, step.after) for step in session.done] == [
        (1, 10, 11),
        (3, 11, 12),
        (2, 12, 12),
    ]


def test_steps_that_changed_no_mask_keep_the_order_in_which_they_were_asked_for() -> None:
    log = [act(1, click(2), 10, 11), act(2, CONFIRM, 11, 11), act(3, SPREAD, 11, 11)]
    assert [step.seq for step in again(*log, head=11).done] == [1, 2, 3]


def test_after_an_acceptance_what_was_said_before_counts_and_cannot_be_undone() -> None:
    log = [act(1, click(2), 10, 11), act(2, SPREAD, 11, 12), act(10, click(5), 12, 13)]
    sealed = START + timedelta(seconds=5)
    session = again(*log, head=13, confirmed=(range(10),), sealed=sealed)
    assert [step.seq for step in session.done] == [10]
    assert (session.base, spoken(session)) == (12, [(2, 1), (5, 1)])
    assert session.confirmed() == (range(10),)


def test_what_was_no_longer_right_before_an_acceptance_is_right_after_it() -> None:
    off = {**CONFIRM, "on": False}
    log = [act(1, CONFIRM, 10, 10), act(2, off, 10, 10)]
    sealed = START + timedelta(seconds=5)
    assert again(*log, head=10, confirmed=(range(10),), sealed=sealed).confirmed() == (range(10),)
    later = [*log, act(9, off, 10, 10)]
    assert again(*later, head=10, confirmed=(range(10),), sealed=sealed).confirmed() == (
        range(2, 10),
    )


def test_an_acceptance_of_what_nobody_touched_seals_nothing() -> None:
    session = again(head=10, confirmed=(range(10),), sealed=START)
    assert (session.confirmed(), session.base) == ((range(10),), 10)


def test_masks_from_elsewhere_leave_accepted_frames_confirmed() -> None:
    session = again(act(1, click(2), 10, 11), head=20, confirmed=(range(4),))
    assert session.confirmed() == (range(4),)
