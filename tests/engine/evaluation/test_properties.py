"""What must hold for any film: names do not matter, order does not matter, perfection is worth one, loss never pays."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import rle
from engine.evaluation.effort import Effort
from engine.evaluation.ends import ends_of
from engine.evaluation.identity import judge_identity
from engine.evaluation.judging import Figures, JudgedClip, figures, judge
from engine.evaluation.matching import compare, match, strays
from engine.types import FrameMasks, TrackMask

SIZE = (40, 120)
FEW = settings(max_examples=6, deadline=None)
COLUMN = st.one_of(st.none(), st.integers(0, 100))


def ball(x: int, track: int) -> TrackMask:
    square = np.ones((8, 8), bool)
    return TrackMask(track, rle.encode(square, origin=(x, 4 * track), size=SIZE))


@st.composite
def films(draw: st.DrawFn, *, visible: bool = True) -> list[FrameMasks]:
    """Draw a film of up to four balls, each in a row of its own, that move and vanish as they like."""
    frames, balls = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    places = draw(
        st.lists(st.lists(COLUMN, min_size=balls, max_size=balls), min_size=frames, max_size=frames)
    )
    if visible:
        places[0][0] = places[0][0] or 0
    return [
        FrameMasks(frame, tuple(ball(x, track) for track, x in enumerate(row, 1) if x is not None))
        for frame, row in enumerate(places)
    ]


def judged(true: list[FrameMasks], found: list[FrameMasks], name: str = "film") -> JudgedClip:
    return judge(name, true=true, found=found, labels={1: "cue"})


def flat(of: Figures) -> list[float]:
    """Return every figure that is one number but AP, which ranks masks of equal score as they come."""
    return [
        *(of.j.mean, of.j.recall, of.f.mean, of.j_and_f, of.sharp),
        *(of.identity.hota, of.identity.mota, of.identity.idf1, of.identity.switches),
        *(of.centre_mean, of.centre_p95, of.ends.met, of.ends.found, of.strays),
    ]


@FEW
@given(film=films())
def test_the_truth_itself_is_worth_one_and_has_no_error(film: list[FrameMasks]) -> None:
    got = figures([judged(film, film)])
    assert flat(got)[:5] == pytest.approx([1, got.j.recall, 1, 1, 1])
    assert (got.boxes.ap, got.masks.ap) == pytest.approx((1, 1))
    assert (got.identity.hota, got.identity.idf1) == pytest.approx((1, 1))
    assert (got.identity.switches, got.centre_mean, got.strays) == (0, 0, 0)
    assert got.ends.met == got.ends.found == got.ends.true


@FEW
@given(true=films(), found=films(), numbers=st.permutations([11, 5, 8, 2]))
def test_what_tracks_are_called_changes_no_figure(
    true: list[FrameMasks], found: list[FrameMasks], numbers: list[int]
) -> None:
    renamed = [
        FrameMasks(row.frame, tuple(replace(m, track=numbers[m.track - 1]) for m in row.masks))
        for row in found
    ]
    ours, theirs = (flat(figures([judged(true, rows)])) for rows in (found, renamed))
    assert ours == pytest.approx(theirs, nan_ok=True)


@FEW
@given(first=films(), second=films(), found=films())
def test_the_order_of_clips_changes_no_total(
    first: list[FrameMasks], second: list[FrameMasks], found: list[FrameMasks]
) -> None:
    clips = [judged(first, found, "a"), judged(second, found, "b")]
    assert flat(figures(clips)) == pytest.approx(flat(figures(clips[::-1])), nan_ok=True)


@FEW
@given(film=films(), lost=st.integers(0, 5))
def test_losing_a_frame_never_raises_j_mota_or_recall(film: list[FrameMasks], lost: int) -> None:
    found = [row for row in film if row.frame != lost]
    whole, less = (figures([judged(film, rows)]) for rows in (film, found))
    assert less.j.mean <= whole.j.mean
    assert less.identity.mota <= whole.identity.mota
    assert less.boxes.ap50 <= whole.boxes.ap50 + 1e-9


@FEW
@given(true=films(), found=films())
def test_a_track_serves_one_ball_and_what_serves_none_is_a_stray(
    true: list[FrameMasks], found: list[FrameMasks]
) -> None:
    compared = compare(true, found)
    served = match(compared)
    seen = {mask.track for one in compared for mask in one.found.masks}
    assert len(set(served.values())) == len(served)
    assert set(strays(compared, served)) | set(served.values()) == seen


@FEW
@given(true=films(), found=films())
def test_shares_stay_between_nothing_and_one(
    true: list[FrameMasks], found: list[FrameMasks]
) -> None:
    got = judge_identity({"film": compare(true, found)})
    assert 0 <= got.hota <= 1
    assert 0 <= got.idf1 <= 1
    assert got.mota <= 1
    assert got.hota == pytest.approx(0) or got.det_a > 0


@given(film=films(visible=False))
def test_no_track_is_seen_at_or_after_its_end(film: list[FrameMasks]) -> None:
    for track, end in ends_of(film).items():
        assert all(track not in row.by_track() for row in film if row.frame >= end)
        assert track in film[end - 1].by_track()


@given(*[st.integers(0, 1000)] * 3)
def test_effort_is_the_sum_of_its_parts(looked: int, finds: int, clicks: int) -> None:
    parts = Effort(looked=looked), Effort(finds=finds), Effort(clicks=clicks)
    whole = sum(parts, Effort())
    assert whole == Effort(looked, finds, clicks)
    assert whole.seconds == pytest.approx(sum(part.seconds for part in parts))
