"""The server can vanish at any moment: nothing that was asked for is missing afterwards, and nothing is done twice."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from db.connect import Database
from engine.config import Settings
from engine.errors import StoreError
from engine.ports import State
from engine.propagate_edits import Deed, Edit
from engine.types import Kind, Revision
from engine.workflows.correct import Desk, edit_clip

from .conftest import SCENE, TRACKS, OpenPage, Page

SWAP = {"kind": "edit", "deed": "swap", "track": 1, "other": 2, "frames": [0, 40]}
CLICK = {"kind": "prompt", "frame": 25, "track": 1, "point": [46, 20, True]}


def _asked(database: Database, body: dict[str, Any], *, before: int | None = 1) -> int:
    """Store an action as if the server had been killed before it was done."""
    database.desk.claims.claim("one", user="ada", tab="tab-1")
    return database.desk.actions.put("one", "ada", body, before=before, tab="tab-1").seq


def _state(database: Database, seq: int) -> State:
    return next(one.state for one in database.desk.actions.of("one") if one.seq == seq)


def test_undo_and_redo_go_on_where_they_were_after_a_restart(open_page: OpenPage) -> None:
    with open_page() as page:
        page.take()
        start = page.rows(page.get()["head"])
        clicked = page.rows(page.act(**CLICK).json()["head"])
        hidden = page.rows(page.act(kind="hide", frame=3, track=1, why="absent").json()["head"])
        page.act(kind="undo")
    for action, rows in (("undo", start), ("redo", clicked), ("redo", hidden), ("undo", clicked)):
        with open_page() as page:
            page.take()
            assert page.rows(page.act(kind=action).json()["head"]) == rows


def test_what_a_page_shows_is_the_same_after_a_restart(open_page: OpenPage) -> None:
    with open_page() as page:
        page.take()
        page.act(**CLICK)
        page.act(kind="confirm", frames=[3, 9], on=True)
        page.act(**SWAP)
        page.act(kind="undo")
        before = page.get()
    with open_page() as page:
        after = page.get()
    assert after == before


@pytest.mark.parametrize(
    "action", [CLICK, SWAP, {"kind": "hide", "frame": 3, "track": 1, "why": "absent"}]
)
def test_what_was_asked_for_and_not_done_is_done_on_opening(
    open_page: OpenPage, database: Database, action: dict[str, Any]
) -> None:
    with open_page() as page:
        page.take()
        expected = page.rows(page.act(**action).json()["head"])
        page.act(kind="undo")
        head = page.get()["head"]
    seq = _asked(database, action, before=head)
    with open_page() as page:
        state = page.get()
        assert page.rows(state["head"]) == expected
        assert _state(database, seq) is State.DONE
        assert page.get() == state, "and only once"


def test_an_undo_that_was_cut_short_is_finished(open_page: OpenPage, database: Database) -> None:
    with open_page() as page:
        page.take()
        start = page.rows(page.get()["head"])
        head = page.act(**CLICK).json()["head"]
    _asked(database, {"kind": "undo"}, before=head)
    with open_page() as page:
        state = page.get()
        assert page.rows(state["head"]) == start
        assert (state["session"]["undo"], state["session"]["pending"]) == (None, {})


def test_what_was_stored_and_not_said_to_be_done_is_not_done_twice(
    open_page: OpenPage, database: Database
) -> None:
    seq = _asked(database, SWAP)
    desk = Desk(database.catalog, database.revisions, "ada")
    edit = Edit(Deed.SWAP, 1, range(40), 2)
    made = edit_clip(desk, "one", edit, parent=1, names={"action": str(seq)})
    assert made is not None
    with open_page() as page:
        state = page.get()
        assert state["head"] == made.id, "swapped again, the balls would be back where they were"
        assert _state(database, seq) is State.DONE
        assert state["session"]["undo"] is not None


def test_a_database_that_fails_after_the_masks_were_stored_loses_nothing(
    page: Page, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions = page.app.state.service.parts.desk.actions
    with monkeypatch.context() as patched:
        patched.setattr(type(actions), "settle", _refused)
        refused = page.act(**SWAP)
        assert (refused.status_code, refused.json()["kind"]) == (503, "StoreError")
    state = page.get()
    assert state["session"]["undo"] is not None
    assert page.rows(state["head"])[0] != page.rows(1)[0]
    assert {one.state for one in database.desk.actions.of("one")} == {State.DONE}


def _refused(*_: Any, **__: Any) -> None:
    raise StoreError("the database does not answer")


def test_what_was_asked_for_on_older_masks_is_given_up_with_a_reason(
    open_page: OpenPage, database: Database
) -> None:
    seq = _asked(database, SWAP)
    database.revisions.append(Revision("one", 1, Kind.AUTO, "model", TRACKS), [])
    with open_page() as page:
        state = page.get()
        assert (state["session"]["undo"], state["unfinished"]) == (None, None)
    (action,) = database.desk.actions.of("one")
    assert (action.seq, action.state) == (seq, State.FAILED)
    assert "not the newest" in action.note


@pytest.mark.parametrize("body", [{"kind": "dance"}, {**CLICK, "frame": 99}, {"kind": "redo"}])
def test_an_action_that_nobody_can_do_does_not_keep_the_clip_closed(
    open_page: OpenPage, database: Database, body: dict[str, Any]
) -> None:
    seq = _asked(database, body)
    with open_page() as page:
        page.take()
        assert page.act(**CLICK).status_code == 200
    assert _state(database, seq) is State.FAILED


def test_masks_that_came_from_elsewhere_are_shown_at_once_and_what_was_before_stays(
    page: Page, database: Database
) -> None:
    head = page.act(**CLICK).json()["head"]
    new = Revision("one", head, Kind.AUTO, "model", TRACKS)
    stored = database.revisions.append(new, [])
    stale = page.act(**SWAP, head=head)
    assert (stale.status_code, stale.json()["kind"]) == (409, "StaleParent")
    state = page.get()
    assert (state["head"], state["session"]["undo"]) == (stored.id, None)


@dataclass
class Served:
    """A real server in a process of its own."""

    process: subprocess.Popen[str]
    http: httpx.Client

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.http.post(f"/api/clips/one{path}", json={"tab": "tab-1", **body})

    def state(self) -> Any:
        return self.http.get("/api/clips/one", params={"tab": "tab-1"}).json()


@contextmanager
def _served(settings: Settings, *, slow: str = "") -> Iterator[Served]:
    """Start a server; ``slow`` names what never ends in it."""
    script = Path(__file__).with_name("serving_script.py")
    process = subprocess.Popen(
        [sys.executable, str(script), str(settings.workspace), slow],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        with httpx.Client(base_url=address, timeout=20) as http:
            _wait_for(lambda: _answers(http))
            http.headers["X-CSRF-Token"] = http.get("/api/me").json()["csrf"]
            yield Served(process, http)
    finally:
        process.kill()
        process.wait()


def _answers(http: httpx.Client) -> bool:
    try:
        return http.get("/api/me").status_code == 200
    except httpx.TransportError:
        return False


def _wait_for(done: Any) -> None:
    for _ in range(400):
        if done():
            return
        time.sleep(0.05)
    raise AssertionError("it never came to that")


@pytest.mark.slow
def test_a_server_killed_while_the_model_draws_does_the_click_when_it_is_back(
    settings: Settings, database: Database
) -> None:
    with _served(settings, slow="draw") as server:
        server.post("/claim")
        with pytest.raises(httpx.TransportError), _killed_once(server, database):
            server.post("/actions", head=1, action=CLICK)
    assert [one.state for one in database.desk.actions.of("one")] == [State.ASKED]
    with _served(settings) as server:
        state = server.state()
        assert state["session"]["undo"] == "click on ball #1, frame 25"
        assert [one.state for one in database.desk.actions.of("one")] == [State.DONE]


@contextmanager
def _killed_once(server: Served, database: Database) -> Iterator[None]:
    """Kill the server as soon as the log holds an action."""

    def kill() -> None:
        _wait_for(lambda: database.desk.actions.of("one"))
        server.process.send_signal(signal.SIGKILL)

    thread = Thread(target=kill)
    thread.start()
    try:
        yield
    finally:
        thread.join()


@pytest.mark.slow
def test_a_server_killed_while_it_spreads_offers_to_go_on(
    settings: Settings, database: Database
) -> None:
    with _served(settings, slow="spread") as server:
        server.post("/claim")
        head = server.post("/actions", head=1, action=CLICK).json()["head"]
        started = server.post("/actions", head=head, action={"kind": "spread"})
        assert started.status_code == 202
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
    with _served(settings) as server:
        server.post("/claim")
        state = server.state()
        seq = started.json()["seq"]
        assert (state["head"], state["unfinished"]["seq"]) == (head, seq)
        assert server.post("/unfinished", seq=seq, answer="again").status_code == 204
        _wait_for(lambda: server.state()["session"]["running"] is None)
        assert server.state()["session"]["pending"] == {}
    head = database.catalog.clip("one").head
    assert head is not None
    seen = [row.by_track()[1].rle for row in database.revisions.frames(head)]
    assert seen == [SCENE.truth(frame).by_track()[1].rle for frame in range(SCENE.frames)]


@pytest.mark.slow
def test_tabs_of_a_real_server_hear_of_a_click_and_are_let_go_when_it_ends(
    settings: Settings,
) -> None:
    with _served(settings) as server:
        server.post("/claim")
        events: list[str] = []
        with server.http.stream("GET", "/api/clips/one/events", params={"tab": "b"}) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = stream.iter_lines()
            for line in lines:
                events += [line] if line.startswith("event:") else []
                if events == ["event: model"]:
                    server.post("/actions", head=1, action=CLICK)
                    events.append("clicked")
                if events[-1:] == ["event: state"]:
                    break
            assert events == ["event: model", "clicked", "event: state"]
            server.process.send_signal(signal.SIGTERM)
            assert not any(line.startswith("event:") for line in lines), "the stream ends"
        _, said = server.process.communicate(timeout=20)
        assert "Traceback" not in said
