"""What a doubt is, how neighbours become one, and in which order a person sees them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.doubts import PICTURE, Doubt, Looked, Sign, worst
from engine.doubts.beside import beside
from engine.doubts.gathering import gathered
from engine.doubts.signs import graded
from engine.errors import InputError

LENGTH = 60


def doubt(
    frame: int, *, track: int = 1, severity: float = 0.5, sign: Sign = Sign.SHAPE, length: int = 1
) -> Doubt:
    return Doubt(frame, frame + length, frame, track, sign, severity, f"seen at {frame}")


some_doubts = st.lists(
    st.builds(
        doubt,
        st.integers(0, LENGTH),
        track=st.integers(0, 3),
        severity=st.sampled_from([0.1, 0.5, 0.9]),
        sign=st.sampled_from([Sign.SHAPE, Sign.VANISHED]),
        length=st.integers(1, 5),
    ),
    max_size=20,
)


def frames_of(doubts: tuple[Doubt, ...] | list[Doubt]) -> set[tuple[Sign, int, int]]:
    return {(d.sign, d.track, frame) for d in doubts for frame in range(d.start, d.stop)}


def test_the_worst_frame_of_a_doubt_is_one_of_its_frames() -> None:
    with pytest.raises(InputError, match="its worst, 9, is not one of them"):
        Doubt(3, 9, 9, 1, Sign.SHAPE, 0.5, "")


@pytest.mark.parametrize("severity", [-0.1, 1.1])
def test_a_severity_outside_0_to_1_is_refused(severity: float) -> None:
    with pytest.raises(InputError, match="from 0 to 1"):
        doubt(3, severity=severity)


def test_grades_stay_between_their_ends_and_run_either_way() -> None:
    assert graded(5, 0, 10, least=0.2, most=0.8) == pytest.approx(0.5)
    assert graded(-5, 0, 10, least=0.2, most=0.8) == pytest.approx(0.2)
    assert graded(99, 0, 10, least=0.2, most=0.8) == pytest.approx(0.8)
    assert graded(0.1, 0.5, 0.0, least=0.2, most=0.8) == pytest.approx(0.68)


def test_neighbouring_frames_of_one_sign_and_track_are_one_doubt() -> None:
    (found,) = gathered([doubt(3, severity=0.2), doubt(4, severity=0.9), doubt(6)], within=3)
    assert (found.start, found.stop, found.frame, found.severity) == (3, 7, 4, 0.9)
    assert found.why == "seen at 4"


def test_other_tracks_other_signs_and_later_frames_are_doubts_of_their_own() -> None:
    parts = [doubt(3), doubt(3, track=2), doubt(3, sign=Sign.VANISHED), doubt(20)]
    assert len(gathered(parts, within=3)) == 4


@given(some_doubts)
def test_gathering_loses_no_frame_and_no_severity(parts: list[Doubt]) -> None:
    found = gathered(parts, within=0)
    assert frames_of(found) == frames_of(parts)
    assert max((d.severity for d in found), default=0) == max(
        (d.severity for d in parts), default=0
    )


@given(some_doubts)
def test_gathered_doubts_come_in_the_order_of_time(parts: list[Doubt]) -> None:
    starts = [d.start for d in gathered(parts, within=2)]
    assert starts == sorted(starts)


@given(some_doubts)
def test_every_doubt_is_in_exactly_one_visit(parts: list[Doubt]) -> None:
    visits = worst(parts, within=5)
    assert sorted((d for v in visits for d in v.doubts), key=repr) == sorted(parts, key=repr)


@given(some_doubts)
def test_visits_come_in_the_order_of_severity_then_time(parts: list[Doubt]) -> None:
    keys = [(-visit.severity, visit.frame) for visit in worst(parts, within=5)]
    assert keys == sorted(keys)


@given(some_doubts)
def test_having_seen_the_first_visit_leaves_the_others(parts: list[Doubt]) -> None:
    visits = worst(parts, within=5)
    if visits:
        place = visits[0].frame
        left = worst(parts, [Looked(place - 5, place + 6)], within=5)
        assert left == visits[1:]


def test_a_look_at_one_ball_leaves_the_doubts_about_others() -> None:
    parts = [doubt(10, track=1), doubt(10, track=2)]
    (visit,) = worst(parts, [Looked(0, 20, track=1)])
    assert [d.track for d in visit.doubts] == [2]


def test_a_look_at_one_ball_is_no_look_at_the_picture() -> None:
    assert worst([doubt(10, track=PICTURE)], [Looked(0, 20, track=1)])
    assert not worst([doubt(10, track=PICTURE)], [Looked(0, 20)])


def test_one_visit_settles_neighbours_but_not_what_is_far_in_time() -> None:
    first, second = worst([doubt(10, severity=0.9), doubt(20), doubt(40, severity=0.6)])
    assert (first.frame, [d.frame for d in first.doubts]) == (10, [10, 20])
    assert second.frame == 40


@given(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)))
def test_a_second_stream_is_read_in_step_with_the_first(first: set[int], second: set[int]) -> None:
    answers = beside((frame, str(frame)) for frame in sorted(second))
    next(answers)
    found = {frame: answers.send(frame) for frame in sorted(first)}
    assert found == {frame: str(frame) if frame in second else None for frame in first}
