"""One action after the other: each is logged before it is done, changes the masks that it says, and can be taken back."""

from dataclasses import replace
from typing import Any

import pytest

from annotator_ui.wire import row_from_wire, row_to_wire
from db.connect import Database
from engine import rle
from engine.ports import State
from engine.stages import Stage
from engine.types import Video

from .conftest import SCENE, OpenPage, Page, drawn, truth

SIZE = (SCENE.height, SCENE.width)


def _row(page: Page, frame: int) -> Any:
    """Return a frame's row of the newest revision."""
    return page.get("/masks", revision=page.get()["head"], start=frame, stop=frame + 1)["frames"][0]


def _box(row: list[Any], track: int) -> list[int] | None:
    return next((one[1:5] for one in row if one[0] == track), None)


def test_a_click_answers_with_the_very_pixels_of_the_ball(page: Page) -> None:
    answer = page.click(25, 1, 46, 20).json()
    assert answer["changed"] == [[25, 26]]
    mask = row_from_wire(answer["rows"]["25"], 25, SIZE).by_track()[1]
    assert mask.rle == truth(25).by_track()[1].rle
    assert answer["session"]["undo"] == "click on ball #1, frame 25"
    assert answer["session"]["pending"] == {"1": [25]}


def test_only_the_frame_and_the_ball_that_were_clicked_change(page: Page) -> None:
    before = page.rows(page.get()["head"])
    after = page.rows(page.click(25, 1, 46, 20).json()["head"])
    assert [frame for frame in range(SCENE.frames) if before[frame] != after[frame]] == [25]
    assert [one for one in before[25] if one[0] == 2] == [one for one in after[25] if one[0] == 2]


def test_clicks_on_one_place_are_drawn_together(page: Page) -> None:
    page.click(25, 1, 46, 20)
    answer = page.act(kind="prompt", frame=25, track=1, point=[100, 80, False])
    assert answer.json()["session"]["prompts"] == [
        {
            "frame": 25,
            "track": 1,
            "points": [[46, 20, True], [100, 80, False]],
            "box": None,
            "painted": False,
        }
    ]


def test_a_new_ball_needs_a_class_and_gets_the_next_number(page: Page) -> None:
    refused = page.click(5, 3, 40, 70)
    assert (refused.status_code, refused.json()["kind"]) == (400, "InputError")
    answer = page.click(5, 3, 40, 70, label="stripe").json()
    assert [ball["label"] for ball in answer["tracks"]] == ["cue", "solid", "stripe"]
    assert answer["session"]["next_track"] == 4
    assert _box(answer["rows"]["5"], 3) == [35, 65, 10, 10]


def test_painted_pixels_are_kept_exactly_for_known_and_for_new_balls(page: Page) -> None:
    painted = truth(3, 3).masks[0].rle
    for track, more in ((1, {}), (3, {"label": "stripe"})):
        mask = rle.to_coco(painted)
        answer = page.act(kind="prompt", frame=3, track=track, mask=mask, **more)
        assert answer.status_code == 200, answer.text
        seen = row_from_wire(answer.json()["rows"]["3"], 3, SIZE)
        assert seen.by_track()[track].rle == painted


def test_a_brush_that_leaves_nothing_and_a_hidden_ball_take_the_mask_off(page: Page) -> None:
    nothing = rle.to_coco(rle.empty(SIZE))
    wiped = page.act(kind="prompt", frame=3, track=1, mask=nothing).json()
    assert _box(wiped["rows"]["3"], 1) is None
    hidden = page.act(kind="hide", frame=3, track=2, why="occluded").json()
    assert hidden["rows"]["3"] == []
    assert {"frame": 3, "track": 2, "why": "occluded"} in hidden["session"]["hidden"]


def test_swapping_two_balls_from_a_frame_on(page: Page) -> None:
    answer = page.act(kind="edit", deed="swap", track=1, other=2, frames=[10, 40]).json()
    assert answer["changed"] == [[10, 40]]
    assert answer["rows"] == {}, "more than a few frames: the page asks for those that it shows"
    now, then = _row(page, 15), row_to_wire(drawn(15))
    assert (_box(now, 1), _box(now, 2)) == (_box(then, 2), _box(then, 1))
    assert _row(page, 9) == row_to_wire(drawn(9))


