"""What is told of a spread: not more often than a page can show, with held places as they are; and a proposal of any length."""

from typing import Any

from annotator_ui.service_parts import Running
from annotator_ui.service_spread import PAUSE, SHOWN, Ticker, proposal
from annotator_ui.session import SpreadDeed
from annotator_ui.wire import row_to_wire
from engine.masklets import complete
from engine.ports import Action
from engine.propagate import Correction
from engine.types import FrameMasks
from engine.workflows.correct import Asked

from .conftest import SCENE, Page, clip_named, drawn, truth

HELD = frozenset({(21, 1), (22, 0)})


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _ticker(page: Page, clock: Clock) -> tuple[Ticker, list[tuple[str, Any]]]:
    heard: list[tuple[str, Any]] = []
    parts = page.app.state.service.parts
    parts.hub.publish = lambda _clip, event, data: heard.append((event, data))
    asked = Asked("one", 1, (), held=HELD)
    action = Action(7, "one", "ada", {}, 1, at=None)
    running = Running(action, SpreadDeed(), asked)
    return Ticker(clip_named("one"), running, parts, now=clock), heard


def test_frames_are_told_together_once_a_pause_is_over(page: Page) -> None:
    clock = Clock()
    ticker, heard = _ticker(page, clock)
    for done, frame in enumerate(range(25, 35), start=1):
        clock.now += PAUSE * 0.26
        ticker(truth(frame, 1), done, 40)
    drawn_live = [sorted(map(int, data["rows"])) for event, data in heard if event == "drawn"]
    assert drawn_live == [[25, 26, 27, 28], [29, 30, 31, 32]]
    ticker.flush()
    assert sorted(heard[-2][1]["rows"]) == ["33", "34"]


def test_what_is_left_is_reckoned_from_what_was_done(page: Page) -> None:
    clock = Clock()
    ticker, heard = _ticker(page, clock)
    clock.now = 2.0
    ticker(truth(25, 1), 5, 40)
    assert heard[-1][1]["seconds_left"] is None, "one look says nothing about the pace"
    clock.now = 3.0
    ticker(truth(25, 1), 10, 40)
    progress = {"seq": 7, "done": 10, "total": 40, "seconds_left": 6.0}
    assert heard[-1] == ("progress", progress)


def test_a_slow_beginning_promises_no_long_wait_once_it_is_over(page: Page) -> None:
    clock = Clock()
    ticker, heard = _ticker(page, clock)
    clock.now = 5.0  # pictures were read
    ticker(truth(25, 1), 1, 101)
    for done in range(2, 22):
        clock.now += PAUSE
        ticker(truth(25, 1), done, 101)
    left = [data["seconds_left"] for event, data in heard if event == "progress"]
    assert left[0] is None
    assert max(each for each in left if each is not None) <= 100 * PAUSE
    assert abs(left[-1] - 80 * PAUSE) < 1


def test_a_pause_makes_what_is_left_longer_and_not_endless(page: Page) -> None:
    clock = Clock()
    ticker, heard = _ticker(page, clock)
    for now, done in ((1.0, 5), (2.0, 10), (9.0, 10), (9.5, 10)):
        clock.now = now
        ticker(truth(25, 1), done, 20)
    _, *left = [data["seconds_left"] for event, data in heard if event == "progress"]
    assert left == sorted(left)
    assert left[-1] < 100


def test_what_is_shown_is_the_whole_frame_and_held_places_as_they_are(page: Page) -> None:
    ticker, heard = _ticker(page, Clock())
    for frame in (21, 22, 23):
        ticker(truth(frame, 1), 1, 40)
    ticker.flush()
    (rows,) = [data["rows"] for event, data in heard if event == "drawn"]
    assert rows["21"] == rows_of_parent(21)
    assert rows["22"] == rows_of_parent(22)
    assert rows["23"] == [row_to_wire(truth(23))[0], rows_of_parent(23)[1]]


def rows_of_parent(frame: int) -> Any:
    return row_to_wire(drawn(frame))


def test_nothing_is_told_of_frames_that_were_not_drawn(page: Page) -> None:
    ticker, heard = _ticker(page, Clock())
    ticker.flush()
    assert [event for event, _ in heard] == ["progress"]


def test_of_a_long_proposal_some_frames_are_shown_evenly_and_all_are_counted() -> None:
    frames = tuple(range(39))
    masks = {frame: {2: None} for frame in frames}
    found = proposal(9, Correction(masks, 1), frames, _parent)
    assert (found["seq"], found["total_frames"], found["frames"]) == (9, 39, [[0, 39]])
    shown = [int(frame) for frame in found["rows"]]
    assert len(shown) <= SHOWN
    assert shown == list(range(0, 39, 4))
    area = 39 * 80
    assert found["tracks"][0]["track"] == 2
    assert abs(found["tracks"][0]["pixels_removed"] - area) < area / 10
    assert found["tracks"][0]["pixels_added"] == 0
    assert found["rows"]["4"] == {
        "before": row_to_wire(truth(4)),
        "after": row_to_wire(truth(4, 1)),
    }


def _parent(start: int, stop: int) -> list[FrameMasks]:
    rows = (truth(frame) for frame in range(SCENE.frames))
    return list(complete(rows, start=start, stop=stop))
