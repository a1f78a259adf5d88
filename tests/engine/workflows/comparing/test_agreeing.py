"""Agreement belongs to two revisions and comes back as it was kept; what cannot be read counts as absent."""

import json
from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.errors import SelectionError
from engine.fakes.queue import MemoryDatabase
from engine.ports.board import Agreement
from engine.types import Clip, FrameMasks, Kind, Revision, TrackMask, Video
from engine.workflows.comparing.agreeing import (
    AGREEMENT,
    Judged,
    agreement_from_text,
    agreement_to_text,
    judged,
    kept_agreement,
)

shares = st.floats(0, 1)
tracks = st.integers(1, 99)
few = st.sampled_from([0.0, 0.25, 1.0])
agreements = st.builds(
    Agreement,
    drawn=tracks,
    true=tracks,
    j=shares,
    by_track=st.dictionaries(tracks, shares),
    served=st.dictionaries(tracks, tracks),
    extra=st.lists(tracks).map(tuple),
    frames=st.dictionaries(st.integers(0, 60), st.one_of(few, shares)),
)


def tally(
    true: Iterable[FrameMasks], drawn: Iterable[FrameMasks], *, revisions: tuple[int, int]
) -> Judged:
    """Judge frames by whether they are the same."""
    frames = {one.frame: float(one == other) for one, other in zip(true, drawn, strict=True)}
    j = sum(frames.values()) / len(frames)
    return Judged(Agreement(revisions[1], revisions[0], j, {}, {}, (), frames), {}, {})


@pytest.fixture
def database() -> MemoryDatabase:
    """Return a clip of three frames with two revisions by models and a third, by hand, that changes frame 1."""
    made = MemoryDatabase()
    clip = Clip("game-1", "f00d", "a.mp4", 0, 3, 8, 8, Fraction(30))
    made.catalog.add_video(Video("f00d", "a.mp4", "a.mp4", 8, 8, Fraction(30), 3), [clip])
    for kind, parent in ((Kind.AUTO, None), (Kind.AUTO, 1), (Kind.MANUAL, 2)):
        drawn = np.full((8, 8), kind is Kind.MANUAL)
        row = FrameMasks(1, (TrackMask(1, rle.encode(drawn)),) if drawn.any() else ())
        made.revisions.append(Revision("game-1", parent, kind, "x", ()), [row])
    return made


def test_two_revisions_are_judged_frame_by_frame_and_nothing_is_kept(
    database: MemoryDatabase,
) -> None:
    found = judged(database.revisions, true=3, drawn=2, judge=tally).agreement
    assert (found.true, found.drawn, found.j) == (3, 2, pytest.approx(2 / 3))
    assert kept_agreement(database.desk.findings, true=3, drawn=2) is None


def test_what_is_kept_is_of_two_revisions_and_of_no_others(database: MemoryDatabase) -> None:
    findings = database.desk.findings
    found = judged(database.revisions, true=3, drawn=2, judge=tally).agreement
    findings.put(3, AGREEMENT, agreement_to_text(found))
    assert kept_agreement(findings, true=3, drawn=2) == found
    assert kept_agreement(findings, true=3, drawn=1) is None
    assert kept_agreement(findings, true=2, drawn=1) is None


def test_revisions_that_are_not_there_have_no_agreement(database: MemoryDatabase) -> None:
    assert kept_agreement(database.desk.findings, true=99, drawn=2) is None
    with pytest.raises(SelectionError):
        judged(database.revisions, true=99, drawn=2, judge=tally)


def test_a_text_that_belongs_to_another_revision_is_not_believed(database: MemoryDatabase) -> None:
    strange = Agreement(1, 2, 0.5, {}, {}, (), {})
    database.desk.findings.put(3, AGREEMENT, agreement_to_text(strange))
    assert kept_agreement(database.desk.findings, true=3, drawn=1) is None


@given(agreements)
def test_an_agreement_comes_back_as_it_was(one: Agreement) -> None:
    assert agreement_from_text(agreement_to_text(one)) == one


def test_frames_in_a_row_that_agree_alike_are_written_once() -> None:
    frames = {**dict.fromkeys(range(200), 1.0), 200: 0.5, **dict.fromkeys(range(210, 300), 1.0)}
    text = agreement_to_text(Agreement(1, 2, 0.9, {}, {}, (), frames))
    assert json.loads(text)["frames"] == [[0, 200, 1.0], [200, 201, 0.5], [210, 300, 1.0]]


@pytest.mark.parametrize(
    "change",
    [
        {"version": 99},
        {"j": 1.5},
        {"j": "high"},
        {"revisions": [1]},
        {"tracks": [[1, -0.1]]},
        {"frames": [[0, 9]]},
        {"frames": [[0, float("inf"), 1.0]]},
        {"served": {"1": 1}},
    ],
)
def test_a_damaged_text_counts_as_absent(change: dict[str, object]) -> None:
    whole = Agreement(1, 2, 0.9, {1: 0.9}, {1: 1}, (), {0: 0.9})
    assert agreement_from_text(json.dumps(json.loads(agreement_to_text(whole)) | change)) is None


@given(agreements, st.data())
def test_a_text_cut_off_anywhere_counts_as_absent(one: Agreement, data: st.DataObject) -> None:
    text = agreement_to_text(one)
    assert agreement_from_text(text[: data.draw(st.integers(0, len(text) - 1))]) is None


@given(st.text())
def test_any_other_text_counts_as_absent(text: str) -> None:
    assert agreement_from_text(text) is None
