"""What every segmenter promises: the fake, SAM 2 on the whole frame and SAM 2 on windows, both ways through time."""

import importlib.util
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine import rle
from engine.adapters.sam2 import Sam2Segmenter
from engine.errors import InputError, WeightsError
from engine.fakes.segmenter import ColourSegmenter
from engine.types import Clip, Point, Prompt

CLIP = Clip("clip", "video", "media.mp4", 0, 60, 160, 120, Fraction(30))
COLOURS = {1: (220, 30, 30), 2: (240, 240, 230)}


def _network(seed=0):
    """Return a small network with random weights that finds every ball."""
    path = Path(__file__).parents[1] / "engine/adapters/sam2/networks.py"
    if "sam2_test_networks" not in sys.modules:
        spec = importlib.util.spec_from_file_location("sam2_test_networks", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules["sam2_test_networks"] = module
    return sys.modules["sam2_test_networks"].build(seed=seed, bias=6.0)


MAKERS = {
    "fake": lambda seed=0: ColourSegmenter(tolerance=12 + seed),
    "frame": lambda seed=0: Sam2Segmenter(_network(seed), mode="frame"),
    "windows": lambda seed=0: Sam2Segmenter(_network(seed), mode="windows"),
}


@pytest.fixture(params=MAKERS)
def make(request):
    return MAKERS[request.param]


@pytest.fixture(params=[False, True], ids=["forward", "backward"])
def backward(request):
    return request.param


def _centre(track, frame):
    return 30 + frame, 30 + 50 * (track - 1)


def _rgb(frame, without=()):
    y, x = np.mgrid[:120, :160]
    rgb = np.full((120, 160, 3), 60, np.uint8)
    for track, colour in COLOURS.items():
        if track not in without:
            cx, cy = _centre(track, frame)
            rgb[(x - cx) ** 2 + (y - cy) ** 2 < 100] = colour
    return rgb


def _box(track, frame):
    x, y = _centre(track, frame)
    return Prompt(frame, track, box=(x - 10.0, y - 10.0, x + 10.0, y + 10.0))


def _disc(track, frame):
    y, x = np.mgrid[:120, :160]
    cx, cy = _centre(track, frame)
    return rle.encode((x - cx) ** 2 + (y - cy) ** 2 < 100)


def _frames(count, *, backward):
    return range(59, 59 - count, -1) if backward else range(count)


def _run(session, frames, asks):
    return [session.step(frame, _rgb(frame), asks.get(frame, ())) for frame in frames]


def test_a_track_begins_with_its_first_prompt_at_any_frame(make, backward):
    frames = _frames(6, backward=backward)
    asks = {frames[0]: [_box(1, frames[0])], frames[3]: [_box(2, frames[3])]}
    with make().open(CLIP, backward=backward) as session:
        seen = [{m.track for m in masks.masks} for masks in _run(session, frames, asks)]
    assert all(tracks <= {1} for tracks in seen[:3])
    assert 1 in seen[0]
    assert 2 in seen[3]


def test_without_prompts_nothing_is_there(make, backward):
    frames = _frames(2, backward=backward)
    with make().open(CLIP, backward=backward) as session:
        assert all(not masks.masks for masks in _run(session, frames, {}))


def test_masks_have_the_size_of_the_picture_and_are_never_empty(make, backward):
    frames = _frames(4, backward=backward)
    with make().open(CLIP, backward=backward) as session:
        for masks in _run(session, frames, {frames[0]: [_box(1, frames[0]), _box(2, frames[0])]}):
            assert all(m.rle.size == (120, 160) and rle.area(m.rle) > 0 for m in masks.masks)
            assert all(0 <= m.score <= 1 and 0 <= m.stability <= 1 for m in masks.masks)


@pytest.mark.parametrize("kind", ["box", "click", "mask", "box and clicks"])
def test_boxes_clicks_and_masks_all_start_a_track(make, backward, kind):
    frame = 59 if backward else 0
    x, y = _centre(1, frame)
    box, clicks = _box(1, frame).box, (Point(x, y), Point(x + 15, y, positive=False))
    prompt = {
        "box": Prompt(frame, 1, box=box),
        "click": Prompt(frame, 1, points=clicks[:1]),
        "mask": Prompt(frame, 1, mask=_disc(1, frame)),
        "box and clicks": Prompt(frame, 1, box=box, points=clicks),
    }[kind]
    with make().open(CLIP, backward=backward) as session:
        assert 1 in session.step(frame, _rgb(frame), [prompt]).by_track()


@pytest.mark.parametrize(
    "box", [(20.0, 20.0, 40.0, 40.0), (0.0, 0.0, 1.0, 1.0), (-9.0, 3.0, 500.0, 900.0)]
)
def test_a_hint_is_about_one_step_and_stands_for_no_prompt(make, backward, box):
    frames = _frames(2, backward=backward)
    x, y = _centre(1, frames[1])
    with make().open(CLIP, backward=backward) as session:
        session.expect(1, box)
        assert session.step(frames[0], _rgb(frames[0])).masks == ()
        session.expect(1, box)
        click = Prompt(frames[1], 1, points=(Point(x, y),))
        masks = session.step(frames[1], _rgb(frames[1]), [click])
    assert set(masks.by_track()) <= {1}


def test_a_mask_that_is_given_comes_back_as_it_is(make):
    with make().open(CLIP) as session:
        masks = session.step(0, _rgb(0), [Prompt(0, 1, mask=_disc(1, 0))])
    assert masks.by_track()[1].rle == _disc(1, 0)


def test_prompts_of_one_track_on_one_frame_add_up(make):
    x, y = _centre(1, 0)
    clicks = (Point(x, y), Point(x + 15, y, positive=False))
    apart = [_box(1, 0), Prompt(0, 1, points=clicks)]
    with make().open(CLIP) as one, make().open(CLIP) as two:
        together = Prompt(0, 1, box=apart[0].box, points=clicks)
        assert one.step(0, _rgb(0), apart) == two.step(0, _rgb(0), [together])


def test_a_click_on_a_track_that_is_followed_improves_it(make):
    with make().open(CLIP) as session:
        session.step(0, _rgb(0), [_box(1, 0)])
        x, y = _centre(1, 1)
        masks = session.step(1, _rgb(1), [Prompt(1, 1, points=(Point(x, y),))])
    assert 1 in masks.by_track()


def test_frames_out_of_order_are_refused(make, backward):
    frames = _frames(3, backward=backward)
    with make().open(CLIP, backward=backward) as session:
        _run(session, frames, {})
        for frame in frames:
            with pytest.raises(InputError, match="came after frame"):
                session.step(frame, _rgb(frame))


@pytest.mark.parametrize(
    ("prompt", "reason"),
    [
        (_box(1, 1), "is of frame 1"),
        (Prompt(0, 1, box=(200.0, 10.0, 220.0, 30.0)), "no part inside"),
        (Prompt(0, 1, box=(20.0, 10.0, 10.0, 30.0)), "no part inside"),
        (Prompt(0, 1, box=(float("nan"), 10.0, 10.0, 30.0)), "no part inside"),
        (Prompt(0, 1, points=(Point(-1, 5),)), "outside"),
        (Prompt(0, 1, points=(Point(5, 5, positive=False),)), "cannot begin"),
        (Prompt(0, 1, mask=rle.empty((120, 160))), "empty"),
        (Prompt(0, 1, mask=rle.empty((10, 10))), "mask of"),
    ],
)
def test_bad_prompts_are_refused_and_change_nothing(make, prompt, reason):
    with make().open(CLIP) as session:
        before = session.snapshot()
        with pytest.raises(InputError, match=reason):
            session.step(0, _rgb(0), [prompt])
        assert session.snapshot() == before
        assert 1 in session.step(0, _rgb(0), [_box(1, 0)]).by_track()


def test_pictures_of_another_size_are_refused(make):
    with make().open(CLIP) as session, pytest.raises(InputError, match="expected uint8"):
        session.step(0, np.zeros((10, 10, 3), np.uint8))


def test_a_snapshot_goes_on_exactly(make, backward):
    frames = _frames(12, backward=backward)
    asks = {
        frames[0]: [_box(1, frames[0])],
        frames[4]: [_box(2, frames[4])],
        frames[9]: [_box(1, frames[9])],
    }
    segmenter = make()
    with segmenter.open(CLIP, backward=backward) as session:
        whole = _run(session, frames, asks)
    with segmenter.open(CLIP, backward=backward) as session:
        first = _run(session, frames[:7], asks)
        kept = session.snapshot()
    with make().open(CLIP, backward=backward, snapshot=kept) as session:
        assert session.snapshot() == kept
        second = _run(session, frames[7:], asks)
    assert first + second == whole


def test_a_snapshot_of_another_model_is_refused(make):
    with make().open(CLIP) as session:
        session.step(0, _rgb(0), [_box(1, 0)])
        kept = session.snapshot()
    with pytest.raises(WeightsError, match="made by"):
        make(seed=1).open(CLIP, snapshot=kept)
    with pytest.raises(WeightsError):
        make().open(CLIP, snapshot=kept[: len(kept) // 2])


@pytest.mark.slow
def test_memory_does_not_grow_with_the_length_of_the_pass(make):
    sizes = []
    with make().open(CLIP) as session:
        for frame in range(60):
            prompts = [_box(1, frame), _box(2, frame)] if frame % 10 == 0 else ()
            session.step(frame, _rgb(frame), prompts)
            sizes.append(len(session.snapshot()))
    assert max(sizes[50:]) <= max(sizes[40:50]) + 64


def test_a_forgotten_track_is_gone_and_an_unknown_one_ignored(make):
    with make().open(CLIP) as session:
        session.step(0, _rgb(0), [_box(1, 0), _box(2, 0)])
        session.forget(1)
        session.forget(99)
        assert 1 not in session.step(1, _rgb(1)).by_track()
        assert 1 in session.step(2, _rgb(2), [_box(1, 2)]).by_track()


def test_a_closed_session_does_not_step_and_closes_twice(make):
    session = make().open(CLIP)
    session.close()
    session.close()
    with pytest.raises(InputError, match="closed"):
        session.step(0, _rgb(0))


def test_the_fake_is_exact_and_leaves_out_what_is_not_there():
    with ColourSegmenter().open(CLIP) as session:
        session.step(0, _rgb(0), [_box(1, 0), _box(2, 0)])
        assert session.step(1, _rgb(1)).by_track()[1].rle == _disc(1, 1)
        assert set(session.step(2, _rgb(2, without=(1,))).by_track()) == {2}