def test_a_relabelling_changes_no_frame(page: Page) -> None:
    answer = page.act(kind="edit", deed="relabel", track=2, frames=[0, 40], label="eight").json()
    assert (answer["changed"], answer["tracks"][1]["label"]) == ([], "eight")


@pytest.mark.parametrize(
    "action",
    [
        {"kind": "edit", "deed": "delete", "track": 1, "frames": [5, 30]},
        {"kind": "edit", "deed": "split", "track": 1, "other": 3, "frames": [5, 30]},
        {"kind": "edit", "deed": "merge", "track": 1, "other": 2, "frames": [0, 10]},
        {"kind": "edit", "deed": "relabel", "track": 1, "frames": [0, 40], "label": "eight"},
        {"kind": "prompt", "frame": 25, "track": 1, "point": [46, 20, True]},
        {"kind": "prompt", "frame": 2, "track": 3, "box": [34, 64, 46, 76], "label": "stripe"},
        {"kind": "hide", "frame": 0, "track": 1, "why": "absent"},
        {"kind": "confirm", "frames": [3, 9], "on": True},
    ],
    ids=lambda action: " ".join(str(action.get(key, "")) for key in ("kind", "deed")),
)
def test_whatever_is_done_is_taken_back_and_done_again(page: Page, action: dict[str, Any]) -> None:
    start = page.get()
    done = page.act(**action).json()
    after = (page.rows(done["head"]), done["tracks"], done["session"]["confirmed"])
    undone = page.act(kind="undo").json()
    assert page.rows(undone["head"]) == page.rows(start["head"])
    assert (undone["tracks"], undone["session"]["prompts"]) == (start["tracks"], [])
    assert (undone["session"]["undo"], undone["session"]["confirmed"]) == (None, [])
    redone = page.act(kind="redo").json()
    assert (page.rows(redone["head"]), redone["tracks"], redone["session"]["confirmed"]) == after
    assert redone["session"]["redo"] is None


def test_a_clip_that_was_never_drawn_can_be_begun_by_hand_and_emptied_again(
    open_page: OpenPage, database: Database
) -> None:
    with open_page() as page:
        _add_bare_clip(database)
        page.clip = "bare"
        page.take()
        assert page.get()["head"] is None
        made = page.click(5, 1, 40, 70, label="stripe").json()
        assert _box(made["rows"]["5"], 1) == [35, 65, 10, 10]
        undone = page.act(kind="undo").json()
        assert (undone["tracks"], _row(page, 5)) == ([], [])
        assert _box(page.act(kind="redo").json()["rows"]["5"], 1) == [35, 65, 10, 10]


def _add_bare_clip(database: Database) -> None:
    clip = replace(SCENE.clip, id="bare", video="1" * 64)
    video = Video("1" * 64, "b.mp4", "", clip.width, clip.height, clip.rate, clip.frames)
    database.catalog.add_video(video, [clip])


def test_the_first_change_takes_the_clip_into_correction(page: Page) -> None:
    assert page.get()["clip"]["stage"] == Stage.PREANNOTATED
    assert page.click(25, 1, 46, 20).json()["stage"] == Stage.IN_CORRECTION
    assert page.get()["clip"]["stage"] == Stage.IN_CORRECTION


def test_each_action_is_in_the_log_with_what_became_of_it(page: Page, database: Database) -> None:
    page.click(25, 1, 46, 20)
    page.act(kind="confirm", frames=[0, 5], on=True)
    page.act(kind="undo")
    log = database.desk.actions.of("one")
    assert [action.body["kind"] for action in log] == ["prompt", "confirm", "undo"]
    assert {action.state for action in log} == {State.DONE}
    assert [(a.before, a.after) for a in log] == [(1, 4), (4, 4), (4, 4)]
    assert {action.author for action in log} == {"ada"}


def test_a_revision_says_which_action_made_it_and_with_which_model(
    page: Page, database: Database
) -> None:
    answer = page.click(25, 1, 46, 20).json()
    said = database.revisions.revision(answer["head"]).provenance
    assert (said["action"], said["segmenter"]) == (str(answer["seq"]), "colours")


