"""With the same weights the masks are those of upstream's own predictor."""

import numpy as np
import pytest
import torch
from PIL import Image

from engine import rle
from engine.adapters.sam2 import Sam2Segmenter
from engine.types import Point, Prompt

CENTRES = {1: (30, 30), 2: (70, 55), 3: (110, 80)}


@pytest.fixture
def film(pictures, tmp_path):
    """Return a folder of JPEGs and the pictures as they decode from it."""
    decoded = []
    for k, rgb in enumerate(pictures):
        Image.fromarray(rgb).save(tmp_path / f"{k}.jpg", quality=95)
        decoded.append(np.asarray(Image.open(tmp_path / f"{k}.jpg").convert("RGB")))
    return str(tmp_path), decoded


def _box(track):
    x, y = CENTRES[track]
    return (x - 10.0, y - 10.0, x + 10.0, y + 10.0)


def _points(track):
    x, y = CENTRES[track]
    return (Point(x, y), Point(x + 20, y, positive=False))


def _ask(track, how, frame=0):
    match how:
        case "box":
            return Prompt(frame, track, box=_box(track))
        case "click":
            return Prompt(frame, track, points=_points(track)[:1])
        case _:
            return Prompt(frame, track, points=_points(track))


def _tell(model, state, prompt):
    points = [(p.x, p.y) for p in prompt.points] or None
    labels = [int(p.positive) for p in prompt.points] or None
    model.add_new_points_or_box(
        state, prompt.frame, prompt.track, points=points, labels=labels, box=prompt.box
    )


def _upstream(model, folder, prompts, *, reverse=False, start=0):
    state = model.init_state(folder)
    for prompt in prompts:
        _tell(model, state, prompt)
    return {
        frame: logits[:, 0].numpy()
        for frame, _, logits in model.propagate_in_video(state, start, reverse=reverse)
    }


def _agree(masks, logits, tracks):
    """Every pixel agrees but those whose logit is 0 within rounding."""
    found = masks.by_track()
    for track, wanted in zip(tracks, logits, strict=True):
        mine = rle.decode(found[track].rle) if track in found else np.zeros(wanted.shape, bool)
        differ = mine != (wanted > 0)
        assert np.abs(wanted[differ]).max(initial=0) < 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("tracks", [(1,), (1, 2, 3)])
@pytest.mark.parametrize("how", ["box", "click", "clicks"])
@pytest.mark.parametrize("bias", [0.0, 3.0])
def test_masks_equal_those_of_upstream_on_thirty_frames(build, film, clip, tracks, how, bias):
    model = build(bias=bias)
    prompts = [_ask(track, how) for track in tracks]
    truth = _upstream(model, film[0], prompts)
    with Sam2Segmenter(model).open(clip) as session:
        for frame, rgb in enumerate(film[1]):
            masks = session.step(frame, rgb, prompts if frame == 0 else ())
            _agree(masks, truth[frame], tracks)
    assert len(truth) == 30


@pytest.mark.slow
def test_random_weights_see_a_ball_or_none_by_the_bias_of_the_score(build, film):
    seen = [
        (_upstream(build(bias=bias), film[0], [_ask(1, "box")])[29] > 0).any()
        for bias in (-3.0, 3.0)
    ]
    assert seen == [False, True]


@pytest.mark.slow
def test_backward_masks_equal_those_of_upstream(build, film, clip):
    model = build(bias=3.0)
    prompt = _ask(1, "box", frame=29)
    truth = _upstream(model, film[0], [prompt], reverse=True, start=29)
    with Sam2Segmenter(model).open(clip, backward=True) as session:
        for frame in range(29, -1, -1):
            masks = session.step(frame, film[1][frame], [prompt] if frame == 29 else ())
            _agree(masks, truth[frame], [1])


@pytest.mark.slow
def test_prompts_on_later_frames_equal_upstream_with_the_same_bound_on_conditioning(
    build, film, clip
):
    model = build(bias=3.0, max_cond_frames_in_attn=2)
    state = model.init_state(film[0])
    truth = {}
    for start in (0, 5, 8, 11, 14):
        _tell(model, state, _ask(1, "box", frame=start))
        last = 29 - start if start == 14 else (4 if start == 0 else 2)
        for frame, _, logits in model.propagate_in_video(state, start, last):
            truth[frame] = logits[:, 0].numpy()
    with Sam2Segmenter(model, max_cond=2).open(clip) as session:
        for frame, rgb in enumerate(film[1]):
            asks = [_ask(1, "box", frame=frame)] if frame in (0, 5, 8, 11, 14) else ()
            _agree(session.step(frame, rgb, asks), truth[frame], [1])


def test_the_logits_of_one_frame_are_those_of_upstream(build, film, clip, monkeypatch):
    model = build(bias=3.0)
    truth = _upstream(model, film[0], [_ask(1, "box")])
    lows = []
    from engine.adapters.sam2 import views  # noqa: PLC0415 - patched here

    real = views.paint
    monkeypatch.setattr(views, "paint", lambda low, *rest: (lows.append(low), real(low, *rest))[1])
    with Sam2Segmenter(model).open(clip) as session:
        for frame in range(6):
            session.step(frame, film[1][frame], [_ask(1, "box")] if frame == 0 else ())
    fine = torch.nn.functional.interpolate(
        torch.from_numpy(np.stack(lows))[:, None], (120, 160), mode="bilinear"
    )
    np.testing.assert_allclose(fine[:, 0], [truth[k][0] for k in range(6)], atol=1e-3)
