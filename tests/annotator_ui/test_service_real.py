"""The whole server with the bundled weights, its real model process and the clip that ships with the engine."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

import engine
from annotator_ui.server import drawing
from annotator_ui.wire import row_from_wire
from db.connect import Database
from engine import rle
from engine.cli import actions
from engine.config import Settings
from engine.datasets import read_dataset
from engine.evaluation.clicking import click_into
from engine.masklets import without
from engine.types import FrameMasks, Kind, Revision, Track

from .conftest import Page, opener

ASSETS = Path(engine.__file__).parent / "assets"
LOST = range(50, 62)
BALL = 4
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def truth() -> tuple[FrameMasks, ...]:
    """Return the exact masks of the clip."""
    return tuple(next(one for one in read_dataset(ASSETS) if one.clip.id == "demo").frames())


@pytest.fixture
def page(tmp_path: Path, truth: tuple[FrameMasks, ...]) -> Iterator[Page]:
    """Return a server on the clip, in which a ball is lost on some frames."""
    settings = Settings(workspace=tmp_path / "workspace", threads=2)
    actions.init(settings)
    actions.ingest(settings, [ASSETS / "demo.mp4"], split="train")
    with Database(settings.database) as database:
        (status,) = database.catalog.clips()
        tracks = tuple(Track(mask.track, "solid") for mask in truth[0].masks)
        rows = [without(row, (BALL,)) if row.frame in LOST else row for row in truth]
        database.revisions.append(Revision(status.clip.id, None, Kind.AUTO, "x", tracks), rows)
    with opener(settings)(model=drawing) as opened:
        opened.clip = status.clip.id
        opened.take()
        yield opened


def _overlap(page: Page, truth: tuple[FrameMasks, ...], frame: int) -> float:
    """Return how well the ball's mask of a frame agrees with the truth, 0..1."""
    state = page.get()
    raw = page.get("/masks", revision=state["head"], start=frame, stop=frame + 1)["frames"][0]
    size = (state["clip"]["height"], state["clip"]["width"])
    found = row_from_wire(raw, frame, size).by_track().get(BALL)
    right = truth[frame].by_track()[BALL].rle
    return 0.0 if found is None else rle.iou(found.rle, right)


def _click(page: Page, truth: tuple[FrameMasks, ...], frame: int) -> None:
    point = click_into(truth[frame].by_track()[BALL].rle)
    answer = page.click(frame, BALL, point.x, point.y)
    assert answer.status_code == 200, answer.text


def test_one_click_and_one_spread_bring_a_lost_ball_back(
    page: Page, truth: tuple[FrameMasks, ...]
) -> None:
    assert _overlap(page, truth, 55) == 0
    _click(page, truth, 55)
    assert _overlap(page, truth, 55) > 0.7
    assert _overlap(page, truth, 56) == 0, "until it spreads"
    assert page.act(kind="spread").status_code == 202
    assert page.settled()["session"]["pending"] == {}
    assert min(_overlap(page, truth, frame) for frame in LOST) > 0.7


def test_a_model_that_is_killed_while_it_spreads_is_back_for_the_next_click(
    page: Page, truth: tuple[FrameMasks, ...]
) -> None:
    _click(page, truth, 55)
    assert page.act(kind="spread").status_code == 202
    (pid,) = page.app.state.service.parts.drawer.pids
    os.kill(pid, signal.SIGKILL)
    state = page.settled()
    assert state["session"]["pending"] in ({str(BALL): [55]}, {}), "lost, or done just before"
    _click(page, truth, 58)
    assert _overlap(page, truth, 58) > 0.7


def test_pictures_come_from_the_recording_itself(page: Page) -> None:
    answer = page.ask("GET", f"/clips/{page.clip}/frames/55.jpg")
    assert (answer.status_code, answer.content[:2]) == (200, b"\xff\xd8")
