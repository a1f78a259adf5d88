"""What was found comes back as it was; what cannot be read counts as absent."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.doubts import Doubt, Sign
from engine.fakes.queue import MemoryDatabase
from engine.types import Detection
from engine.workflows.findings import (
    DOUBTS,
    WITNESSES,
    Witnesses,
    doubts_from_text,
    doubts_to_text,
    kept_doubts,
    kept_witnesses,
    of_two_passes,
    witnesses_from_text,
    witnesses_to_text,
)

frames = st.integers(0, 10_000)
numbers = st.floats(-1e6, 1e6)
boxes = st.tuples(numbers, numbers, numbers, numbers)
labels = st.text(st.characters(codec="utf-8"), max_size=12)


@st.composite
def doubts(draw: st.DrawFn) -> Doubt:
    start, before, after = draw(frames), draw(st.integers(0, 50)), draw(st.integers(1, 50))
    return Doubt(
        start,
        start + before + after,
        start + before,
        draw(st.integers(0, 99)),
        draw(st.sampled_from(Sign)),
        draw(st.floats(0, 1)),
        draw(labels),
    )


@st.composite
def looks(draw: st.DrawFn) -> tuple[int, tuple[Detection, ...]]:
    frame = draw(frames)
    found = draw(st.lists(st.builds(Detection, st.just(frame), boxes, labels, st.floats(0, 1))))
    return frame, tuple(found)


witnesses = st.builds(
    Witnesses,
    labels,
    st.integers(1, 99),
    labels,
    st.lists(boxes, max_size=6).map(tuple),
    st.lists(looks(), max_size=5).map(tuple),
)


@given(st.lists(doubts(), max_size=8).map(tuple))
def test_doubts_come_back_as_they_were(found: tuple[Doubt, ...]) -> None:
    assert doubts_from_text(doubts_to_text(found)) == found


@given(witnesses)
def test_what_a_detector_saw_comes_back_as_it_was(seen: Witnesses) -> None:
    assert witnesses_from_text(witnesses_to_text(seen)) == seen


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        "null",
        "{}",
        '{"version":0,"doubts":[],"looks":[]}',
        '{"version":1}',
        '{"version":1,"doubts":[[1,2]],"looks":[[1]],"pockets":[]}',
        '{"version":1,"doubts":[[5,6,9,1,"shape",0.5,""]],"pockets":[[1]],"looks":[]}',
        '{"version":1,"doubts":[[5,6,5,1,"smell",0.5,""]],"looks":3}',
        '{"version":1,"doubts":[[5,6,5,1,"shape",7,""]],"looks":3}',
    ],
)
def test_a_text_that_cannot_be_read_counts_as_absent(text: str) -> None:
    assert doubts_from_text(text) is None
    assert witnesses_from_text(text) is None


@given(st.lists(doubts(), max_size=4), st.integers(0, 200))
def test_a_text_that_was_cut_counts_as_absent(found: list[Doubt], length: int) -> None:
    text = doubts_to_text(found)
    assert doubts_from_text(text[: min(length, len(text) - 1)]) is None


def test_nothing_is_kept_of_a_revision_that_is_not_there() -> None:
    findings = MemoryDatabase().desk.findings
    assert kept_doubts(findings, 3) is None
    assert kept_witnesses(findings, 3) is None
    assert not of_two_passes(findings, 3)


def test_texts_are_plain_json_of_a_version() -> None:
    doubt = Doubt(1, 5, 2, 7, Sign.SHAPE, 0.5, "why")
    assert json.loads(doubts_to_text([doubt], passes=True)) == {
        "version": 2,
        "passes": True,
        "doubts": [[1, 5, 2, 7, "shape", 0.5, "why"]],
    }
    assert (DOUBTS, WITNESSES) == ("doubts", "detections")
