"""The time line says when balls are in play, where somebody should look and what happens, in few ranges that Label Studio shows."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from engine.doubts import Doubt, Sign
from engine.ports import TaskKind
from engine.ports.board import Happening, TableEvent
from engine.types import Clip
from ml_backend.shown.labelling import check, clip_config
from ml_backend.shown.timeline import EVENTS, MOST, events_to_result, said


def clip(frames: int = 300) -> Clip:
    return Clip("game-1", "v", "game.mp4", 0, frames, 400, 60, Fraction(30))


def doubt(start: int, stop: int, severity: float, *, why: str = "torn") -> Doubt:
    return Doubt(start, stop, (start + stop) // 2, 1, Sign.SHAPE, severity, why)


def frames_of(region) -> range:
    """Return the frames, counted from 0, that a range shows."""
    (told,) = region["value"]["ranges"]
    return range(told["start"] - 1, told["end"])


def looks(doubts, of):
    return [frames_of(one) for one in events_to_result(of, 7, plays=(), doubts=doubts)]


def test_the_gravest_doubts_are_looks_in_order():
    found = [doubt(5 + 30 * k, 9 + 30 * k, 0.1 * k) for k in range(10)]
    assert looks(found, clip()) == [range(5 + 30 * k, 9 + 30 * k) for k in range(2, 10)]


def test_a_look_ends_where_the_clip_does():
    assert looks([doubt(290, 320, 0.5), doubt(400, 420, 0.9)], clip()) == [range(290, 300)]


def test_a_doubt_about_the_picture_names_no_track():
    assert said(Doubt(1, 2, 1, 0, Sign.CLASS, 0.5, "17 balls are red")) == "17 balls are red"


def test_ranges_there_count_from_one_and_hold_their_last_frame():
    told = events_to_result(clip(90), 7, plays=[range(90)], doubts=[doubt(10, 20, 1)])
    assert told == [
        {
            "id": f"r7e{number}",
            "type": "timelinelabels",
            "from_name": "event",
            "to_name": "video",
            "origin": "prediction",
            "value": {"ranges": [ranges], "timelinelabels": [label]},
            **more,
        }
        for number, (ranges, label, more) in enumerate(
            [
                ({"start": 1, "end": 90}, "in play", {}),
                ({"start": 11, "end": 20}, "look", {"meta": {"text": ["track 1: torn"]}}),
            ]
        )
    ]


def test_a_time_line_stays_readable_and_fits_our_configuration():
    doubts = [doubt(20 * k, 20 * k + 5, 0.5) for k in range(15)]
    plays = [range(100 * k, 100 * k + 20) for k in range(30)]
    told = events_to_result(clip(3000), 7, plays=plays, doubts=doubts)
    assert 10 < len(told) <= MOST
    assert {one["value"]["timelinelabels"][0] for one in told} == {"in play", "look"}
    assert check(clip_config(), told, kind=TaskKind.CLIP) == []


def test_people_can_say_what_happens_in_the_words_that_we_use():
    assert set(Happening) < set(EVENTS)


def happenings(*kinds: Happening):
    return [TableEvent(kind, 10 * k, 10 * k + 2, (k + 1,), 0.9) for k, kind in enumerate(kinds)]


def labels(told):
    return [one["value"]["timelinelabels"][0] for one in told]


def test_what_happens_is_told_with_its_balls():
    hit = TableEvent(Happening.COLLISION, 298, 301, (1, 7), 0.6)
    pot, shot = events_to_result(
        clip(), 7, plays=(), doubts=(), happened=[hit, *happenings(Happening.POT)]
    )
    assert (labels([pot, shot]), frames_of(shot)) == (["pot", "collision"], range(298, 300))
    assert pot["meta"] == {"text": ["track 1; certainty 90%"]}
    assert shot["meta"] == {"text": ["tracks 1, 7; certainty 60%"]}


def test_a_kind_is_shown_whole_or_not_at_all_and_pots_come_first():
    pot, hit, cushion = Happening.POT, Happening.COLLISION, Happening.CUSHION
    found = happenings(*[cushion] * 9, *[hit] * 3, *[pot] * 2)
    plays = [range(100, 200)]
    told = events_to_result(clip(), 7, plays=plays, doubts=(), happened=found)
    assert labels(told) == ["in play", "pot", "pot", *["collision"] * 3]
    all_ = events_to_result(clip(), 7, plays=plays, doubts=(), happened=found[3:])
    assert labels(all_).count("cushion") == 6


def test_places_to_look_at_leave_no_room_for_what_happens():
    doubts = [doubt(20 * k, 20 * k + 5, 0.5) for k in range(8)]
    plays = [range(60 * k, 60 * k + 20) for k in range(4)]
    told = events_to_result(
        clip(), 7, plays=plays, doubts=doubts, happened=happenings(Happening.POT)
    )
    assert set(labels(told)) == {"in play", "look"}
    assert len(told) == MOST


@given(st.sets(st.integers(0, 300), min_size=2).map(sorted), st.lists(st.builds(doubt, st.integers(0, 150), st.integers(151, 400), st.floats(0, 1)), max_size=20))  # fmt: skip
def test_every_range_lies_in_the_clip_and_has_an_id_of_its_own(edges, doubts):
    plays = [range(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    told = events_to_result(clip(), 7, plays=plays, doubts=doubts)
    assert len({one["id"] for one in told}) == len(told) <= MOST
    assert all(0 <= frames_of(one).start < frames_of(one).stop <= 300 for one in told)
