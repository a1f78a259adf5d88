"""Undo, redo and a reload through the page's own code and stores, whatever was done before: the masks themselves are compared."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from annotator_ui.service_opening import opened
from annotator_ui.simulated import SimulatedHands
from engine import rle
from engine.errors import EngineError
from engine.fakes.frames import FakeFrameSource
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.fakes.segmenter import ColourSegmenter
from engine.types import FrameMasks
from engine.workflows.correct import Model

FRAMES = 8
SCENE = Scene(
    [
        Disc((200, 30, 30), "cue", rolls(20, 40, dx=3)),
        Disc((30, 30, 220), "solid", rests(60, 40, stop=6)),
        Disc((30, 200, 30), "stripe", rests(120, 60)),
    ],
    frames=FRAMES,
)
FOUND = tuple(
    FrameMasks(frame, tuple(mask for mask in SCENE.truth(frame).masks if mask.track < 3))
    for frame in range(FRAMES)
)
PAINT = rle.to_coco(SCENE.truth(0).masks[2].rle)

frames = st.integers(0, FRAMES - 1)
balls = st.sampled_from([1, 2, 1, 2, 3])
places = st.sampled_from([[20.5, 40.5], [35.5, 40.5], [60.5, 40.5], [120.5, 60.5], [90.5, 20.5]])


@st.composite
def spans(draw: st.DrawFn) -> list[int]:
    start = draw(frames)
    return [start, draw(st.integers(start + 1, FRAMES))]


def body(kind: str, **said: st.SearchStrategy) -> st.SearchStrategy[dict]:
    return st.fixed_dictionaries({"kind": st.just(kind), **said})


clicks = st.tuples(places, st.sampled_from([True, True, False])).map(lambda one: [*one[0], one[1]])
bodies = st.sampled_from(
    [
        body("prompt", frame=frames, track=balls, point=clicks, label=st.just("red")),
        body("prompt", frame=frames, track=balls, mask=st.just(PAINT), label=st.just("red")),
        body("hide", frame=frames, track=balls, why=st.just("absent")),
        body("spread", frames=st.none() | spans()),
        body("confirm", frames=spans(), on=st.booleans()),
        body("edit", deed=st.sampled_from(["delete", "fill"]), track=balls, frames=spans()),
        body("edit", deed=st.just("swap"), track=st.just(1), other=st.just(2), frames=spans()),
        body("edit", deed=st.just("merge"), track=st.just(1), other=st.just(2), frames=spans()),
        body("edit", deed=st.just("split"), track=balls, other=st.integers(4, 6), frames=spans()),
        body("edit", deed=st.just("relabel"), track=balls, label=st.just("x"), frames=spans()),
    ]
).flatmap(lambda kind: kind)


def hands() -> SimulatedHands:
    return SimulatedHands(SCENE.clip, FOUND, Model(FakeFrameSource(SCENE.paint), ColourSegmenter()))


def tried(page: SimulatedHands, said: dict) -> None:
    """Do an action where the page does it; what it refuses changes nothing."""
    with suppress(EngineError):
        page._act(said)


@settings(max_examples=60)
@given(st.lists(bodies, min_size=3, max_size=8))
def test_the_masks_of_before_come_back_by_undo_and_those_of_after_by_redo(history) -> None:
    page = hands()
    for said in history:
        tried(page, said)
    seen = [page.rows()]
    steps = len(page._sheet.session.done)
    for _ in range(steps):
        page.undo()
        seen.append(page.rows())
    assert seen[-1] == FOUND
    for rows in reversed(seen[:-1]):
        page._act({"kind": "redo"})
        assert page.rows() == rows


@settings(max_examples=60)
@given(st.lists(bodies | body("undo") | body("redo"), min_size=3, max_size=10))
def test_a_clip_that_is_opened_anew_is_as_it_was_left(history) -> None:
    page = hands()
    for said in history:
        tried(page, said)
    sheet = opened(page._parts.catalog.clip(SCENE.clip.id), page._parts)
    assert sheet.session == page._sheet.session


@settings(max_examples=60)
@given(st.lists(bodies, min_size=3, max_size=8))
def test_what_is_hidden_or_deleted_is_not_shown_and_stays_so_through_spreads(history) -> None:
    page = hands()
    for said in history:
        tried(page, said)
        evidence = page._sheet.session.evidence
        rows = page.rows()
        for frame, track in evidence.gone | set(evidence.hidden):
            assert track not in rows[frame].by_track()
