"""Spreads: they run beside everything else, can be stopped, and change no confirmed frame that nobody was asked about."""

from collections.abc import Iterator
from typing import Any

import pytest

from annotator_ui.wire import row_from_wire
from db.connect import Database
from engine.ports import State
from engine.stages import Move

from .conftest import SCENE, OpenPage, Page, truth

SIZE = (SCENE.height, SCENE.width)


def _rles(page: Page, head: int, track: int) -> list[Any]:
    rows = [row_from_wire(raw, f, SIZE).by_track() for f, raw in enumerate(page.rows(head))]
    return [row[track].rle if track in row else None for row in rows]


TRUTH = [truth(frame).by_track()[1].rle for frame in range(SCENE.frames)]


@pytest.fixture
def heard(page: Page) -> Iterator[list[tuple[str, Any]]]:
    """Return the events that the clip's tabs get, as they are published."""
    events: list[tuple[str, Any]] = []
    inner = page.app.state.hub.publish

    def publish(clip: str, event: str, data: Any) -> None:
        events.append((event, data))
        inner(clip, event, data)

    page.app.state.hub.publish = publish
    yield events
    page.app.state.hub.publish = inner


def _spread(page: Page, **more: Any) -> dict[str, Any]:
    answer = page.act(kind="spread", **more)
    assert answer.status_code == 202, answer.text
    started: dict[str, Any] = answer.json()
    assert started["running"] is True
    return started


def test_a_click_spreads_until_the_whole_clip_is_right(
    page: Page, heard: list[tuple[str, Any]]
) -> None:
    page.click(25, 1, 46, 20)
    seq = _spread(page)["seq"]
    state = page.settled()
    assert _rles(page, state["head"], 1) == TRUTH
    assert (state["session"]["undo"], state["session"]["pending"]) == ("propagation", {})
    (finished,) = [data for event, data in heard if event == "finished"]
    assert (finished["seq"], finished["stopped"], finished["error"]) == (seq, False, None)
    assert finished["head"] == state["head"]
    drawn_live = [data["rows"] for event, data in heard if event == "drawn"]
    assert drawn_live, "masks appear while it goes on"
    last = [data for event, data in heard if event == "progress"][-1]
    assert (last["seq"], last["total"]) == (seq, SCENE.frames)


def test_only_frames_of_the_range_change(page: Page) -> None:
    before = page.rows(page.get()["head"])
    page.click(25, 1, 46, 20)
    _spread(page, tracks=[1], frames=[23, 28])
    after = page.rows(page.settled()["head"])
    changed = [f for f in range(SCENE.frames) if before[f] != after[f]]
    assert changed == [23, 24, 25, 26, 27]


def test_while_it_runs_the_clip_takes_no_other_change_and_can_be_read(page: Page) -> None:
    page.click(25, 1, 46, 20)
    page.model.gate.clear()
    _spread(page)
    for refused in (page.click(3, 1, 23, 20), page.act(kind="undo"), page.act(kind="spread")):
        assert (refused.status_code, refused.json()["kind"]) == (409, "StageError")
        assert "Esc stops it" in refused.json()["error"]
    assert page.post("/move", move="submit", head=page.get()["head"]).status_code == 409
    assert page.get()["session"]["running"]["total"] in {0, SCENE.frames}
    other = page.another("tab-2")
    other.clip = "two"
    other.take()
    assert other.click(25, 1, 46, 20).status_code == 200, "other clips go on"
    page.model.gate.set()
    assert page.settled()["session"]["undo"] == "propagation"


def test_stopping_keeps_what_is_done_and_leaves_the_rest_to_spread(
    page: Page, database: Database
) -> None:
    page.click(25, 1, 46, 20)
    page.model.gate.clear()
    _spread(page)
    assert page.post("/stop").status_code == 204
    state = page.settled()
    assert state["session"]["pending"] == {"1": [25]}
    action = database.desk.actions.of("one")[-1]
    assert (action.state, action.note) == (State.DONE, "stopped")
    page.model.gate.set()
    _spread(page)
    assert _rles(page, page.settled()["head"], 1) == TRUTH


def test_a_spread_that_fails_says_so_and_can_be_asked_for_again(
    page: Page, database: Database, heard: list[tuple[str, Any]]
) -> None:
    page.click(25, 1, 46, 20)
    page.model.broken = True
    _spread(page)
    state = page.settled()
    assert state["session"]["pending"] == {"1": [25]}
    (finished,) = [data for event, data in heard if event == "finished"]
    assert "died" in finished["error"]
    assert database.desk.actions.of("one")[-1].state is State.FAILED
    page.model.broken = False
    _spread(page)
    assert page.settled()["session"]["pending"] == {}


def test_painted_and_hidden_places_stay_as_a_person_made_them(page: Page) -> None:
    page.act(kind="hide", frame=30, track=1, why="occluded")
    page.click(25, 1, 46, 20)
    _spread(page)
    seen = _rles(page, page.settled()["head"], 1)
    assert seen[30] is None
    assert seen[:30] == TRUTH[:30]
    assert seen[31:] == TRUTH[31:]


def test_undoing_a_spread_leaves_the_click(page: Page) -> None:
    clicked = page.click(25, 1, 46, 20).json()
    _spread(page)
    page.settled()
    undone = page.act(kind="undo").json()
    assert page.rows(undone["head"]) == page.rows(clicked["head"])
    assert undone["session"]["pending"] == {"1": [25]}


