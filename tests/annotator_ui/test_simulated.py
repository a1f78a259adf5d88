"""The page without a browser: a simulated hand's clicks are the page's actions, and show what the page would."""

from dataclasses import replace

import pytest

from annotator_ui.session import replay
from annotator_ui.simulated import WHO, SimulatedHands, page_tool
from engine.datasets import LabelledClip
from engine.errors import InputError
from engine.fakes.frames import FakeFrameSource
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.fakes.segmenter import ColourSegmenter
from engine.ports import State
from engine.types import FrameMasks, Point
from engine.workflows.correct import Model

SCENE = Scene(
    [Disc((200, 30, 30), "cue", rolls(20, 40, dx=3)), Disc((30, 30, 220), "solid", rests(120, 60))],
    frames=12,
)
TRUTH = tuple(SCENE.truth(frame) for frame in range(12))
CUE = Point(20.5, 40.5)


def hands(rows=(), segmenter=None) -> SimulatedHands:
    model = Model(FakeFrameSource(SCENE.paint), segmenter or ColourSegmenter())
    return SimulatedHands(SCENE.clip, rows, model)


def tracks(rows) -> list[list[int]]:
    return [[mask.track for mask in row.masks] for row in rows]


def test_a_clip_without_masks_shows_nothing_on_every_frame() -> None:
    assert hands().rows() == tuple(map(FrameMasks, range(12)))
    assert hands().new_track() == 1


def test_what_was_annotated_is_shown_as_it_was() -> None:
    opened = hands(TRUTH)
    assert opened.rows() == TRUTH
    assert opened.mask(3, 2) == TRUTH[3].by_track()[2].rle
    assert opened.new_track() == 3


def test_a_click_draws_a_new_ball_on_its_frame_and_a_spread_on_all() -> None:
    opened = hands()
    opened.click(0, 1, CUE, label="cue")
    assert opened.mask(0, 1) == TRUTH[0].by_track()[1].rle
    assert opened.mask(1, 1) is None
    opened.spread([1])
    assert tracks(opened.rows()) == [[1]] * 12
    assert opened.mask(11, 1) == TRUTH[11].by_track()[1].rle


def test_a_ball_that_was_taken_for_its_neighbour_is_mended_on_all_frames_by_one_click() -> None:
    discs = [Disc((200, 30, 30), "cue", rests(40, 40)), Disc((30, 30, 220), "solid", rests(55, 40))]
    scene = Scene(discs, frames=12)
    truth = [scene.truth(frame) for frame in range(12)]
    wrong = [FrameMasks(row.frame, (replace(row.masks[1], track=1),)) for row in truth]
    model = Model(FakeFrameSource(scene.paint), ColourSegmenter())
    opened = SimulatedHands(scene.clip, wrong, model)
    opened.click(5, 1, Point(40.5, 40.5), label="cue")
    opened.spread([1])
    assert [row.by_track()[1].rle for row in opened.rows()] == [row.masks[0].rle for row in truth]


def test_undo_takes_back_one_action_at_a_time() -> None:
    opened = hands(TRUTH)
    opened.delete(2, range(4, 8))
    opened.click(5, 2, Point(120.5, 60.5), label="solid")
    assert tracks(opened.rows()[4:8]) == [[1], [1, 2], [1], [1]]
    opened.undo()
    assert tracks(opened.rows()[4:8]) == [[1]] * 4
    opened.undo()
    assert opened.rows() == TRUTH
    with pytest.raises(InputError, match="nothing to undo"):
        opened.undo()


class Blind(ColourSegmenter):
    """A segmenter that sees nothing on the cloth left of column 60."""

    def open(self, clip, **how):
        session = super().open(clip, **how)
        seen = session.step

        def step(frame, rgb, prompts=()):
            told = [one for one in prompts if all(point.x > 60 for point in one.points)]
            return seen(frame, rgb, told)

        session.step = step
        return session


def test_a_ball_that_a_click_does_not_find_can_be_clicked_at_again_and_is_not_spread() -> None:
    opened = hands(segmenter=Blind())
    opened.click(0, 1, CUE, label="cue")
    assert opened.mask(0, 1) is None
    with pytest.raises(InputError, match="no ball 1"):
        opened.spread([1])
    opened.click(5, 1, Point(120.5, 60.5), label="solid")
    opened.spread([1])
    assert tracks(opened.rows())[5:] == [[1]] * 7
    assert opened.new_track() == 2


def test_all_that_was_done_is_in_the_log_as_a_browser_would_have_sent_it() -> None:
    opened = hands()
    opened.click(0, 1, CUE, label="cue")
    opened.spread([1])
    opened.undo()
    log = opened._parts.desk.actions.of(SCENE.clip.id)
    assert [action.body["kind"] for action in log] == ["prompt", "spread", "undo"]
    assert {(action.author, action.state) for action in log} == {(WHO, State.DONE)}
    session = opened._sheet.session
    again = replay(SCENE.clip, log, head=session.head, tracks=session.tracks)
    assert again == session
    assert [prompt.frame for prompt in again.spreading()] == [0]


def test_a_tool_opens_a_labelled_clip_without_looking_at_its_truth() -> None:
    def unseen():
        raise AssertionError("the truth was looked at")
        yield

    pictures = [SCENE.paint(SCENE.clip, frame) for frame in range(12)]
    labelled = LabelledClip(SCENE.clip, {}, (), lambda: iter(pictures), unseen)
    with page_tool(ColourSegmenter())(labelled, ()) as opened:
        assert opened.rows() == tuple(map(FrameMasks, range(12)))
        opened.click(0, 1, CUE, label="cue")
        assert opened.mask(0, 1) == TRUTH[0].by_track()[1].rle
