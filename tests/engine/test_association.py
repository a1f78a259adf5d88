"""Which detections become prompts, and who is who."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.association import Candidate, Rules, admit, is_kept, look
from engine.errors import SettingsError
from engine.geometry import shift
from engine.tracks import Tracked, Tracks, born, end, expired, hit
from engine.types import Box, Detection

BALL: Box = (100.0, 100.0, 120.0, 120.0)
FAR: Box = (300.0, 100.0, 320.0, 120.0)
RULES = Rules()


def found(
    box: Box = BALL, *, label: str = "solid", score: float = 0.9, frame: int = 30
) -> Detection:
    return Detection(frame, box, label, score)


def known(*boxes: Box, score: float = 0.9, seen: int = 0) -> Tracks:
    tracks = Tracks()
    for box in boxes:
        tracks = born(tracks, found(box, score=score, frame=seen))
    return tracks


def test_a_detection_on_a_mask_agrees_with_it() -> None:
    seen = look(known(BALL), {1: BALL}, [found(shift(BALL, 1, 0))], rules=RULES)
    assert [track for track, _ in seen.agreed] == [1]
    assert not seen.disputed + seen.candidates


def test_a_detection_beside_its_mask_disputes_it() -> None:
    seen = look(known(BALL), {1: BALL}, [found(shift(BALL, 8, 0))], rules=RULES)
    assert [track for track, _ in seen.disputed] == [1]


def test_a_detection_of_two_overlapping_balls_as_one_corrects_neither() -> None:
    behind, front = shift(BALL, 10, -8), BALL
    both = (100.0, 92.0, 130.0, 120.0)
    seen = look(known(behind, front), {1: behind, 2: front}, [found(both)], rules=RULES)
    assert not seen.disputed
    assert not seen.candidates
    assert len(seen.agreed) == 1


def test_a_mask_cut_by_an_arm_still_belongs_to_its_detection() -> None:
    cut = (100.0, 100.0, 120.0, 104.0)
    seen = look(known(BALL), {1: cut}, [found()], rules=RULES)
    assert [track for track, _ in seen.disputed] == [1]
    assert not seen.candidates


def test_a_detection_without_a_mask_is_a_candidate() -> None:
    seen = look(known(BALL), {1: BALL}, [found(), found(FAR)], rules=RULES)
    assert [d.box for d in seen.candidates] == [FAR]


def test_two_detections_on_one_mask_are_not_two_balls() -> None:
    seen = look(known(BALL), {1: BALL}, [found(), found(shift(BALL, 3, 0))], rules=RULES)
    assert len(seen.agreed) == 1
    assert not seen.candidates


def test_touching_balls_are_two_balls() -> None:
    beside = shift(BALL, 20, 0)
    seen = look(known(BALL), {1: BALL}, [found(), found(beside)], rules=RULES)
    assert [d.box for d in seen.candidates] == [beside]


def test_a_weak_detection_says_nothing() -> None:
    seen = look(known(BALL), {1: BALL}, [found(FAR, score=0.1)], rules=RULES)
    assert not seen.candidates


def test_a_doubtful_track_that_two_looks_do_not_confirm_is_dropped() -> None:
    tracks = known(BALL, FAR, score=0.5)
    first = look(tracks, {1: BALL, 2: FAR}, [found()], rules=RULES)
    assert first.dropped == ()
    second = look(first.tracks, {1: BALL, 2: FAR}, [found()], rules=RULES)
    assert second.dropped == (2,)


def test_a_look_out_of_turn_counts_against_nobody() -> None:
    tracks = known(BALL, FAR, score=0.5)
    for _ in range(5):
        seen = look(tracks, {1: BALL, 2: FAR}, [found()], rules=RULES, counts=False)
        tracks = seen.tracks
        assert seen.dropped == ()


def test_a_blind_detector_counts_against_nobody() -> None:
    tracks = known(BALL, FAR, score=0.5)
    for _ in range(5):
        seen = look(tracks, {1: BALL, 2: FAR}, [], rules=RULES)
        tracks = seen.tracks
        assert seen.dropped == ()


def test_a_track_is_kept_after_one_sure_detection_or_two_of_any() -> None:
    (sure,) = known(BALL, score=0.85).alive
    (once,) = known(BALL, score=0.5).alive
    assert is_kept(sure, RULES)
    assert not is_kept(once, RULES)
    assert is_kept(hit(once, found(score=0.3)), RULES)


def test_a_mask_that_left_its_ball_and_is_overlooked_for_long_has_strayed() -> None:
    tracks = known(BALL, FAR)
    for wanted in ((), (), (2,)):
        seen = look(tracks, {1: BALL, 2: shift(FAR, 50, 0)}, [found()], rules=RULES)
        tracks = seen.tracks
        assert seen.strayed == wanted


def test_a_ball_at_rest_that_is_overlooked_for_long_stays() -> None:
    tracks = known(BALL, FAR)
    for _ in range(9):
        seen = look(tracks, {1: BALL, 2: FAR}, [found()], rules=RULES)
        tracks = seen.tracks
        assert seen.strayed == seen.dropped == ()


def test_scores_vote_for_the_class() -> None:
    (track,) = known(BALL, score=0.9).alive
    track = hit(track, found(label="stripe", score=0.6))
    assert track.label == "solid"
    assert hit(track, found(label="stripe", score=0.6)).label == "stripe"


def candidate(box: Box = BALL, *, first: int = 30, label: str = "solid", met: int = 0) -> Candidate:
    path = dict.fromkeys(range(first, 30), box)
    return Candidate(found(box, label=label), path, frozenset([met] if met else []))


def who(
    tracks: Tracks, *candidates: Candidate, visible: dict[int, str] | None = None
) -> tuple[int, ...]:
    return admit(tracks, candidates, visible=visible or {}, rules=RULES)[1]


def test_a_lost_ball_returns_where_it_was_whatever_its_class() -> None:
    assert who(known(BALL), candidate(label="stripe")) == (1,)


def test_a_lost_ball_of_the_class_may_have_rolled_on() -> None:
    assert who(known(BALL), candidate(shift(BALL, 100, 0))) == (1,)
    assert who(known(BALL), candidate(shift(BALL, 100, 0), label="stripe")) == (2,)


def test_no_ball_is_faster_than_possible() -> None:
    assert who(known(BALL, seen=28), candidate(shift(BALL, 100, 0))) == (2,)


def test_what_was_seen_at_the_same_time_is_another_ball() -> None:
    assert who(known(BALL, seen=20), candidate(shift(BALL, 40, 0), first=15)) == (2,)


def test_a_way_back_that_meets_a_lost_ball_is_its_own() -> None:
    tracks = known(BALL, shift(BALL, 60, 0))
    assert who(tracks, candidate(shift(BALL, 55, 0), met=1)) == (1,)


def test_a_visible_track_is_never_given_to_a_candidate() -> None:
    assert who(known(BALL), candidate(), visible={1: "solid"}) == (2,)


def test_a_track_that_jumped_onto_a_ball_of_another_class_is_brought_back() -> None:
    assert who(known(BALL), candidate(met=1), visible={1: "stripe"}) == (1,)
    assert who(known(BALL), candidate(met=1), visible={1: ""}) == (1,)
    assert who(known(BALL), candidate(met=1), visible={1: "solid"}) == (2,)


def test_a_track_that_shows_no_ball_now_is_brought_back_whatever_its_class() -> None:
    assert who(known(BALL), candidate(label="stripe", met=1), visible={1: ""}) == (1,)


def test_among_balls_of_one_class_the_motion_says_who_jumped() -> None:
    left = replace(candidate(met=1), owner=1)
    assert who(known(BALL), left, visible={1: "solid"}) == (1,)


def test_no_track_is_brought_back_to_a_ball_of_another_class_or_to_two() -> None:
    left = replace(candidate(label="stripe", met=1), owner=1)
    assert who(known(BALL), left, visible={1: "solid"}) == (2,)
    ids = who(known(BALL), candidate(met=1), candidate(met=1), visible={1: ""})
    assert sorted(ids) == [1, 2]


def test_two_candidates_share_two_lost_balls_in_the_best_way() -> None:
    tracks = known(BALL, shift(BALL, 60, 0))
    near_second, near_first = candidate(shift(BALL, 55, 0)), candidate(shift(BALL, 5, 0))
    assert who(tracks, near_second, near_first) == (2, 1)


def test_ids_count_up_and_are_never_used_twice() -> None:
    tracks, ids = admit(known(BALL), [candidate(FAR, label="x")], visible={}, rules=RULES)
    tracks = end(tracks, ids)
    assert born(tracks, found()).next_id == 4
    assert [track.id for track in tracks.named()] == [1, 2]


def test_a_track_nobody_has_seen_for_long_expires() -> None:
    tracks = known(BALL, FAR)
    tracks = replace(tracks, alive=(replace(tracks.alive[0], seen=50), tracks.alive[1]))
    assert expired(tracks, frame=100, patience=60) == (2,)


@pytest.mark.parametrize(
    "bad", [{"same": 1.5}, {"confidence": -0.1}, {"patience": 0}, {"misses": 0}]
)
def test_rules_outside_their_range_are_refused_by_name(bad: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=next(iter(bad))):
        replace(RULES, **bad)  # type: ignore[arg-type]  # wrong on purpose


places = st.tuples(st.integers(0, 8), st.integers(0, 4)).map(
    lambda p: shift(BALL, 40.0 * p[0], 40.0 * p[1])
)


@given(st.lists(places, unique=True), st.lists(places, unique=True))
def test_every_detection_is_matched_or_a_candidate_and_no_track_twice(
    masks: list[Box], boxes: list[Box]
) -> None:
    tracks = known(*masks)
    visible = {track.id: track.box for track in tracks.alive}
    seen = look(tracks, visible, [found(box) for box in boxes], rules=RULES)
    pairs = seen.agreed + seen.disputed
    assert len({track for track, _ in pairs}) == len(pairs)
    assert len(pairs) + len(seen.candidates) == len(boxes)
    assert {d.box for d in seen.candidates} == set(boxes) - set(masks)


def test_a_track_without_votes_is_a_ball() -> None:
    assert Tracked(1, BALL, 0, 0).label == "ball"