@pytest.fixture
def proposed(page: Page) -> dict[str, Any]:
    """Return a proposal: frames 22 to 30 are confirmed, and a spread would change them."""
    page.act(kind="confirm", frames=[22, 30], on=True)
    page.click(35, 1, 56, 20)
    _spread(page)
    found: dict[str, Any] = page.settled()["proposal"]
    return found


def test_confirmed_frames_are_shown_before_they_change(
    page: Page, proposed: dict[str, Any]
) -> None:
    state = page.get()
    assert _rles(page, state["head"], 1)[22:30] != TRUTH[22:30], "nothing is stored yet"
    assert proposed["frames"] == [[22, 30]]
    assert proposed["total_frames"] == 8
    (line,) = proposed["tracks"]
    assert (line["track"], line["frames"]) == (1, 8)
    assert line["pixels_added"] == line["pixels_removed"] > 0
    pair = proposed["rows"]["25"]
    assert row_from_wire(pair["after"], 25, SIZE).by_track()[1].rle == TRUTH[25]
    assert pair["before"] == page.rows(state["head"])[25]


def test_nothing_else_is_done_before_the_answer(page: Page, proposed: dict[str, Any]) -> None:
    refused = page.act(kind="undo")
    assert (refused.status_code, refused.json()["kind"]) == (409, "StageError")
    wrong = page.post("/proposal", seq=proposed["seq"] + 1, answer="all")
    assert (wrong.status_code, wrong.json()["kind"]) == (404, "SelectionError")


def test_the_answer_all_changes_confirmed_frames_too(page: Page, proposed: dict[str, Any]) -> None:
    assert page.post("/proposal", seq=proposed["seq"], answer="all").status_code == 204
    state = page.get()
    assert (state["proposal"], state["session"]["undo"]) == (None, "propagation")
    assert _rles(page, state["head"], 1) == TRUTH


def test_the_answer_unconfirmed_leaves_them_as_they_are(
    page: Page, proposed: dict[str, Any]
) -> None:
    before = page.rows(page.get()["head"])
    page.post("/proposal", seq=proposed["seq"], answer="unconfirmed")
    state = page.get()
    assert page.rows(state["head"])[22:30] == before[22:30]
    seen = _rles(page, state["head"], 1)
    assert seen[:22] + seen[30:] == TRUTH[:22] + TRUTH[30:]


def test_the_answer_none_changes_nothing(
    page: Page, proposed: dict[str, Any], database: Database
) -> None:
    before = page.get()["head"]
    page.post("/proposal", seq=proposed["seq"], answer="none")
    state = page.get()
    assert (state["head"], state["proposal"]) == (before, None)
    assert state["session"]["pending"] == {"1": [35]}
    assert database.desk.actions.of("one")[-1].state is State.DROPPED
    again = page.post("/proposal", seq=proposed["seq"], answer="all")
    assert again.status_code == 404


def test_a_spread_that_leaves_confirmed_frames_alone_asks_nothing(page: Page) -> None:
    page.act(kind="confirm", frames=[0, 10], on=True)
    page.click(25, 1, 46, 20)
    _spread(page)
    state = page.settled()
    assert (state["proposal"], state["session"]["undo"]) == (None, "propagation")


def test_frames_of_a_clip_that_was_accepted_are_confirmed_once_it_is_reopened(page: Page) -> None:
    head = page.get()["head"]
    for move in ("submit", "accept", "reopen"):
        assert page.post("/move", move=move, head=head).status_code == 200
    assert page.get()["session"]["confirmed"] == [[0, SCENE.frames]]
    page.click(35, 1, 56, 20)
    _spread(page)
    assert page.settled()["proposal"]["total_frames"] == 19, "all but the one that was clicked on"


def test_what_others_accepted_and_reopened_elsewhere_is_confirmed_when_the_page_is_loaded(
    page: Page, database: Database
) -> None:
    page.click(25, 1, 46, 20)
    assert page.get()["session"]["confirmed"] == []
    for move in (Move.SUBMIT, Move.ACCEPT, Move.REOPEN):
        database.catalog.move("one", move, actor="eve")
    assert page.get()["session"]["confirmed"] == [[0, SCENE.frames]]


def test_a_proposal_outlives_neither_the_server_nor_is_it_lost(
    open_page: OpenPage,
) -> None:
    with open_page() as page:
        page.take()
        page.act(kind="confirm", frames=[22, 30], on=True)
        page.click(35, 1, 56, 20)
        seq = _spread(page)["seq"]
        assert page.settled()["proposal"]["seq"] == seq
    with open_page() as page:
        page.take()
        state = page.get()
        assert (state["proposal"], state["unfinished"]["seq"]) == (None, seq)
        assert page.post("/unfinished", seq=seq, answer="again").status_code == 204
        assert page.settled()["proposal"]["seq"] == seq
        page.post("/proposal", seq=seq, answer="all")
        assert _rles(page, page.get()["head"], 1) == TRUTH


def test_what_is_given_up_can_be_spread_again(open_page: OpenPage) -> None:
    with open_page() as page:
        page.take()
        page.click(25, 1, 46, 20)
        page.model.gate.clear()
        seq = _spread(page)["seq"]
    with open_page() as page:
        page.take()
        assert page.get()["unfinished"] == {"seq": seq, "what": "propagation"}
        wrong = page.post("/unfinished", seq=seq + 5, answer="drop")
        assert (wrong.status_code, wrong.json()["kind"]) == (404, "SelectionError")
        assert page.post("/unfinished", seq=seq, answer="drop").status_code == 204
        state = page.get()
        assert (state["unfinished"], state["session"]["pending"]) == (None, {"1": [25]})
        _spread(page)
        assert _rles(page, page.settled()["head"], 1) == TRUTH
