"""What a click does not wait for: work that only a later frame needs is done when that frame comes."""

import pytest

from engine.adapters.sam2 import Sam2Segmenter
from engine.models import memory
from engine.types import Prompt

BOX = (20.0, 20.0, 40.0, 40.0)
OTHER = (60.0, 45.0, 80.0, 65.0)


@pytest.fixture
def remembered(monkeypatch):
    """Return a list that grows with the number of balls of each batch that is encoded into memories."""
    batches, real = [], memory.remember

    def noted(model, features, drawn, **how):
        batches.append(len(drawn.low))
        return real(model, features, drawn, **how)

    monkeypatch.setattr(memory, "remember", noted)
    return batches


@pytest.fixture(params=["frame", "windows"])
def segmenter(build, request):
    return Sam2Segmenter(build(bias=3.0), mode=request.param)


def test_a_pass_of_one_frame_encodes_no_memory(segmenter, clip, pictures, remembered):
    with segmenter.open(clip) as session:
        session.step(0, pictures[0], [Prompt(0, 1, box=BOX)])
    assert remembered == []


def test_the_next_frame_remembers_the_one_before(segmenter, clip, pictures, remembered):
    with segmenter.open(clip) as session:
        session.step(0, pictures[0], [Prompt(0, 1, box=BOX), Prompt(0, 2, box=OTHER)])
        session.step(1, pictures[1])
    assert remembered == [2]


def test_a_snapshot_holds_the_frame_taken_last(segmenter, clip, pictures, remembered):
    with segmenter.open(clip) as session:
        session.step(0, pictures[0], [Prompt(0, 1, box=BOX)])
        kept = session.snapshot()
        here = session.step(1, pictures[1])
    assert remembered == [1]
    with segmenter.open(clip, snapshot=kept) as session:
        assert session.step(1, pictures[1]) == here


def test_a_track_forgotten_meanwhile_is_not_remembered(segmenter, clip, pictures, remembered):
    with segmenter.open(clip) as session:
        session.step(0, pictures[0], [Prompt(0, 1, box=BOX), Prompt(0, 2, box=OTHER)])
        session.forget(2)
        shown = session.step(1, pictures[1])
    assert remembered == [1]
    assert set(shown.by_track()) <= {1}