@pytest.mark.parametrize(
    "action",
    [
        {"kind": "undo"},
        {"kind": "redo"},
        {"kind": "spread"},
        {"kind": "prompt", "frame": 40, "track": 1, "point": [1, 1, True]},
        {"kind": "prompt", "frame": 1, "track": 1, "point": [161, 1, True]},
        {"kind": "prompt", "frame": 1, "track": 1, "point": [-1, 1, True]},
        {"kind": "prompt", "frame": 1, "track": 1},
        {"kind": "prompt", "frame": 1, "track": 1, "mask": {"size": [2, 2], "counts": "13"}},
        {"kind": "hide", "frame": 1, "track": 9, "why": "absent"},
        {"kind": "edit", "deed": "swap", "track": 1, "other": 9, "frames": [0, 40]},
        {"kind": "edit", "deed": "swap", "track": 1, "other": 1, "frames": [0, 40]},
        {"kind": "edit", "deed": "delete", "track": 1, "frames": [0, 41]},
        {"kind": "edit", "deed": "delete", "track": 1, "frames": [9, 9]},
        {"kind": "confirm", "frames": [0, 41], "on": True},
    ],
    ids=lambda action: " ".join(str(value) for value in action.values())[:50],
)
def test_what_makes_no_sense_is_refused_and_not_logged(
    page: Page, database: Database, action: dict[str, Any]
) -> None:
    refused = page.act(**action)
    assert (refused.status_code, refused.json()["kind"]) == (400, "InputError"), refused.text
    assert database.desk.actions.of("one") == ()


def test_an_action_on_what_is_no_more_shown_is_refused_and_the_next_one_works(page: Page) -> None:
    page.click(25, 1, 46, 20)
    stale = page.act(kind="hide", frame=3, track=1, why="absent", head=1)
    assert (stale.status_code, stale.json()["kind"]) == (409, "StaleParent")
    assert page.act(kind="hide", frame=3, track=1, why="absent").status_code == 200


def test_what_the_model_cannot_draw_is_said_logged_and_not_done(
    page: Page, database: Database
) -> None:
    page.model.broken = True
    answer = page.click(25, 1, 46, 20)
    assert (answer.status_code, answer.json()["kind"]) == (503, "ModelError")
    (action,) = database.desk.actions.of("one")
    assert (action.state, action.note) == (State.FAILED, answer.json()["error"])
    page.model.broken = False
    assert page.get()["session"]["undo"] is None
    assert page.click(25, 1, 46, 20).status_code == 200


def test_the_log_is_written_before_the_model_is_asked(page: Page, database: Database) -> None:
    seen: list[State] = []
    inner = page.model.draw

    def spied(*given: Any, **more: Any) -> Any:
        seen.extend(action.state for action in database.desk.actions.of("one"))
        return inner(*given, **more)

    page.model.draw = spied
    page.click(25, 1, 46, 20)
    assert seen == [State.ASKED]


def test_submitted_clips_take_no_changes(page: Page, database: Database) -> None:
    page.click(25, 1, 46, 20)
    head = page.get()["head"]
    assert page.post("/move", move="submit", head=head).json() == {"stage": "submitted"}
    for action in ({"kind": "undo"}, {"kind": "confirm", "frames": [0, 1], "on": True}):
        refused = page.act(**action)
        assert (refused.status_code, refused.json()["kind"]) == (409, "StageError")
    assert len(database.desk.actions.of("one")) == 1


def test_a_submission_says_in_the_clips_history_what_was_changed(
    page: Page, database: Database
) -> None:
    page.click(25, 1, 46, 20)
    page.act(kind="hide", frame=3, track=1, why="absent")
    page.post("/move", move="submit", head=page.get()["head"])
    said = database.catalog.events("one")[-1].note
    assert said == "clicks: 1, hides: 1, tracks touched: 1, frames touched: 2"


def test_counts_say_what_stands(page: Page) -> None:
    page.click(25, 1, 46, 20)
    page.act(kind="hide", frame=3, track=1, why="absent")
    page.act(kind="prompt", frame=25, track=1, box=[40, 15, 50, 25])
    counts = page.act(kind="undo").json()["session"]["counts"]
    assert (counts["clicks"], counts["hides"], counts["boxes"]) == (1, 1, 0)
    assert counts["frames_touched"] == 2


def test_other_tabs_get_the_same_numbers(page: Page) -> None:
    answer = page.click(25, 1, 46, 20).json()
    other = page.another("tab-2").get()
    assert (other["head"], other["session"]) == (answer["head"], answer["session"])
    assert other["claim"] == {**page.get()["claim"], "held": False}
