"""Whatever is done to a clip in whatever order, with the server ended in between: the masks are those of what stands.

The model of it is a list of tables of masks, one for each action that stands; the real thing is the server on its database.
"""

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.connect import Database
from engine.config import Settings

from .conftest import Page, opener

_frames = st.integers(0, 39)
_runs = st.tuples(_frames, _frames).map(lambda two: [min(two), max(two) + 1])
_tracks = st.integers(1, 2)
DEEDS = st.one_of(
    st.builds(
        lambda f: {"kind": "prompt", "frame": f, "track": 1, "point": [20.5 + f, 20, True]}, _frames
    ),
    st.builds(
        lambda f, t: {"kind": "hide", "frame": f, "track": t, "why": "absent"}, _frames, _tracks
    ),
    st.builds(
        lambda r: {"kind": "edit", "deed": "swap", "track": 1, "other": 2, "frames": r}, _runs
    ),
    st.builds(
        lambda r, t: {"kind": "edit", "deed": "delete", "track": t, "frames": r}, _runs, _tracks
    ),
    st.builds(lambda r: {"kind": "confirm", "frames": r, "on": True}, _runs),
    st.just({"kind": "spread"}),
    st.just({"kind": "undo"}),
    st.just({"kind": "undo"}),
    st.just({"kind": "redo"}),
    st.just({"kind": "restart"}),
)


class Contents:
    """What the masks must be: a stack of tables, as undo and redo move through it."""

    def __init__(self, start: list[Any]) -> None:
        self.past, self.future = [start], list[list[Any]]()

    def take(self, kind: str, rows: list[Any]) -> None:
        if kind == "undo":
            self.future.append(self.past.pop())
        elif kind == "redo":
            self.past.append(self.future.pop())
        else:
            self.past.append(rows)
            self.future.clear()

    @property
    def now(self) -> list[Any]:
        return self.past[-1]


def _done(page: Page, deed: dict[str, Any]) -> bool:
    """Do a deed; return whether it made sense. A proposal is answered by yes."""
    answer = page.act(**deed)
    assert answer.status_code in {200, 202, 400}, answer.text
    state = page.settled()
    if state["proposal"]:
        assert page.post("/proposal", seq=state["proposal"]["seq"], answer="all").status_code == 204
    return answer.status_code != 400


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(DEEDS, min_size=3, max_size=14))
def test_undo_and_redo_give_the_very_masks_of_what_stands(
    workspace: Path, tmp_path_factory: pytest.TempPathFactory, deeds: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("story") / "workspace"
    shutil.copytree(workspace, folder)
    start_page = opener(Settings(workspace=folder))
    contents: Contents | None = None
    for part in _between_restarts(deeds):
        with start_page() as page:
            page.take()
            state = page.get()
            contents = contents or Contents(page.rows(state["head"]))
            assert page.rows(state["head"]) == contents.now
            for deed in part:
                if _done(page, deed):
                    contents.take(deed["kind"], page.rows(page.get()["head"]))
                assert page.rows(page.get()["head"]) == contents.now
            _agree(page, contents)
            _undone(page, contents)
    with Database(Settings(workspace=folder).database) as database:
        states = {one.state.value for one in database.desk.actions.of("one")}
        assert states <= {"done", "failed"}


def _between_restarts(deeds: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    parts: list[list[dict[str, Any]]] = [[]]
    for deed in deeds:
        if deed["kind"] == "restart":
            parts.append([])
        else:
            parts[-1].append(deed)
    return parts


def _agree(page: Page, contents: Contents) -> None:
    """Hold what can be undone and redone to the stacks."""
    session = page.get()["session"]
    assert (session["undo"] is None) == (len(contents.past) == 1)
    assert (session["redo"] is None) == (not contents.future)


def _undone(page: Page, contents: Contents) -> None:
    """Take everything back, and do it again."""
    steps = len(contents.past) - 1
    for kind, count in (("undo", steps), ("redo", steps)):
        for _ in range(count):
            assert page.act(kind=kind).status_code == 200
            contents.take(kind, [])
            assert page.rows(page.get()["head"]) == contents.now
